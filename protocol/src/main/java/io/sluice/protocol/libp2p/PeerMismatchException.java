package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;

/** Somebody else lives at the dialled address: the proven key is not the expected peer's. */
public final class PeerMismatchException extends Libp2pException {
  private final PeerId expected;
  private final PeerId actual;

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param expected who was dialled
   * @param actual who answered
   */
  public PeerMismatchException(PeerId expected, PeerId actual) {
    super("dialled peer " + expected + ", but " + actual + " answered");
    this.expected = expected;
    this.actual = actual;
  }

  /** Who was dialled. */
  public PeerId expected() {
    return expected;
  }

  /** Who answered. */
  public PeerId actual() {
    return actual;
  }
}
