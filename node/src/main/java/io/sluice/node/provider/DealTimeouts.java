package io.sluice.node.provider;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.node.provider.LiveDeals.LiveDeal;
import io.sluice.protocol.retrieval.DealCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Ends waits that have lasted long enough. What is known without the store says which deals these
 * may be; the store decides, since the deal may have moved on meanwhile.
 */
record DealTimeouts(
    SaleContext context, RunningTransfers transfers, DealEndings endings, ProviderLimits limits) {

  /** For a proposal whose decision was cut short; its client asks again long before. */
  private static final Duration UNDECIDED = Duration.ofMinutes(10);

  /** Looks at one live deal; waits for the journal if its time is over. */
  void check(MachineId id, LiveDeal deal, Instant now) {
    patience(deal)
        .filter(wait -> !deal.since().plus(wait).isAfter(now))
        .ifPresent(wait -> context.alone(id, () -> timedOut(id, deal)));
  }

  /** How long a deal may stay as it is; empty if for ever. */
  private Optional<Duration> patience(LiveDeal deal) {
    return switch (deal.state()) {
      case NEW -> Optional.of(UNDECIDED);
      case AWAITING_OPENING -> Optional.of(limits.waits().opening());
      case FUNDS_NEEDED, FINALIZING -> Optional.of(limits.waits().payment());
      case SUSPENDED -> Optional.of(deal.paid() ? limits.waits().parked() : limits.waits().free());
      default -> Optional.empty();
    };
  }

  private void timedOut(MachineId id, LiveDeal seen) {
    context
        .find(id)
        .filter(view -> view.state() == seen.state())
        .map(MachineView::data)
        .filter(deal -> deal.standing().since().equals(seen.since()))
        .ifPresent(deal -> timedOut(id, seen, deal));
  }

  private void timedOut(MachineId id, LiveDeal seen, ProviderDeal deal) {
    switch (seen.state()) {
      case NEW -> refuse(id, seen, deal, DealCode.TIMEOUT, "it was never decided about");
      case AWAITING_OPENING ->
          refuse(
              id,
              seen,
              deal,
              DealCode.NO_OPENING,
              "a paid deal needs its opening within "
                  + limits.waits().opening().toSeconds()
                  + " s");
      case FUNDS_NEEDED -> park(id);
      case FINALIZING ->
          endings.end(
              id,
              DealOutcome.COMPLETED,
              transfers.drop(id),
              DealCode.PAYMENT_TIMEOUT,
              "the last payment did not come");
      case SUSPENDED ->
          endings.end(
              id,
              DealOutcome.FAILED,
              transfers.of(id),
              deal.order().paid() ? DealCode.PAYMENT_TIMEOUT : DealCode.TIMEOUT,
              "the client did not come back");
      default -> {}
    }
  }

  private void refuse(
      MachineId id, LiveDeal seen, ProviderDeal deal, DealCode code, String message) {
    endings.refuse(id, seen.channel(), deal, false, ProposalRefusal.of(code, message));
  }

  /**
   * A demand went unanswered: the transfer's room is given back, the deal can be taken up again.
   */
  private void park(MachineId id) {
    Optional<ServedTransfer> transfer = transfers.of(id);
    endings.suspend(id, DealCode.PAYMENT_TIMEOUT, "a demand for payment went unanswered");
    transfer.ifPresent(running -> running.pull().close());
  }
}
