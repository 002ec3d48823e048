package io.sluice.payments.ledger.evm;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether a transaction that waits is replaced now by one that pays more, and by how much more: a
 * function of how many blocks have passed it by, and of the time until it is of no use.
 *
 * <p>Without a deadline a quarter more is tried after a while, since prices come down again. The
 * nearer the deadline is, the more what the transaction brings outweighs its gas: fewer blocks are
 * waited, and steps are larger. Nearest of all it doubles with each block, so that whoever keeps it
 * out by paying more has to pay that for every block; what is never passed is the cap.
 *
 * @param isDue whether it is time to replace it
 * @param percent what the replacement pays, of what is paid now
 */
record FeeRise(boolean isDue, int percent) {
  /** The last moment at which a few blocks are all that is left. */
  static final Duration PRESSING = Duration.ofMinutes(10);

  /** From here on there is no time to wait for prices to come down. */
  static final Duration NEAR = Duration.ofHours(1);

  /** Within so long a day's high may not pass any more. */
  static final Duration IN_SIGHT = Duration.ofHours(6);

  /** What is tried where nothing presses. */
  static final int A_QUARTER_MORE = 125;

  private static final int HALF_MORE = 150;
  private static final int DOUBLE = 200;

  /**
   * What is to be done about a transaction that could be included and is not.
   *
   * @param waited blocks since its newest version was handed out
   * @param left until the deadline by the chain's time, if there is one; once that is over nothing
   *     can be saved by paying more
   * @param stuckAfter blocks that are waited where nothing presses
   */
  static FeeRise of(long waited, Optional<Duration> left, long stuckAfter) {
    Optional<Duration> ahead = left.filter(time -> time.isPositive());
    if (isWithin(ahead, PRESSING)) {
      return new FeeRise(waited >= 1, DOUBLE);
    }
    if (isWithin(ahead, NEAR)) {
      return new FeeRise(waited >= Math.ceilDiv(stuckAfter, 4L), HALF_MORE);
    }
    if (isWithin(ahead, IN_SIGHT)) {
      return new FeeRise(waited >= Math.ceilDiv(stuckAfter, 2L), HALF_MORE);
    }
    return new FeeRise(waited >= stuckAfter, A_QUARTER_MORE);
  }

  private static boolean isWithin(Optional<Duration> left, Duration limit) {
    return left.filter(time -> time.compareTo(limit) <= 0).isPresent();
  }
}
