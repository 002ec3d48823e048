package io.sluice.node.client;

import io.sluice.protocol.DoublingPause;
import java.time.Duration;

/**
 * How patient a client is.
 *
 * @param answer longest wait for the answer to a proposal
 * @param stall longest time without a block or a word while a transfer runs
 * @param funds longest wait for a ledger to confirm a channel or a top-up
 * @param firstTries attempts before a provider has answered for the first time
 * @param tries attempts without the position moving, once it has
 * @param pause wait before the second attempt; it doubles up to {@code longestPause}
 * @param longestPause longest wait between attempts
 * @param parked how long a parked deal is kept
 * @param outbox how long the last voucher of a deal is kept for a provider that has not answered
 * @param progressBytes a record of the position at least so often
 */
public record ClientLimits(
    Duration answer,
    Duration stall,
    Duration funds,
    int firstTries,
    int tries,
    Duration pause,
    Duration longestPause,
    Duration parked,
    Duration outbox,
    long progressBytes) {

  /** What a node uses that was not configured otherwise. */
  public static final ClientLimits DEFAULT =
      new ClientLimits(
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          Duration.ofMinutes(5),
          6,
          16,
          Duration.ofMillis(250),
          Duration.ofSeconds(10),
          Duration.ofHours(24),
          Duration.ofDays(7),
          8L << 20);

  /** No provider is left alone for longer, whatever it asks for. */
  private static final Duration MOST_PATIENCE = Duration.ofMinutes(1);

  /** How often to look whether anything still comes. */
  Duration watchPeriod() {
    Duration shorter = answer.compareTo(stall) < 0 ? answer : stall;
    long millis = Math.clamp(shorter.toMillis() / 4, 20, 1_000);
    return Duration.ofMillis(millis);
  }

  /** The wait before attempt {@code number}, from 1, of which the provider asked for so much. */
  Duration pauseBefore(long number, Duration asked) {
    Duration bounded = asked.compareTo(MOST_PATIENCE) < 0 ? asked : MOST_PATIENCE;
    Duration pause = pauseBefore(number);
    return pause.compareTo(bounded) < 0 ? bounded : pause;
  }

  /** The wait before attempt {@code number}, from 1. */
  Duration pauseBefore(long number) {
    return new DoublingPause(pause, longestPause).after(number);
  }
}
