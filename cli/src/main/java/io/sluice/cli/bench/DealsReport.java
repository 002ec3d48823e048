package io.sluice.cli.bench;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;

/**
 * {@code bench deals --json}.
 *
 * @param bytes what each deal buys
 * @param atOnce how many were under way at full load
 * @param paidPerDeal what each has to cost by the provider's quote
 * @param full as fast as it went
 * @param tenths the deals of the full load in the order of their beginning, in ten parts
 * @param half at half of that rate, begun one after the other whether those before were done or not
 * @param nodes what the two processes held, after so many deals
 * @param against what could be done a second by that which a deal cannot do without
 * @param ratios deals a second, of the full load, for each of those
 * @param books what both ends say was paid, and what had to be
 */
record DealsReport(
    long bytes,
    int atOnce,
    TokenAmount pricePerMiB,
    TokenAmount paidPerDeal,
    Load full,
    List<Load> tenths,
    Load half,
    List<NodeState> nodes,
    Map<String, Double> against,
    Map<String, Double> ratios,
    Books books) {
  /**
   * Deals under load.
   *
   * @param p50Millis what half of them took at most, from when the deal was wanted to its end
   */
  public record Load(int deals, double perSecond, double p50Millis, double p99Millis) {}

  /** Sums over all deals, those before the measurement and at half load included. */
  public record Books(int deals, TokenAmount due, TokenAmount spent, TokenAmount earned) {
    /** Whether nothing is missing or too much at either end. */
    public boolean exact() {
      return spent.equals(due) && earned.equals(due);
    }
  }
}
