package io.sluice.payments.home;

import io.sluice.payments.token.Amounts;
import io.sluice.protocol.retrieval.EvmAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * What a home does with its money by itself, beside redeeming, which the payee's policy rules, and
 * collecting, which always is done.
 *
 * @param settleIdleAfter a channel that no deal has used for so long is settled; empty for never
 * @param payoutTo where credit is withdrawn to; empty for the account that it belongs to
 * @param payoutAbove credit of a token is withdrawn once it is that much; of one of which there is
 *     none, there is no such bound
 * @param payoutEvery credit is withdrawn that often; empty for not by time
 */
public record AutopilotPolicy(
    Optional<Duration> settleIdleAfter,
    Optional<EvmAddress> payoutTo,
    Amounts payoutAbove,
    Optional<Duration> payoutEvery) {
  /** Nothing. */
  public static final AutopilotPolicy OFF =
      new AutopilotPolicy(Optional.empty(), Optional.empty(), Amounts.NONE, Optional.empty());

  /** Whether credit is ever withdrawn by itself. */
  boolean paysOut() {
    return !payoutAbove.isEmpty() || payoutEvery.isPresent();
  }
}
