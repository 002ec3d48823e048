package io.sluice.protocol.libp2p;

/** The stream was dropped in the middle, by the peer or by this end; the connection goes on. */
public final class StreamResetException extends Libp2pException {
  private final boolean byPeer;
  private final long code;

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param byPeer whether the other end did it
   * @param code the reason it gave, 0 for none
   */
  public StreamResetException(boolean byPeer, long code) {
    super(
        (byPeer ? "stream reset by peer" : "stream reset by this end")
            + (code == 0 ? "" : ", code 0x" + Long.toHexString(code)));
    this.byPeer = byPeer;
    this.code = code;
  }

  /** Whether the other end did it. */
  public boolean byPeer() {
    return byPeer;
  }

  /** The reason given, 0 for none; see {@link ResetCode} for those in use. */
  public long code() {
    return code;
  }
}
