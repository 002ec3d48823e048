package io.sluice.node.provider;

import java.time.Duration;

/**
 * What a provider lets its clients do.
 *
 * @param deals how many run at once
 * @param rates how often may be asked
 * @param waits for how long what is waited for
 * @param listed blocks that a do-not-send list may name
 * @param restarts restarts without the position moving
 * @param markBytes bytes that may be charged beyond what is durable
 * @param refusalsKept refused proposals recorded for each peer, and in all ten times as many, in an
 *     hour
 */
public record ProviderLimits(
    DealCounts deals,
    PeerRates rates,
    DealWaits waits,
    int listed,
    int restarts,
    long markBytes,
    int refusalsKept) {

  /** How many deals may run at once, of one peer and of all. */
  public record DealCounts(int perPeer, int inAll) {}

  /**
   * How often one peer may ask.
   *
   * @param proposals a minute, in the long run
   * @param burst proposals at once
   * @param queries asks and queries a minute
   */
  public record PeerRates(int proposals, int burst, int queries) {}

  /**
   * How long something may take.
   *
   * @param opening how long a paid proposal may be without its opening
   * @param payment how long a demand may go unanswered before the transfer is stopped
   * @param parked how long a paid deal waits for its client to come back
   * @param free the same for a free deal
   * @param early how long a payment waits for the deal that it names
   */
  public record DealWaits(
      Duration opening, Duration payment, Duration parked, Duration free, Duration early) {}

  /** Defaults. */
  public static final ProviderLimits DEFAULT =
      new ProviderLimits(
          new DealCounts(8, 2000),
          new PeerRates(10, 20, 60),
          new DealWaits(
              Duration.ofSeconds(30),
              Duration.ofMinutes(10),
              Duration.ofHours(24),
              Duration.ofMinutes(10),
              Duration.ofSeconds(5)),
          20_000,
          16,
          8L << 20,
          16);

  /** Checks that everything is positive. */
  public ProviderLimits {
    if (deals.perPeer < 1
        || deals.inAll < 1
        || rates.proposals < 1
        || rates.burst < 1
        || rates.queries < 1
        || listed < 0
        || restarts < 1
        || markBytes < 1
        || refusalsKept < 0) {
      throw new IllegalArgumentException("limits have to be positive: " + this);
    }
  }

  /** The same with another time to wait for payments. */
  public ProviderLimits withPaymentWait(Duration wait) {
    DealWaits other = new DealWaits(waits.opening, wait, waits.parked, waits.free, waits.early);
    return new ProviderLimits(deals, rates, other, listed, restarts, markBytes, refusalsKept);
  }

  /** The same with other counts of deals. */
  public ProviderLimits with(DealCounts other) {
    return new ProviderLimits(other, rates, waits, listed, restarts, markBytes, refusalsKept);
  }

  /** The same with other rates. */
  public ProviderLimits with(PeerRates other) {
    return new ProviderLimits(deals, other, waits, listed, restarts, markBytes, refusalsKept);
  }
}
