package io.sluice.protocol.libp2p;

/** An operator's own rules keep this host and a peer apart; trying again is in vain. */
public final class PeerDeniedException extends Libp2pException {
  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message who or what is denied
   */
  public PeerDeniedException(String message) {
    super(message);
  }
}
