package io.sluice.node.provider;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decides about proposals: which deals begin, which go on, and which do not.
 *
 * <p>The order of checks is that of cost and of what a stranger may learn: how often it asks, the
 * opening's signature and with it channel, payer and lane, then what is here, as questions about
 * prices tell it too, then the terms, then how much is going on. A deal is durable, its lane with
 * it, before its acceptance is said.
 */
final class Proposals {

  private static final int RESTARTS_PER_MINUTE = 60;

  /** Nobody knows when a node that stops will be back; asking each minute does no harm. */
  private static final long BACK_SECONDS = 60;

  private final DealDesk desk;
  private final ProviderLimits limits;
  private final Admission admission;
  private final Refusals refusals;
  private final Allowance allowance;

  /** Of its own, so that a bad connection does not use up what new deals need. */
  private final Allowance restartAllowance;

  private final Encores encores;
  private final Set<MachineId> busy = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  Proposals(
      DealDesk desk,
      ProviderLimits limits,
      Admission admission,
      Refusals refusals,
      Encores encores,
      Clock clock) {
    this.desk = desk;
    this.limits = limits;
    this.admission = admission;
    this.refusals = refusals;
    this.encores = encores;
    this.allowance = new Allowance(limits.proposalsPerMinute(), limits.proposalBurst(), clock);
    this.restartAllowance =
        new Allowance(RESTARTS_PER_MINUTE, limits.dealsPerPeer() * limits.restarts(), clock);
  }

  /** Decides about a request; blocks on the ledger and on the journal. */
  PullDecision decide(PullRequest request) {
    if (request.kind() == PullRequest.PullKind.RESUME) {
      return resume(request);
    }
    Optional<Node> opening =
        Optional.ofNullable(request.extensions().get(RetrievalNames.OPEN_EXTENSION));
    DealProposal proposal;
    Wish wish;
    try {
      proposal = DealProposal.of(request.voucher().orElseThrow().value());
      wish =
          new Wish(
              request,
              DealDesk.idOf(request.channel().initiator(), proposal.id()),
              proposal.id(),
              opening.isPresent() || !proposal.isFree(),
              opening);
    } catch (ProtocolException e) {
      desk.metrics().refused(e.code());
      return PullDecision.reject(Optional.empty());
    }
    boolean live = desk.isLive(wish.id(), wish.peer());
    Duration wait = (live ? restartAllowance : allowance).take(wish.peer());
    if (!wait.isZero()) {
      return refusals.refuse(
          wish,
          Refusal.later(
              DealCode.RATE_LIMITED,
              "too many proposals; wait " + wait.toSeconds() + " s",
              wait.toSeconds()));
    }
    if (!proposal.payload().equals(request.root())
        || !proposal.selector().map(request.selector()::equals).orElse(true)) {
      return refusals.refuse(
          wish, Refusal.of(DealCode.BAD_PROPOSAL, "root and selector are not the request's"));
    }
    if (!busy.add(wish.id())) {
      return refusals.refuse(
          wish, Refusal.later(DealCode.BUSY, "that deal is being decided about", 1));
    }
    try {
      Optional<MachineView<ProviderState, ProviderDeal>> known = desk.find(wish.id());
      if (known.isEmpty()) {
        return begin(wish, false);
      }
      ProviderDeal deal = known.get().data();
      Optional<Refusal> no =
          Judge.different(wish, deal).or(() -> Judge.movedExclusions(wish, deal));
      if (no.isPresent()) {
        return refusals.refuse(wish, no.get());
      }
      return known.get().state() == ProviderState.NEW ? begin(wish, true) : goOn(wish, known.get());
    } finally {
      busy.remove(wish.id());
    }
  }

  /** From now on deals that run go on, restarts among them, and no other begins. */
  void beginNoMore() {
    closing = true;
  }

  private PullDecision begin(Wish wish, boolean durable) {
    return closing
        ? refusals.refuse(
            wish, Refusal.later(DealCode.SHUTTING_DOWN, "this provider is stopping", BACK_SECONDS))
        : admission.begin(wish, durable);
  }

  private PullDecision goOn(Wish wish, MachineView<ProviderState, ProviderDeal> known) {
    ProviderDeal deal = known.data();
    if (known.state() == ProviderState.COMPLETED
        || known.state() == ProviderState.COMPLETED_UNPAID) {
      return encores
          .play(wish.request(), known)
          .orElseGet(() -> refusals.refuse(wish, tooManyRestarts()));
    }
    if (DealDesk.isOver(known.state())) {
      return refusals.refuse(
          wish,
          Refusal.of(
              DealCode.named(deal.reason().isEmpty() ? known.state().name() : deal.reason()),
              "the deal is over: " + known.state()));
    }
    if (deal.restarts() >= limits.restarts()
        && wish.request().asked().skipFirst() <= deal.position()) {
      return refusals.refuse(wish, tooManyRestarts());
    }
    if (known.state() == ProviderState.AWAITING_OPENING && wish.opening().isPresent()) {
      return admission.beginPaid(wish, wish.opening().get(), true);
    }
    return admission.restart(wish, deal, known.state());
  }

  private static Refusal tooManyRestarts() {
    return Refusal.of(
        DealCode.TOO_MANY_RESTARTS, "the deal was restarted too often without moving on");
  }

  /** The client paused, which ended its request, and now makes it again. */
  private PullDecision resume(PullRequest request) {
    Optional<MachineId> id = desk.dealOf(request.channel());
    Optional<MachineView<ProviderState, ProviderDeal>> known = id.flatMap(desk::find);
    if (known.isEmpty() || DealDesk.isOver(known.get().state())) {
      return PullDecision.reject(Optional.empty());
    }
    ProviderDeal deal = known.get().data();
    Wish wish = new Wish(request, id.orElseThrow(), deal.id(), deal.paid(), Optional.empty());
    return Judge.movedExclusions(wish, deal)
        .map(no -> refusals.refuse(wish, no))
        .orElseGet(() -> admission.restart(wish, deal, known.get().state()));
  }
}
