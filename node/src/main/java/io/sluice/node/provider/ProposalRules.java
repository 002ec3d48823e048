package io.sluice.node.provider;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderOrder;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.provider.ProposalDecision.Begin;
import io.sluice.node.provider.ProposalDecision.Bind;
import io.sluice.node.provider.ProposalDecision.GoOn;
import io.sluice.node.provider.ProposalDecision.Refuse;
import io.sluice.node.provider.ProposalDecision.SendAgain;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.retrieval.DealCode;
import java.util.Optional;

/**
 * Which proposals begin a deal, which go on with one, and which are refused: functions of the
 * proposal and of what is known of its deal, that touch nothing.
 */
final class ProposalRules {
  /** Nobody knows when a node that stops will be back; asking each minute does no harm. */
  private static final long BACK_SECONDS = 60;

  private ProposalRules() {}

  /**
   * Decides.
   *
   * @param known the deal of that name, if there is one
   * @param closing whether no deal begins any more
   * @param restarts how many restarts there may be without the position moving
   */
  static ProposalDecision decide(
      Optional<MachineView<ProviderState, ProviderDeal>> known,
      IncomingProposal proposal,
      boolean closing,
      int restarts) {
    if (known.isEmpty()) {
      return begin(false, closing);
    }
    MachineView<ProviderState, ProviderDeal> view = known.get();
    ProviderDeal deal = view.data();
    if (!isSameDeal(proposal, deal)) {
      return refuse(
          DealCode.DEAL_ID_TAKEN, "deal " + deal.order().id() + " was opened for something else");
    }
    if (!leavesOutTheSame(proposal, deal)) {
      return new Refuse(exclusionsChanged());
    }
    return switch (view.state()) {
      case NEW -> begin(true, closing);
      case AWAITING_OPENING, SERVING, FUNDS_NEEDED, FINALIZING, SUSPENDED ->
          goOn(view, proposal, restarts);
      case UNPAID, ENDED -> over(view);
    };
  }

  private static ProposalDecision over(MachineView<ProviderState, ProviderDeal> view) {
    ProviderDeal deal = view.data();
    if (deal.outcome().equals(Optional.of(DealOutcome.COMPLETED))) {
      return new SendAgain(view);
    }
    String shown = deal.stateShown(view.state());
    return refuse(deal.reason().orElse(DealCode.named(shown)), "the deal is over: " + shown);
  }

  private static ProposalDecision begin(boolean durable, boolean closing) {
    return closing
        ? new Refuse(
            ProposalRefusal.later(
                DealCode.SHUTTING_DOWN, "this provider is stopping", BACK_SECONDS))
        : new Begin(durable);
  }

  private static ProposalDecision goOn(
      MachineView<ProviderState, ProviderDeal> view, IncomingProposal proposal, int restarts) {
    ProviderDeal deal = view.data();
    boolean moves = proposal.request().asked().skipFirst() > deal.progress().position();
    if (deal.progress().restarts() >= restarts && !moves) {
      return new Refuse(tooManyRestarts());
    }
    return view.state() == ProviderState.AWAITING_OPENING && proposal.opening().isPresent()
        ? new Bind(proposal.opening().get())
        : new GoOn(deal, view.state());
  }

  private static ProposalDecision refuse(DealCode code, String message) {
    return new Refuse(ProposalRefusal.of(code, message));
  }

  static ProposalRefusal tooManyRestarts() {
    return ProposalRefusal.of(
        DealCode.TOO_MANY_RESTARTS, "the deal was restarted too often without moving on");
  }

  static ProposalRefusal exclusionsChanged() {
    return ProposalRefusal.of(
        DealCode.EXCLUSIONS_CHANGED,
        "the request leaves out other blocks than the deal's first one did");
  }

  private static boolean isSameDeal(IncomingProposal proposal, ProviderDeal deal) {
    PullRequest request = proposal.request();
    ProviderOrder order = deal.order();
    return order.peer().equals(proposal.peer())
        && order.root().equals(request.root())
        && order.selector().equals(request.selector())
        && order.paid() == proposal.paid()
        && isSameOpening(proposal, deal);
  }

  private static boolean isSameOpening(IncomingProposal proposal, ProviderDeal deal) {
    return deal.money().isEmpty()
        || proposal
            .openingHash()
            .map(deal.money().get().lane().opening()::equals)
            .orElse(
                // A client that cannot add the extension gave its opening as a voucher before.
                proposal.request().kind() == PullRequest.PullKind.RESTART
                    && proposal.channel().transfer() == deal.progress().transfer());
  }

  /**
   * What the first request left out is free for good, so a later one must leave out no less.
   * Clients of old list what they have received, so free deals are not held to it.
   */
  static boolean leavesOutTheSame(IncomingProposal proposal, ProviderDeal deal) {
    Exclusions asked = proposal.request().asked();
    LeftOut first = deal.order().leftOut();
    return !deal.order().paid()
        || (asked.skipFirst() >= first.skipFirst()
            && LeftOut.of(asked).list().equals(first.list()));
  }
}
