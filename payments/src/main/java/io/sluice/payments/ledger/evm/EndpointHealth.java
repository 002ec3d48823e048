package io.sluice.payments.ledger.evm;

import java.time.Duration;
import java.time.Instant;

/**
 * How far an endpoint is to be trusted now: what it did, and from when on it is asked again.
 *
 * @param faults how often in a row it did not do its part
 * @param asideUntil not asked before
 * @param verified whether it was found to be the right chain since it was last put aside
 * @param isWrong whether it said what is not so when it was last asked
 * @param cause why it was put aside, for people
 */
record EndpointHealth(
    int faults, Instant asideUntil, boolean verified, boolean isWrong, String cause) {
  /** Nothing is known of it. */
  static final EndpointHealth NEW = new EndpointHealth(0, Instant.MIN, false, false, "");

  /** What fails for the first time may only have been busy. */
  private static final Duration FIRST = Duration.ofSeconds(2);

  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** Who says what is not so is either set up wrongly or not to be trusted. */
  private static final Duration WRONG = Duration.ofMinutes(10);

  private static final int MOST_DOUBLINGS = 8;

  boolean isUsable(Instant now) {
    return !now.isBefore(asideUntil);
  }

  /** It is the chain and the contract that it should be. */
  EndpointHealth found() {
    return new EndpointHealth(faults, asideUntil, true, false, cause);
  }

  /** It answered. */
  EndpointHealth answered() {
    return faults == 0 ? this : new EndpointHealth(0, asideUntil, verified, false, "");
  }

  /** It did not do its part: put aside, for twice as long each time; verified anew after that. */
  EndpointHealth failed(EndpointException fault, Instant now) {
    Duration wait =
        fault.wrong ? WRONG : FIRST.multipliedBy(1L << Math.min(faults, MOST_DOUBLINGS));
    Duration bounded = fault.wrong || wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
    return new EndpointHealth(
        faults + 1, now.plus(bounded), false, fault.wrong, String.valueOf(fault.getMessage()));
  }

  /** Whether a head of that height is too far behind what was seen before, here or elsewhere. */
  static boolean isBehind(long height, long highest, long tolerance) {
    return height < highest - tolerance;
  }
}
