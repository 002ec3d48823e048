package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;
import java.util.List;

/** The peer is there and speaks none of the protocols proposed to it. */
public final class ProtocolNotSupportedException extends Libp2pException {
  /**
   * Made by hosts, and by tests that play one.
   *
   * @param peer who said no
   * @param proposed what it was asked for
   */
  public ProtocolNotSupportedException(PeerId peer, List<String> proposed) {
    super("peer " + peer + " speaks none of " + proposed);
  }
}
