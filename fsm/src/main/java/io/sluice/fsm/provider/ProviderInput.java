package io.sluice.fsm.provider;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;

/** What an event brings along. All figures are absolute, so that an event may come twice. */
public sealed interface ProviderInput {
  /** When it happened: recorders see no clock. */
  Instant at();

  /** Nothing but the time. */
  record At(Instant at) implements ProviderInput {}

  /**
   * The deal has its money side.
   *
   * @param terms the exact terms, those of the opening
   * @param lane where it will be paid
   */
  record Opened(Instant at, Terms terms, LaneUse lane) implements ProviderInput {}

  /**
   * How far the walk has come.
   *
   * @param charged bytes charged so far
   */
  record Sent(Instant at, long charged) implements ProviderInput {}

  /**
   * What counts as paid.
   *
   * @param credit in all, for this deal
   * @param nonce the highest voucher's
   * @param vouchers how many came with this event: 1, or 0 if the ledger made old ones count
   */
  record Paid(Instant at, TokenAmount credit, long nonce, long vouchers) implements ProviderInput {}

  /**
   * The client goes on.
   *
   * @param transfer the number of the transfer channel it uses now
   * @param position how many visits of the walk it has behind it
   */
  record Restarted(Instant at, long transfer, long position) implements ProviderInput {}

  /**
   * The transfer stands still, or the proposal is refused.
   *
   * @param charged bytes charged so far
   * @param reason why
   */
  record Stopped(Instant at, long charged, DealReason reason) implements ProviderInput {}

  /**
   * The deal is over.
   *
   * @param charged bytes charged in all
   * @param outcome how it ends
   * @param reason why
   */
  record Ended(Instant at, long charged, DealOutcome outcome, DealReason reason)
      implements ProviderInput {}
}
