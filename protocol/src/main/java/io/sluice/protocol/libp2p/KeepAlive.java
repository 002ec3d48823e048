package io.sluice.protocol.libp2p;

/**
 * The pings of one session: one at a time, sent when all was quiet or a while has passed. Their
 * answers show that the peer lives, and how far away it is. Written by the event loop alone.
 */
final class KeepAlive {
  private volatile long roundTrip;
  private int value;
  private long sent;
  private boolean outstanding;

  /** A ping goes out. Returns the value that its answer has to carry. */
  int ping(long now) {
    outstanding = true;
    sent = now;
    return ++value;
  }

  /** A ping was answered; answers to others do not count. */
  void answered(int echoed, long now) {
    if (outstanding && echoed == value) {
      outstanding = false;
      long measured = Math.max(1, now - sent);
      roundTrip = roundTrip == 0 ? measured : (roundTrip + measured) / 2;
    }
  }

  /** Whether the answer has not come for longer than that. */
  boolean isOverdue(long now, long patienceNanos) {
    return outstanding && now - sent > patienceNanos;
  }

  /** Whether the last ping was answered, and was sent longer ago than that. */
  boolean isDue(long now, long intervalNanos) {
    return !outstanding && now - sent > intervalNanos;
  }

  /** The smoothed time of a ping; 0 until the first was answered. For any thread. */
  long roundTripNanos() {
    return roundTrip;
  }
}
