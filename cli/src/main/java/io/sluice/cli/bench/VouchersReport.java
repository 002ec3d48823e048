package io.sluice.cli.bench;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code bench vouchers --json}.
 *
 * @param all every voucher that was answered while each client wanted the next at once
 * @param tenths the same in the order in which they were sent, in ten parts
 * @param pace how many were wanted in a second after that
 * @param atPace those, each from when it was wanted, however late it was sent
 * @param costs what both processes and the disk had to do for {@code all} of them
 * @param against what could be done a second by that which a voucher cannot do without
 * @param ratios vouchers a second for each of those
 * @param books what the provider says it earned, and what was signed
 */
record VouchersReport(
    int clients,
    Load all,
    List<Load> tenths,
    double pace,
    Load atPace,
    Costs costs,
    Map<String, Double> against,
    Map<String, Double> ratios,
    Books books) {
  /**
   * Vouchers under load.
   *
   * @param p50Millis what half of them took at most, from before the voucher was signed until the
   *     block that it pays the way for was verified: by then it is durable at the provider
   */
  record Load(int vouchers, double perSecond, double p50Millis, double p99Millis) {
    static Load of(DealsReport.Load load) {
      return new Load(load.deals(), load.perSecond(), load.p50Millis(), load.p99Millis());
    }
  }

  /**
   * What each voucher cost, those while everything got warm included.
   *
   * @param providerCpuMillis of all that the provider does for a paid block
   * @param clientCpuMillis the same of the paying side
   * @param records of the provider's journal
   * @param syncs of the provider's journal
   * @param journalBytes of the provider's journal
   */
  record Costs(
      Optional<Double> providerCpuMillis,
      Optional<Double> clientCpuMillis,
      double records,
      double syncs,
      double journalBytes) {}

  /** Sums over all clients. */
  record Books(TokenAmount signed, TokenAmount earned) {
    /** Whether every voucher's worth arrived, and no more. */
    boolean exact() {
      return signed.equals(earned);
    }
  }
}
