package io.sluice.node.provider;

import java.time.Duration;

/**
 * What a provider lets its clients do.
 *
 * @param dealsPerPeer deals of one peer that may run at once
 * @param deals the same for all peers
 * @param proposalsPerMinute proposals that one peer may make in the long run
 * @param proposalBurst proposals that it may make at once
 * @param queriesPerMinute asks and queries that one peer may make
 * @param listed blocks that a do-not-send list may name
 * @param restarts restarts without the position moving
 * @param openingWait how long a paid proposal may be without its opening
 * @param paymentWait how long a demand may go unanswered before the transfer is stopped
 * @param parked how long a paid deal waits for its client to come back
 * @param freeWait the same for a free deal
 * @param heldVouchers how long a payment waits for the deal that it names
 * @param markBytes bytes that may be charged beyond what is durable
 * @param refusalsKept refused proposals recorded for each peer, and in all ten times as many, in an
 *     hour
 */
public record ProviderLimits(
    int dealsPerPeer,
    int deals,
    int proposalsPerMinute,
    int proposalBurst,
    int queriesPerMinute,
    int listed,
    int restarts,
    Duration openingWait,
    Duration paymentWait,
    Duration parked,
    Duration freeWait,
    Duration heldVouchers,
    long markBytes,
    int refusalsKept) {

  /** Defaults. */
  public static final ProviderLimits DEFAULT =
      new ProviderLimits(
          8,
          2000,
          10,
          20,
          60,
          20_000,
          16,
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          Duration.ofHours(24),
          Duration.ofMinutes(10),
          Duration.ofSeconds(5),
          8L << 20,
          16);

  /** Checks that everything is positive. */
  public ProviderLimits {
    if (dealsPerPeer < 1
        || deals < 1
        || proposalsPerMinute < 1
        || proposalBurst < 1
        || queriesPerMinute < 1
        || listed < 0
        || restarts < 1
        || markBytes < 1
        || refusalsKept < 0) {
      throw new IllegalArgumentException("limits have to be positive: " + this);
    }
  }

  /** The same with other bounds on how many deals run. */
  public ProviderLimits withDeals(int perPeer, int inAll) {
    return new ProviderLimits(
        perPeer,
        inAll,
        proposalsPerMinute,
        proposalBurst,
        queriesPerMinute,
        listed,
        restarts,
        openingWait,
        paymentWait,
        parked,
        freeWait,
        heldVouchers,
        markBytes,
        refusalsKept);
  }

  /** The same with other rates. */
  public ProviderLimits withRates(int proposals, int burst, int queries) {
    return new ProviderLimits(
        dealsPerPeer,
        deals,
        proposals,
        burst,
        queries,
        listed,
        restarts,
        openingWait,
        paymentWait,
        parked,
        freeWait,
        heldVouchers,
        markBytes,
        refusalsKept);
  }

  /** The same with other times to wait. */
  public ProviderLimits withWaits(Duration opening, Duration payment, Duration parkedFor) {
    return new ProviderLimits(
        dealsPerPeer,
        deals,
        proposalsPerMinute,
        proposalBurst,
        queriesPerMinute,
        listed,
        restarts,
        opening,
        payment,
        parkedFor,
        freeWait,
        heldVouchers,
        markBytes,
        refusalsKept);
  }
}
