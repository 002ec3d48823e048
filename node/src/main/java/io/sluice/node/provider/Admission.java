package io.sluice.node.provider;

import static io.sluice.node.provider.Answers.typed;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.PaidOn;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/**
 * Begins deals, and goes on with them: a deal is durable, its lane with it, before its acceptance
 * is said.
 */
final class Admission {

  private static final Terms FREE =
      new Terms(TokenAmount.ZERO, TokenAmount.ZERO, 1, 0, 1, Terms.DEFAULT_VALID_SECONDS);

  private final DealDesk desk;
  private final DealCourse course;
  private final BlockStore blocks;
  private final ProviderLimits limits;
  private final Judge judge;
  private final Refusals refusals;

  Admission(
      DealDesk desk,
      DealCourse course,
      BlockStore blocks,
      ProviderLimits limits,
      Judge judge,
      Refusals refusals) {
    this.desk = desk;
    this.course = course;
    this.blocks = blocks;
    this.limits = limits;
    this.judge = judge;
    this.refusals = refusals;
  }

  /**
   * Begins a deal.
   *
   * @param durable whether that was recorded by a process before this one
   */
  PullDecision begin(Wish wish, boolean durable) {
    if (wish.request().asked().doNotSend().size() > limits.listed()) {
      return refusals.refuse(
          wish,
          Refusal.of(
              DealCode.TOO_MANY_EXCLUSIONS,
              "at most " + limits.listed() + " blocks may be listed"));
    }
    if (wish.opening().isPresent()) {
      return beginPaid(wish, wish.opening().get(), durable);
    }
    Optional<Refusal> no =
        judge
            .absent(wish.request().root())
            .or(
                () ->
                    wish.money() ? Optional.empty() : judge.unoffered(wish.request().root(), FREE))
            .or(() -> judge.crowded(wish.peer()));
    if (no.isPresent()) {
      return refusals.refuse(wish, no.get());
    }
    ProviderDeal deal = startUnless(durable, wish);
    Serving serving = serving(wish, deal, Optional.empty());
    boolean free = !wish.money();
    if (!free) {
      serving.startsWaiting();
    }
    desk.begin(serving);
    desk.send(wish.id(), free ? ProviderEvent.ADMITTED : ProviderEvent.OPENING_MISSING, desk.at())
        .join();
    desk.metrics().started(!free);
    return accept(wish, serving, !free);
  }

  /** Begins a deal, or goes on with one, whose opening has come. */
  PullDecision beginPaid(Wish wish, Node opening, boolean durable) {
    DealOpening open;
    try {
      open = DealOpening.of(opening);
    } catch (ProtocolException e) {
      return refusals.refuse(wish, Refusal.of(DealCode.named(e.code()), "" + e.getMessage()));
    }
    Judge.Judged judged = judge.judge(wish, open);
    if (judged.no().isPresent()) {
      return refusals.refuse(wish, judged.no().get());
    }
    Prepared<DealAccount> bound = judged.bound().orElseThrow();
    Optional<Refusal> no = judge.crowded(wish.peer());
    if (no.isPresent()) {
      bound.release();
      return refusals.refuse(wish, no.get());
    }
    ProviderDeal deal;
    try {
      deal = startUnless(durable, wish);
    } catch (RuntimeException e) {
      bound.release();
      throw e;
    }
    boolean feeFirst = !open.terms().fee().isZero();
    Serving serving = serving(wish, deal, Optional.of(bound.value()));
    if (feeFirst) {
      serving.startsWaiting();
    }
    desk.begin(serving);
    if (!opened(wish.id(), open, opening, bound)) {
      desk.drop(serving);
      return refusals.refuse(wish, Refusal.of(DealCode.INTERNAL, "the deal could not be recorded"));
    }
    desk.metrics().started(true);
    return accept(wish, serving, feeFirst);
  }

