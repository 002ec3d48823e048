package io.sluice.node.provider;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.provider.ProposalDecision.Begin;
import io.sluice.node.provider.ProposalDecision.Bind;
import io.sluice.node.provider.ProposalDecision.GoOn;
import io.sluice.node.provider.ProposalDecision.Refuse;
import io.sluice.node.provider.ProposalDecision.SendAgain;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Takes proposals: which deals begin, which go on, and which do not.
 *
 * <p>The order of checks is that of cost and of what a stranger may learn: how often it asks, the
 * opening's signature and with it channel, payer and lane, then what is here, as queries of prices
 * tell it too, then the terms, then how much is going on. A deal is durable, its lane with it,
 * before its acceptance is said.
 */
final class Proposals {
  private static final int RESTARTS_PER_MINUTE = 60;

  private final SaleContext context;
  private final LiveDeals live;
  private final ProviderLimits limits;
  private final Admission admission;
  private final RefusalSender refusals;
  private final CompletedRestarts completed;
  private final Predicate<PeerId> denied;
  private final RateLimiter proposalRate;

  /** Of its own, so that a bad connection does not use up what new deals need. */
  private final RateLimiter restartRate;

  private final Set<MachineId> busy = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  Proposals(
      SaleContext context,
      LiveDeals live,
      ProviderLimits limits,
      Admission admission,
      RefusalSender refusals,
      CompletedRestarts completed,
      Clock clock,
      Predicate<PeerId> denied) {
    this.context = context;
    this.live = live;
    this.limits = limits;
    this.admission = admission;
    this.refusals = refusals;
    this.completed = completed;
    this.denied = denied;
    this.proposalRate = new RateLimiter(limits.rates().proposals(), limits.rates().burst(), clock);
    this.restartRate =
        new RateLimiter(RESTARTS_PER_MINUTE, limits.deals().perPeer() * limits.restarts(), clock);
  }

  /** From now on deals that run go on, restarts among them, and no other begins. */
  void beginNoMore() {
    closing = true;
  }

  /** A peer has paid for what it proposed: the limit is for those who only try. */
  void paidBy(PeerId peer) {
    proposalRate.giveBack(peer);
  }

  /** Decides about a request; blocks on the ledger and on the journal. */
  PullDecision decide(PullRequest request) {
    if (request.kind() == PullRequest.PullKind.RESUME) {
      return resume(request);
    }
    DealProposal asked;
    IncomingProposal proposal;
    try {
      asked = DealProposal.CODEC.decode(request.voucher().orElseThrow().value());
      proposal = incoming(request, asked);
    } catch (ProtocolException e) {
      context.metrics().refused(e.code());
      return PullDecision.reject(Optional.empty());
    }
    if (denied.test(proposal.peer())) {
      return refusals.refuse(
          proposal, ProposalRefusal.of(DealCode.PEER_BLOCKED, "this node does not serve you"));
    }
    boolean isLive = live.isLive(proposal.id(), proposal.peer());
    Duration wait = (isLive ? restartRate : proposalRate).take(proposal.peer());
    if (!wait.isZero()) {
      return refusals.refuse(
          proposal,
          ProposalRefusal.later(
              DealCode.RATE_LIMITED,
              "too many proposals; wait " + wait.toSeconds() + " s",
              wait.toSeconds()));
    }
    if (!asked.payload().equals(request.root())
        || !asked.selector().map(request.selector()::equals).orElse(true)) {
      return refusals.refuse(
          proposal,
          ProposalRefusal.of(DealCode.BAD_PROPOSAL, "root and selector are not the request's"));
    }
    // A client that asks again while the first is on its way to the journal must not begin twice.
    if (!busy.add(proposal.id())) {
      return refusals.refuse(
          proposal, ProposalRefusal.later(DealCode.BUSY, "that deal is being decided about", 1));
    }
    try {
      return act(
          proposal,
          ProposalRules.decide(context.find(proposal.id()), proposal, closing, limits.restarts()));
    } finally {
      busy.remove(proposal.id());
    }
  }

  private static IncomingProposal incoming(PullRequest request, DealProposal asked) {
    Optional<Node> opening =
        Optional.ofNullable(request.extensions().get(RetrievalNames.OPEN_EXTENSION));
    return new IncomingProposal(
        request,
        SaleContext.idOf(request.channel().initiator(), asked.id()),
        asked.id(),
        opening.isPresent() || !asked.isFree(),
        opening);
  }

  private PullDecision act(IncomingProposal proposal, ProposalDecision decision) {
    return switch (decision) {
      case Begin begin -> admission.begin(proposal, begin.durable());
      case Bind bind -> admission.beginPaid(proposal, bind.opening(), true);
      case GoOn goOn -> admission.restart(proposal, goOn.deal(), goOn.state());
      case SendAgain again ->
          completed
              .accept(proposal.request(), again.deal())
              .orElseGet(() -> refusals.refuse(proposal, ProposalRules.tooManyRestarts()));
      case Refuse refuse -> refusals.refuse(proposal, refuse.why());
    };
  }

  /** The client paused, which ended its request, and now makes it again. */
  private PullDecision resume(PullRequest request) {
    Optional<MachineView<ProviderState, ProviderDeal>> known =
        live.dealOf(request.channel()).flatMap(context::find);
    if (known.isEmpty() || known.get().state().isOver()) {
      return PullDecision.reject(Optional.empty());
    }
    ProviderDeal deal = known.get().data();
    IncomingProposal again =
        new IncomingProposal(
            request, known.get().id(), deal.order().id(), deal.order().paid(), Optional.empty());
    return ProposalRules.leavesOutTheSame(again, deal)
        ? admission.restart(again, deal, known.get().state())
        : refusals.refuse(again, ProposalRules.exclusionsChanged());
  }
}
