package io.sluice.fsm.engine;

import java.time.Duration;

/**
 * Bounds of an engine.
 *
 * @param stripes threads that handle events, 1 to 64; more of them share a journal's sync
 * @param mailbox events that may wait at one stripe before senders wait too, from 1 up
 * @param closing how long closing waits for the events already sent
 */
public record EngineLimits(int stripes, int mailbox, Duration closing) {
  /** Enough for a node of some thousand deals. */
  public static final EngineLimits DEFAULT = new EngineLimits(8, 4096, Duration.ofSeconds(10));

  /** Checks the ranges. */
  public EngineLimits {
    if (stripes < 1 || stripes > 64 || mailbox < 1 || closing.isNegative()) {
      throw new IllegalArgumentException(
          "stripes 1 to 64, mailbox from 1 up: " + stripes + ", " + mailbox + ", " + closing);
    }
  }
}