  /** Records the opening of a deal; waits until it is durable. */
  boolean opened(MachineId id, DealOpening open, Node opening, Prepared<DealAccount> bound) {
    DealAccount account = bound.value();
    PaidOn lane =
        new PaidOn(
            open.payee(),
            open.channel(),
            open.lane(),
            account.base(),
            account.payer(),
            Wish.hash(opening));
    boolean taken =
        desk.send(
                id,
                open.terms().fee().isZero() ? ProviderEvent.OPENED : ProviderEvent.OPENED_FEE_FIRST,
                new ProviderInput.Opened(desk.now(), open.terms(), lane),
                bound)
            .join();
    CrashPoint.OPENING_KEPT.reached();
    course.lookLater(id);
    return taken;
  }

  /** Goes on with a deal. */
  PullDecision restart(Wish wish, ProviderDeal deal, ProviderState state) {
    Optional<DealAccount> account = desk.account(wish.id());
    if (deal.lane().isPresent() && account.isEmpty()) {
      return refusals.refuse(wish, Refusal.of(DealCode.INTERNAL, "the deal's account is not here"));
    }
    account.ifPresent(by -> by.charged(deal.charged()));
    boolean waits = state == ProviderState.AWAITING_OPENING;
    Serving serving = serving(wish, deal, account);
    if (waits) {
      serving.startsWaiting();
    }
    desk.begin(serving);
    boolean taken =
        desk.send(
                wish.id(),
                ProviderEvent.RESTARTED,
                new ProviderInput.Restarted(
                    desk.now(),
                    wish.request().channel().transfer(),
                    wish.request().asked().skipFirst()))
            .join();
    if (!taken) {
      desk.drop(serving);
      return refusals.refuse(
          wish, Refusal.of(DealCode.BUSY, "the deal has just moved on; try again"));
    }
    desk.metrics().restarted();
    return accept(wish, serving, waits);
  }

  private ProviderDeal startUnless(boolean durable, Wish wish) {
    if (durable) {
      ProviderDeal deal = desk.find(wish.id()).orElseThrow().data();
      openChannel(wish, deal); // unless that was done before the last process was killed
      return deal;
    }
    PullRequest request = wish.request();
    Exclusions asked = request.asked();
    ProviderDeal deal =
        ProviderDeal.proposed(
            wish.peer(),
            wish.number(),
            request.root(),
            request.selector(),
            request.channel().transfer(),
            LeftOut.of(asked),
            wish.money(),
            desk.now());
    desk.start(wish.id(), deal);
    CrashPoint.PROPOSAL_KEPT.reached();
    openChannel(wish, deal);
    return deal;
  }

  private void openChannel(Wish wish, ProviderDeal deal) {
    PullRequest request = wish.request();
    desk.chronicle()
        .ifPresent(
            by -> by.opened(wish.id(), request.channel(), deal, request.voucher().orElseThrow()));
  }

  private Serving serving(Wish wish, ProviderDeal deal, Optional<DealAccount> account) {
    Exclusions asked = wish.request().asked();
    return new Serving(
        wish.id(),
        wish.number(),
        wish.request().pull(),
        new Exclusions(deal.leftOut().skipFirst(), asked.doNotSend()),
        asked.skipFirst(),
        Math.max(deal.charged(), account.map(DealAccount::charged).orElse(0L)),
        account,
        !deal.paid(),
        limits.markBytes(),
        course);
  }

  private PullDecision accept(Wish wish, Serving serving, boolean paused) {
    Optional<TypedVoucher> result =
        wish.request().kind() == PullRequest.PullKind.NEW
            ? Optional.of(typed(DealResponse.of(DealStatus.ACCEPTED, wish.number(), "")))
            : Optional.empty();
    RequestDecision.Serve how =
        RequestDecision.accept(blocks)
            .gated(serving)
            .heardBy(serving)
            .charging(serving.exclusions())
            .alone(wish.money());
    return PullDecision.accept(blocks, result).paused(paused).served(how);
  }
}
