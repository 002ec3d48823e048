package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;

/**
 * How many frames without data a peer may send: some at once, some each second, and some for each
 * piece of data that moves either way. What exceeds it is a flood. For one event loop.
 */
final class FrameAllowance {
  /** What a frame without data costs. */
  static final int CONTROL = 1;

  /** What opening a stream costs: it makes a thread and a negotiation. */
  static final int STREAM = 20;

  private static final long BURST = 40_000;
  private static final long PER_SECOND = 20_000;

  /** Small writes make small frames, each of which may be answered by an update. */
  private static final int BYTES_PER_FRAME = 64;

  private long credit = BURST;
  private long earned;
  private long last;

  FrameAllowance(long now) {
    last = now;
  }

  void earn(int bytes) {
    earned += bytes;
  }

  /**
   * Pays for a frame.
   *
   * @throws ProtocolException if there is nothing left to pay with
   */
  void spend(int price, long nowNanos) {
    credit -= price;
    if (credit < 0) {
      refill(nowNanos);
    }
    if (credit < 0) {
      throw new ProtocolException("RATE_LIMITED", "flood of frames without data");
    }
  }

  private void refill(long now) {
    long seconds = Math.min(now - last, 10_000_000_000L);
    long income = seconds * PER_SECOND / 1_000_000_000L + earned / BYTES_PER_FRAME;
    if (income > 0) {
      credit = Math.min(BURST, credit + income);
      earned = 0;
      last = now;
    }
  }
}
