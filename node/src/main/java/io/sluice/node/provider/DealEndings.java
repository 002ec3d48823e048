package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.unheard;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/**
 * How deals stop: for a while, or for good, paid or not. A deal that ends gives its lane free, and
 * what it leaves unpaid is remembered, in the same record.
 */
record DealEndings(SaleContext context, RunningTransfers transfers, ClientNotices notices) {
  /**
   * The bytes that a deal is charged in all. The record, the account and the transfer each know of
   * some, and learn of them at different moments; none of them ever knows of too many.
   */
  static long charged(
      ProviderDeal deal, Optional<DealAccount> account, Optional<ServedTransfer> transfer) {
    return Math.max(
        deal.charged(),
        Math.max(
            account.map(DealAccount::charged).orElse(0L),
            transfer.map(ServedTransfer::charged).orElse(0L)));
  }

  /** Records what counts as credit, if that is more than the deal knows. Waits. */
  boolean creditUp(MachineId id, ProviderDeal deal) {
    TokenAmount counts = context.account(id).map(DealAccount::credit).orElse(TokenAmount.ZERO);
    return counts.exceeds(deal.credit())
        && context
            .send(
                id,
                ProviderEvent.PAID,
                new ProviderInput.Paid(context.now(), counts, deal.nonce(), 0))
            .join();
  }

  /** Everything is paid. Waits until that is durable. */
  boolean settle(MachineId id, ProviderDeal deal) {
    long total = charged(deal, context.account(id), Optional.empty());
    return context
        .send(
            id,
            ProviderEvent.SETTLED,
            context.at(),
            context.payee().ended(SaleContext.refOf(id), total))
        .join();
  }

  /**
   * Ends a deal; waits until that is durable.
   *
   * @param was the transfer that was dropped for it
   * @return whether the deal was still to be ended in this way
   */
  boolean end(
      MachineId id,
      DealOutcome outcome,
      Optional<ServedTransfer> was,
      DealCode code,
      String message) {
    Optional<ProviderDeal> found = context.find(id).map(MachineView::data);
    if (found.isEmpty()) {
      return false;
    }
    ProviderDeal deal = found.get();
    Optional<DealAccount> account = context.account(id);
    long total = charged(deal, account, was);
    account.ifPresent(by -> by.charged(total));
    creditUp(id, deal);
    boolean leavesDebt = total > 0 && account.filter(by -> !by.settled()).isPresent();
    if (outcome == DealOutcome.COMPLETED && !leavesDebt) {
      return settle(id, deal);
    }
    return context
        .send(
            id,
            leavesDebt ? ProviderEvent.ENDED_OWING : ProviderEvent.ENDED,
            new ProviderInput.Ended(context.now(), total, outcome, new DealReason(code, message)),
            context.payee().ended(SaleContext.refOf(id), total))
        .join();
  }

  /** Stops whichever transfer the deal has; the deal waits for its client. */
  void suspend(MachineId id, DealCode reason, String message) {
    suspend(id, transfers.drop(id), reason, message);
  }

  /** The deal of a transfer waits for its client, unless another has taken the transfer's place. */
  void suspendAfter(ServedTransfer transfer, DealCode reason, String message) {
    MachineId id = transfer.deal();
    context.alone(
        id,
        () -> {
          if (transfers.of(id).isEmpty()) {
            suspend(id, Optional.of(transfer), reason, message);
          }
        });
  }

  private void suspend(
      MachineId id, Optional<ServedTransfer> was, DealCode reason, String message) {
    context
        .find(id)
        .map(view -> charged(view.data(), context.account(id), was))
        .map(
            total ->
                new ProviderInput.Stopped(context.now(), total, new DealReason(reason, message)))
        .ifPresent(stopped -> unheard(context.send(id, ProviderEvent.SUSPENDED, stopped)));
  }

  /** Ends a deal that cannot go on, and its transfer with a refusing result. */
  void fail(MachineId id, DealCode code, String message) {
    Optional<ServedTransfer> was = transfers.drop(id);
    Optional<ProviderDeal> paid =
        context.find(id).map(MachineView::data).filter(known -> known.money().isPresent());
    boolean ended = end(id, DealOutcome.FAILED, was, code, message);
    if (was.isPresent()) {
      ServedTransfer running = was.get();
      ClientNotices.end(
          running.pull(),
          paid.isPresent(),
          DealStatus.ERRORED,
          DealResult.of(running.number(), code).saying(message));
    } else if (paid.isPresent()) {
      ProviderDeal deal = paid.get();
      notices.refuse(
          context.channelOf(deal), DealResult.of(deal.order().id(), code).saying(message));
    }
    if (ended) {
      context.metrics().refused(code);
    }
  }

  /** Ends a deal because one side does not want it any more. */
  boolean cancel(MachineId id, String message) {
    return end(id, DealOutcome.CANCELLED, transfers.drop(id), DealCode.CANCELLED, message);
  }

  /** The client has called a deal off, and hears what is missing, or that nothing is. */
  void calledOff(MachineId id) {
    if (!cancel(id, "called off by the client")) {
      return;
    }
    context
        .find(id)
        .map(MachineView::data)
        .filter(deal -> deal.money().isPresent())
        .ifPresent(
            deal -> {
              ChannelId channel = context.channelOf(deal);
              stillUnpaid(id)
                  .ifPresentOrElse(
                      debt -> notices.unpaid(channel, debt, false),
                      () -> notices.settled(channel, deal));
            });
  }

  /** What a deal that is over still owes, as its client is told. */
  Optional<DealResult> stillUnpaid(MachineId id) {
    return context
        .find(id)
        .filter(view -> view.state() == ProviderState.UNPAID)
        .map(view -> DealResult.of(view.data().order().id(), DealCode.UNPAID))
        .flatMap(
            result ->
                context
                    .account(id)
                    .map(account -> result.owing(account.owed(), account.charged())));
  }

  /**
   * Ends a deal that was neither refused nor admitted yet.
   *
   * @param opened whether its opening is wrong; else none came
   */
  void refuse(
      MachineId id, ChannelId channel, ProviderDeal deal, boolean opened, ProposalRefusal why) {
    Optional<ServedTransfer> was = transfers.drop(id);
    boolean refused =
        context
            .send(
                id,
                ProviderEvent.REFUSED,
                new ProviderInput.Stopped(context.now(), 0, why.reason()))
            .join();
    if (!refused) {
      return;
    }
    context.metrics().refused(why.code());
    DealResult result = why.result(deal.order().id());
    was.ifPresentOrElse(
        running -> ClientNotices.end(running.pull(), opened, DealStatus.REJECTED, result),
        () -> notices.refuse(channel, result));
  }
}
