package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;

/**
 * How much the peer may still send on one stream, and when it hears that it may send more.
 *
 * <p>Of the window's size, part is credit that the peer has, part is data that came and was not
 * read yet, and the rest is room. Once the room is a quarter of the window it is granted anew, all
 * of it, so that a fast peer is told four times a window and not for each read; told less often, it
 * would stand still for longer, since what it was granted goes out in one burst. If two grants
 * follow each other within two round trips, the window itself holds the peer back, and doubles if
 * the host has memory for that.
 *
 * <p>Guarded by the lock of its stream. Spec: yamux, flow control.
 */
final class ReceiveWindow {
  private static final int ROUND_TRIPS = 2;

  /** The part of the window that is granted at once. */
  private static final int PART = 4;

  private long size = Yamux.INITIAL_WINDOW;
  private long credit = Yamux.INITIAL_WINDOW;
  private long unread;
  private long untold;
  private long lastGrant;
  private boolean givenUp;

  ReceiveWindow(long now) {
    this.lastGrant = now;
  }

  /** Bytes of memory that it promises. */
  long size() {
    return size;
  }

  /**
   * A data frame of this length begins.
   *
   * @throws ProtocolException if the peer has no credit for that
   */
  void take(long length) {
    if (length > credit) {
      throw new ProtocolException(
          "FRAME_VIOLATION", "data frame of " + length + " bytes, credit of " + credit);
    }
    credit -= length;
  }

  /** So much of a frame is kept until it is read. */
  void keep(int length) {
    unread += length;
  }

  /** So much was read. Returns whether it is time for a grant. */
  boolean read(int count) {
    unread -= count;
    return room() >= size / PART;
  }

  /**
   * By how much the window should grow with the grant that is made now; 0 if it is large enough.
   */
  long wantedGrowth(long now, long roundTripNanos, long max) {
    long sinceLast = now - lastGrant;
    lastGrant = now;
    // Whatever it would still take is nobody's to give back.
    if (givenUp) {
      return 0;
    }
    return sinceLast >= ROUND_TRIPS * roundTripNanos ? 0 : Math.max(0, Math.min(size, max - size));
  }

  /** Grants all room, in a window that has grown so much. */
  void grant(long growth) {
    size += growth;
    long room = room();
    credit += room;
    untold += room;
  }

  /** What was granted and the peer does not know yet. */
  long takeUntold() {
    long delta = untold;
    untold = 0;
    return delta;
  }

  /**
   * The bytes of memory that go back to the host at the end: once, whichever of the ways to an end
   * came first. It does not grow any more.
   */
  long giveUp() {
    long promised = givenUp ? 0 : size;
    givenUp = true;
    return promised;
  }

  private long room() {
    return size - credit - unread;
  }
}
