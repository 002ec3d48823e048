package io.sluice.node.home;

import io.sluice.node.api.ServiceException;

/** Where the passphrase of the keys comes from; asked for only when a key is needed. */
@FunctionalInterface
public interface Passphrase {
  /**
   * The passphrase. May ask a person, and so may block.
   *
   * @throws ServiceException {@code NO_PASSPHRASE} if there is none
   */
  String get() throws ServiceException;
}
