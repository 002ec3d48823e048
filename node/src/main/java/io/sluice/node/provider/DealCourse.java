package io.sluice.node.provider;

import static io.sluice.node.provider.Answers.typed;
import static io.sluice.node.provider.Answers.unheard;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.GateDecision;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Carries a deal on from wherever it stands. {@link #look} is the step of every state: it finds out
 * what the deal's money, its transfer and its record say now, and does or says what follows. It is
 * called again whenever one of them may have changed, and does no harm by being called too often.
 */
final class DealCourse implements Serving.Owner {

  private final DealDesk desk;
  private final Answers answers;

  DealCourse(DealDesk desk, Answers answers) {
    this.desk = desk;
    this.answers = answers;
  }

  /** Looks at a deal and carries it on; blocks on the journal. */
  void look(MachineId id) {
    desk.alone(id, () -> desk.find(id).filter(view -> !view.ended()).ifPresent(this::carryOn));
  }

  void lookLater(MachineId id) {
    desk.later(() -> look(id));
  }

  private void carryOn(MachineView<ProviderState, ProviderDeal> view) {
    MachineId id = view.id();
    ProviderDeal deal = view.data();
    if (deal.lane().isPresent() && desk.creditUp(id, deal)) {
      deal = desk.find(id).map(MachineView::data).orElse(deal);
    }
    switch (view.state()) {
      case SERVING -> serve(id, deal);
      case FUNDS_NEEDED -> askForFunds(id, deal);
      case FINALIZING -> finish(id, deal);
      case COMPLETED_UNPAID, PARTIAL_UNPAID, FAILED_UNPAID, CANCELLED_UNPAID ->
          settleIfPaid(id, deal, view.state());
      case NEW, AWAITING_OPENING, SUSPENDED -> {}
      case COMPLETED, PARTIAL, FAILED, CANCELLED, REFUSED -> {}
    }
  }

  private void serve(MachineId id, ProviderDeal deal) {
    Optional<Serving> serving = desk.serving(id);
    if (serving.isEmpty()) {
      suspend(id, deal.charged(), DealCode.CONNECTION_LOST, "nothing is under way");
    } else {
      goOn(serving.get(), deal);
    }
  }

  private static void goOn(Serving serving, ProviderDeal deal) {
    if (serving.goOn()) {
      serving.pull().resume(Optional.of(typed(DealResponse.of(DealStatus.ONGOING, deal.id(), ""))));
    }
  }

  /**
   * The credit that opens the gate is durable, so blocks need not wait for the record that it is
   * open; should the gate close again at once, that is recorded after it.
   */
  private void open(MachineId id, ProviderDeal deal, Serving serving) {
    if (serving.mayRecordOpening()) {
      unheard(
          desk.send(id, ProviderEvent.GATE_OPENED, desk.at())
              .whenComplete((taken, failure) -> serving.openingIsRecorded()));
    }
    goOn(serving, deal);
  }

  private void askForFunds(MachineId id, ProviderDeal deal) {
    Optional<Serving> serving = desk.serving(id);
    Optional<DealAccount> account = desk.account(id);
    if (serving.isEmpty()) {
      suspend(id, deal.charged(), DealCode.CONNECTION_LOST, "nothing is under way");
      return;
    }
    if (account.isEmpty()) {
      return; // the opening is durable, its account a moment away; whoever makes it looks again
    }
    // What came while the gate was closing may be enough already.
    GateDecision pass = account.get().pass(serving.get().wanted());
    if (pass == GateDecision.OPEN) {
      open(id, deal, serving.get());
      return;
    }
    if (serving.get().mayDemand(pass, account.get().charged())) {
      demand(serving.get().pull().channel(), deal, account.get(), pass);
    }
  }

  /**
   * The client says that it has everything, and has paid for it. A deal whose transfer is gone,
   * since this node was killed before it noted that all was sent, is then at its end too.
   */
  void clientHasAll(MachineId id, long charged) {
    desk.alone(
        id,
        () -> {
          Optional<ProviderDeal> suspended =
              desk.find(id)
                  .filter(view -> view.state() == ProviderState.SUSPENDED)
                  .map(MachineView::data);
          Optional<DealAccount> account = desk.account(id);
          if (suspended.isPresent() && account.isPresent()) {
            boolean covered =
                !account.get().terms().due(charged).exceeds(account.get().vouchered());
            long total = Math.max(suspended.get().charged(), covered ? charged : 0);
            unheard(
                desk.send(id, ProviderEvent.ALL_SENT, new ProviderInput.Sent(desk.now(), total)));
          }
        });
  }

  /** States what stands in the way, in absolute figures: saying it twice asks for nothing twice. */
  private void demand(
      ChannelId channel, ProviderDeal deal, DealAccount account, GateDecision pass) {
    long charged = account.charged();
    TokenAmount owed = account.owed();
    List<TypedVoucher> demands =
        switch (pass) {
          case PAYMENT_NEEDED, OPEN -> Answers.demands(deal.id(), owed, charged);
          case DEPOSIT_USED ->
              List.of(
                  typed(
                      DealResult.of(deal.id(), DealCode.DEPOSIT_USED)
                          .owing(owed, charged)
                          .shortBy(account.shortfall())));
          case PAYER_LIMIT ->
              List.of(
                  typed(
                      DealResult.of(deal.id(), DealCode.PAYER_LIMIT)
                          .owing(owed, charged)
                          .saying("other deals of this payer owe too much")));
        };
    demands.forEach(demand -> unheard(answers.result(channel, true, true, demand)));
  }

  private void finish(MachineId id, ProviderDeal deal) {
    Optional<DealAccount> account = desk.account(id);
    account.ifPresent(by -> by.charged(deal.charged()));
    ChannelId channel = desk.channelOf(deal);
    if (account.map(DealAccount::settled).orElse(deal.owed().isZero())) {
      if (desk.settle(id, deal)) {
        CrashPoint.DEAL_SETTLED.reached();
        completed(channel, deal);
        desk.drop(id);
      }
      return;
    }
    Optional<Serving> serving = desk.serving(id);
    TokenAmount owed = account.map(DealAccount::owed).orElse(deal.owed());
    boolean due = serving.isEmpty() || serving.get().mayDemand(GateDecision.PAYMENT_NEEDED, -1);
    if (!owed.isZero() && due) {
      answers.complete(channel, true, Optional.empty());
      answers.complete(
          channel,
          true,
          Optional.of(
              typed(DealResponse.demand(DealStatus.FUNDS_NEEDED_LAST_PAYMENT, deal.id(), owed))));
      unheard(
          answers.result(
              channel,
              true,
              true,
              typed(DealResult.of(deal.id(), DealCode.LAST_PAYMENT).owing(owed, deal.charged()))));
    }
  }

  /** Says that the deal is done; a free deal in the words of old, without a result. */
  void completed(ChannelId channel, ProviderDeal deal) {
    answers.complete(
        channel,
        false,
        deal.paid()
            ? Optional.of(typed(DealResponse.of(DealStatus.COMPLETED, deal.id(), "")))
            : Optional.empty());
  }

  private void settleIfPaid(MachineId id, ProviderDeal deal, ProviderState state) {
    if (!desk.account(id).map(DealAccount::settled).orElse(deal.owed().isZero())) {
      return;
    }
    if (desk.settle(id, deal) && state == ProviderState.COMPLETED_UNPAID) {
      completed(desk.channelOf(deal), deal);
    }
  }

  /** Stops the transfer; the deal waits for its client. */
  void suspend(MachineId id, long charged, DealCode reason, String message) {
    desk.drop(id);
    unheard(
        desk.send(
            id,
            ProviderEvent.SUSPENDED,
            new ProviderInput.Stopped(desk.now(), charged, reason.name(), message)));
  }

  /** Ends a deal that cannot go on, and its transfer with a refusing result. */
  void fail(MachineId id, DealCode code, String message) {
    Optional<Serving> serving = desk.drop(id);
    Optional<ProviderDeal> deal = desk.find(id).map(MachineView::data);
    if (deal.isEmpty()) {
      return;
    }
    if (deal.get().lane().isPresent()) {
      unheard(
          answers.result(
              desk.channelOf(deal.get()),
              false,
              true,
              typed(DealResult.of(deal.get().id(), code).saying(message))));
    }
    boolean ended =
        desk.end(
            id,
            ProviderEvent.FAILED,
            ProviderEvent.FAILED_OWING,
            Math.max(deal.get().charged(), serving.map(Serving::charged).orElse(0L)),
            code,
            message);
    serving.ifPresent(
        running -> {
          unheard(
              running
                  .pull()
                  .refuse(
                      Optional.of(
                          typed(
                              DealResponse.of(
                                  DealStatus.ERRORED, deal.get().id(), code + ": " + message)))));
        });
    if (ended) {
      desk.metrics().refused(code);
    }
  }

  /** Ends a deal because one side does not want it any more. */
  boolean cancel(MachineId id, String message) {
    Optional<Serving> serving = desk.drop(id);
    Optional<ProviderDeal> deal = desk.find(id).map(MachineView::data);
    return deal.isPresent()
        && desk.end(
            id,
            ProviderEvent.CANCELLED,
            ProviderEvent.CANCELLED_OWING,
            Math.max(deal.get().charged(), serving.map(Serving::charged).orElse(0L)),
            DealCode.CANCELLED,
            message);
  }

  // what transfers tell

  @Override
  public void gateClosed(Serving serving, GateDecision why, long charged) {
    CrashPoint.GATE_CLOSED.reached();
    desk.metrics().gateClosed(why.name());
    unheard(
        desk.send(
            serving.deal(),
            ProviderEvent.GATE_CLOSED,
            new ProviderInput.Sent(desk.now(), charged)));
  }

  @Override
  public CompletableFuture<?> progress(Serving serving, long charged) {
    return desk.send(
        serving.deal(), ProviderEvent.PROGRESS, new ProviderInput.Sent(desk.now(), charged));
  }

  @Override
  public void behind(Serving serving, long position) {
    desk.later(
        () -> {
          String message = "the restart asks from visit " + position + ", before what is paid";
          desk.metrics().refused(DealCode.RESTART_BEHIND_PAID);
          ChannelId channel = serving.pull().channel();
          unheard(
              answers.result(
                  channel,
                  false,
                  true,
                  typed(
                      DealResult.of(serving.number(), DealCode.RESTART_BEHIND_PAID)
                          .saying(message))));
          desk.drop(serving);
          unheard(
              serving
                  .pull()
                  .refuse(
                      Optional.of(
                          typed(
                              DealResponse.of(
                                  DealStatus.ERRORED,
                                  serving.number(),
                                  "RESTART_BEHIND_PAID: " + message)))));
          suspendWithout(serving, DealCode.RESTART_BEHIND_PAID, message);
        });
  }

  /** The deal waits for its client, unless another transfer has taken the place of this one. */
  private void suspendWithout(Serving serving, DealCode reason, String message) {
    MachineId id = serving.deal();
    desk.alone(
        id,
        () -> {
          if (desk.serving(id).isEmpty()) {
            suspend(id, serving.charged(), reason, message);
          }
        });
  }

  @Override
  public void finished(Serving serving, ResponseStatus status, long charged) {
    MachineId id = serving.deal();
    desk.later(
        () -> {
          switch (status) {
            case COMPLETED -> {
              CrashPoint.ALL_SENT.reached();
              unheard(
                  desk.send(
                      id, ProviderEvent.ALL_SENT, new ProviderInput.Sent(desk.now(), charged)));
            }
            case COMPLETED_PARTIAL -> sentInPart(serving, charged);
            case CANCELLED -> {} // whoever ended the transfer sees to the deal
            default -> {
              desk.drop(serving);
              desk.end(
                  id,
                  ProviderEvent.FAILED,
                  ProviderEvent.FAILED_OWING,
                  charged,
                  status == ResponseStatus.NOT_FOUND ? DealCode.NOT_FOUND : DealCode.INTERNAL,
                  "the transfer ended with status " + status);
            }
          }
        });
  }

  private void sentInPart(Serving serving, long charged) {
    MachineId id = serving.deal();
    desk.drop(serving);
    desk.end(
        id,
        ProviderEvent.SENT_IN_PART,
        ProviderEvent.SENT_IN_PART_OWING,
        charged,
        DealCode.PARTIAL,
        "some blocks are not here");
    desk.account(id)
        .filter(account -> !account.owed().isZero())
        .ifPresent(
            account -> {
              unheard(
                  answers.result(
                      serving.pull().channel(),
                      true,
                      true,
                      typed(
                          DealResult.of(serving.number(), DealCode.PARTIAL)
                              .owing(account.owed(), account.charged()))));
            });
  }

  @Override
  public void stopped(Serving serving, DealCode reason, String message) {
    desk.drop(serving);
    desk.later(() -> suspendWithout(serving, reason, message));
  }

  @Override
  public void sent(long bytes) {
    CrashPoint.BLOCKS_SENT.reached();
    desk.metrics().served(bytes);
  }
}
