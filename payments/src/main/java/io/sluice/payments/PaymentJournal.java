package io.sluice.payments;

import java.io.IOException;

/**
 * Where payments keep what must survive: a port, implemented by the deal store.
 *
 * <p>Records come here from payments alone or as attachments of deal events; at start {@code
 * Payments.restore} gets all of them, of both kinds, in the order in which they were written.
 */
@FunctionalInterface
public interface PaymentJournal {
  /**
   * Writes one record and returns when it is durable. Called from many threads; never with a lock
   * held.
   *
   * @throws IOException if it is not known to be durable: the node has to stop
   */
  void append(PaymentRecord record) throws IOException;
}
