package io.sluice.payments.payee;

import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What a redemption would have cost on one ledger during the last day, to tell a cheap moment. */
final class CostOfTheDay {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration STEP = Duration.ofMinutes(10);

  /** With fewer nothing is said: two hours are no day. */
  private static final int ENOUGH = 12;

  private record Sample(Instant at, TokenAmount cost) {}

  private final Deque<Sample> samples = new ArrayDeque<>();

  /**
   * Takes note of the cost now.
   *
   * @return whether it is among the lowest tenth of the day; false where it never changes
   */
  synchronized boolean isCheap(TokenAmount cost, Instant now) {
    while (!samples.isEmpty() && samples.getFirst().at.plus(DAY).isBefore(now)) {
      samples.removeFirst();
    }
    if (samples.isEmpty() || !samples.getLast().at.plus(STEP).isAfter(now)) {
      samples.addLast(new Sample(now, cost));
    }
    if (samples.size() < ENOUGH) {
      return false;
    }
    List<TokenAmount> sorted = samples.stream().map(Sample::cost).sorted().toList();
    TokenAmount tenth = sorted.get(sorted.size() / 10);
    TokenAmount usual = sorted.get(sorted.size() / 2);
    return !cost.exceeds(tenth) && usual.exceeds(cost);
  }
}
