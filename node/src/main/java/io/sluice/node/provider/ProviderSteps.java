package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.typed;
import static io.sluice.node.provider.ClientNotices.unheard;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a provider does in each state of a deal. A step finds out what the deal's money, its
 * transfer and its record say now, and does or says what follows; so it does no harm by running too
 * often. It runs when the deal comes into its state, again whenever something that it looks at may
 * have changed ({@link SaleContext#look}), and always alone for its deal.
 */
record ProviderSteps(
    SaleContext context, RunningTransfers transfers, DealEndings endings, ClientNotices notices) {

  /** At the end there is one demand, whatever the charged bytes: a mark that these never have. */
  private static final long AT_THE_END = -1;

  /** A state's step. Blocks on the journal. */
  @FunctionalInterface
  interface DealStep {
    void run(MachineView<ProviderState, ProviderDeal> view);
  }

  /** A step that has the deal with all that counts as its credit. */
  @FunctionalInterface
  private interface CreditedStep {
    void run(MachineId id, ProviderDeal deal);
  }

  Map<ProviderState, DealStep> byState() {
    Map<ProviderState, DealStep> steps = new EnumMap<>(ProviderState.class);
    steps.put(ProviderState.SERVING, credited(this::serve));
    steps.put(ProviderState.FUNDS_NEEDED, credited(this::demandFunds));
    steps.put(ProviderState.FINALIZING, credited(this::finish));
    steps.put(ProviderState.SUSPENDED, credited((id, deal) -> {}));
    steps.put(ProviderState.UNPAID, credited(this::settleIfPaid));
    return steps;
  }

  /** First of all, in every state, what counts by now is recorded as the deal's credit. */
  private DealStep credited(CreditedStep step) {
    return view -> {
      MachineId id = view.id();
      ProviderDeal deal = view.data();
      if (deal.money().isPresent() && endings.creditUp(id, deal)) {
        deal = context.find(id).map(MachineView::data).orElse(deal);
      }
      step.run(id, deal);
    };
  }

  // blocks against payment

  private void serve(MachineId id, ProviderDeal deal) {
    transfers.of(id).ifPresentOrElse(transfer -> goOn(transfer, deal), () -> nothingRuns(id));
  }

  /** A new process, or a connection that was lost on the way here. */
  private void nothingRuns(MachineId id) {
    endings.suspend(id, DealCode.CONNECTION_LOST, "nothing is under way");
  }

  private void goOn(ServedTransfer transfer, ProviderDeal deal) {
    if (transfer.goOn()) { // one taker: a walk that is resumed twice would not stop when it has to
      context.metrics().waited(Duration.between(transfer.waitsSince(), context.now()));
      transfer
          .pull()
          .resume(Optional.of(typed(DealResponse.of(DealStatus.ONGOING, deal.order().id(), ""))));
    }
  }

  private void demandFunds(MachineId id, ProviderDeal deal) {
    Optional<ServedTransfer> running = transfers.of(id);
    Optional<DealAccount> account = context.account(id);
    if (running.isEmpty()) {
      nothingRuns(id);
      return;
    }
    if (account.isEmpty()) {
      return; // the opening is durable, its account a moment away; whoever makes it looks again
    }
    ServedTransfer transfer = running.get();
    // What came while the gate was closing may be enough already.
    BlockPermit pass = account.get().pass(transfer.wanted());
    if (pass == BlockPermit.OPEN) {
      open(id, deal, transfer);
    } else if (transfer.mayDemand(pass, account.get().charged())) {
      demand(transfer.pull().channel(), deal.order().id(), account.get(), pass);
    }
  }

  /**
   * The credit that opens the gate is durable, so blocks need not wait for the record that it is
   * open; should the gate close again at once, that is recorded after it.
   */
  private void open(MachineId id, ProviderDeal deal, ServedTransfer transfer) {
    if (transfer.mayRecordOpening()) {
      unheard(
          context
              .send(id, ProviderEvent.GATE_OPENED, context.at())
              .whenComplete((taken, failure) -> transfer.openingIsRecorded()));
    }
    goOn(transfer, deal);
  }

  /** States what stands in the way, in absolute figures: saying it twice asks for nothing twice. */
  private void demand(ChannelId channel, long deal, DealAccount account, BlockPermit pass) {
    long charged = account.charged();
    TokenAmount owed = account.owed();
    switch (pass) {
      case PAYMENT_NEEDED, OPEN ->
          ClientNotices.demands(deal, owed, charged)
              .forEach(demand -> notices.accept(channel, true, demand));
      case DEPOSIT_USED ->
          notices.accept(
              channel,
              true,
              typed(
                  DealResult.of(deal, DealCode.DEPOSIT_USED)
                      .owing(owed, charged)
                      .shortBy(account.shortfall())));
      case PAYER_LIMIT ->
          notices.accept(
              channel,
              true,
              typed(
                  DealResult.of(deal, DealCode.PAYER_LIMIT)
                      .owing(owed, charged)
                      .saying("other deals of this payer owe too much")));
    }
  }

  // the end

  private void finish(MachineId id, ProviderDeal deal) {
    Optional<DealAccount> account = context.account(id);
    account.ifPresent(by -> by.charged(deal.charged())); // a new process: payments do not record it
    ChannelId channel = context.channelOf(deal);
    if (isSettled(account, deal)) {
      if (endings.settle(id, deal)) { // durable before the client hears it
        CrashPoint.DEAL_SETTLED.reached();
        notices.completed(channel, deal.order());
        transfers.drop(id);
      }
      return;
    }
    TokenAmount owed = account.map(DealAccount::owed).orElse(deal.owed());
    boolean due =
        transfers
            .of(id)
            .map(it -> it.mayDemand(BlockPermit.PAYMENT_NEEDED, AT_THE_END))
            .orElse(true);
    // Both shapes of the demand: clients of old read the classic one, ours the exact figures.
    if (!owed.isZero() && due) {
      notices.complete(channel, true, Optional.empty());
      notices.lastPayment(channel, deal.order().id(), owed);
      long charged = DealEndings.charged(deal, account, Optional.empty());
      notices.accept(
          channel,
          true,
          typed(DealResult.of(deal.order().id(), DealCode.LAST_PAYMENT).owing(owed, charged)));
    }
  }

  /** The transfer is gone, for a moment or for days. */
  private void settleIfPaid(MachineId id, ProviderDeal deal) {
    if (isSettled(context.account(id), deal) && endings.settle(id, deal)) {
      notices.settled(context.channelOf(deal), deal);
    }
  }

  /** What the account says, as long as it is remembered; free deals and old ones have none. */
  private static boolean isSettled(Optional<DealAccount> account, ProviderDeal deal) {
    return account.map(DealAccount::settled).orElse(deal.owed().isZero());
  }
}
