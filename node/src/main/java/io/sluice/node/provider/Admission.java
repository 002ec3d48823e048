package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.typed;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.LaneUse;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.provider.ProposalChecks.CheckedOpening;
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
import java.util.Optional;

/**
 * Begins deals, and goes on with them: a deal is durable, its lane with it, before its acceptance
 * is said. What was reserved for a deal that does not begin after all is released.
 */
record Admission(
    SaleContext context,
    RunningTransfers transfers,
    ServedTransfer.Owner owner,
    ServedChannels channels,
    BlockStore blocks,
    ProviderLimits limits,
    ProposalChecks checks,
    RefusalSender refusals) {

  /**
   * Begins a deal.
   *
   * @param durable whether that was recorded by a process before this one
   */
  PullDecision begin(IncomingProposal proposal, boolean durable) {
    if (proposal.request().asked().doNotSend().size() > limits.listed()) {
      return refuse(
          proposal,
          DealCode.TOO_MANY_EXCLUSIONS,
          "at most " + limits.listed() + " blocks may be listed");
    }
    if (proposal.opening().isPresent()) {
      return beginPaid(proposal, proposal.opening().get(), durable);
    }
    boolean free = !proposal.paid();
    Optional<ProposalRefusal> no =
        checks
            .whyNotSold( // the terms of a paid one come with its opening
                proposal.order(),
                free ? Optional.of(Terms.FREE) : Optional.empty(),
                Optional.empty())
            .or(() -> checks.whyNotNow(proposal.peer()));
    if (no.isPresent()) {
      return refusals.refuse(proposal, no.get());
    }
    ProviderDeal deal = startUnless(durable, proposal);
    ServedTransfer transfer = transfer(proposal, deal, Optional.empty());
    if (!free) {
      transfer.startsWaiting();
    }
    transfers.begin(transfer);
    context
        .send(
            proposal.id(),
            free ? ProviderEvent.ADMITTED : ProviderEvent.OPENING_MISSING,
            context.at())
        .join();
    context.metrics().started(!free);
    return accept(proposal, transfer, !free);
  }

  /** Begins a deal, or goes on with one, whose opening has come. */
  PullDecision beginPaid(IncomingProposal proposal, Node opening, boolean durable) {
    DealOpening open;
    try {
      open = DealOpening.CODEC.decode(opening);
    } catch (ProtocolException e) {
      return refuse(proposal, DealCode.named(e.code()), "" + e.getMessage());
    }
    return switch (checks.check(proposal.id(), proposal.order(), open)) {
      case CheckedOpening.Bad bad -> refusals.refuse(proposal, bad.why());
      case CheckedOpening.Good good -> beginPaid(proposal, open, opening, good.account(), durable);
    };
  }

  private PullDecision beginPaid(
      IncomingProposal proposal,
      DealOpening open,
      Node opening,
      Prepared<DealAccount> bound,
      boolean durable) {
    Optional<ProposalRefusal> no = checks.whyNotNow(proposal.peer());
    if (no.isPresent()) {
      bound.release();
      return refusals.refuse(proposal, no.get());
    }
    ProviderDeal deal;
    try {
      deal = startUnless(durable, proposal);
    } catch (RuntimeException e) {
      bound.release();
      throw e;
    }
    boolean feeFirst = !open.terms().fee().isZero();
    ServedTransfer transfer = transfer(proposal, deal, Optional.of(bound.value()));
    if (feeFirst) {
      transfer.startsWaiting();
    }
    transfers.begin(transfer);
    if (!opened(proposal.id(), open, opening, bound)) {
      transfers.drop(transfer);
      return refuse(proposal, DealCode.INTERNAL, "the deal could not be recorded");
    }
    context.metrics().started(true);
    return accept(proposal, transfer, feeFirst);
  }

  /** Records the opening of a deal; waits until it is durable. */
  boolean opened(MachineId id, DealOpening open, Node opening, Prepared<DealAccount> bound) {
    DealAccount account = bound.value();
    LaneUse lane =
        new LaneUse(
            open.payee(),
            open.channel(),
            open.lane(),
            account.base(),
            account.payer(),
            IncomingProposal.hash(opening));
    boolean taken =
        context
            .send(
                id,
                open.terms().fee().isZero() ? ProviderEvent.OPENED : ProviderEvent.OPENED_FEE_FIRST,
                new ProviderInput.Opened(context.now(), open.terms(), lane),
                bound)
            .join();
    CrashPoint.OPENING_KEPT.reached();
    context.lookLater(id);
    return taken;
  }

  /** Goes on with a deal. */
  PullDecision restart(IncomingProposal proposal, ProviderDeal deal, ProviderState state) {
    Optional<DealAccount> account = context.account(proposal.id());
    if (deal.money().isPresent() && account.isEmpty()) {
      return refuse(proposal, DealCode.INTERNAL, "the deal's account is not here");
    }
    account.ifPresent(by -> by.charged(deal.charged()));
    boolean waits = state == ProviderState.AWAITING_OPENING;
    ServedTransfer transfer = transfer(proposal, deal, account);
    if (waits) {
      transfer.startsWaiting();
    }
    transfers.begin(transfer);
    boolean taken =
        context
            .send(
                proposal.id(),
                ProviderEvent.RESTARTED,
                new ProviderInput.Restarted(
                    context.now(),
                    proposal.channel().transfer(),
                    proposal.request().asked().skipFirst()))
            .join();
    if (!taken) {
      transfers.drop(transfer);
      return refuse(proposal, DealCode.BUSY, "the deal has just moved on; try again");
    }
    context.metrics().restarted();
    return accept(proposal, transfer, waits);
  }

  private PullDecision refuse(IncomingProposal proposal, DealCode code, String message) {
    return refusals.refuse(proposal, ProposalRefusal.of(code, message));
  }

  private ProviderDeal startUnless(boolean durable, IncomingProposal proposal) {
    ProviderDeal deal;
    if (durable) {
      deal = context.find(proposal.id()).orElseThrow().data();
    } else {
      deal = proposal.deal(context.now());
      context.start(proposal.id(), deal);
      CrashPoint.PROPOSAL_KEPT.reached();
    }
    // Also of a durable deal: the last process may have been killed before it came to this.
    channels.opened(
        proposal.id(), proposal.channel(), deal, proposal.request().voucher().orElseThrow());
    return deal;
  }

  private ServedTransfer transfer(
      IncomingProposal proposal, ProviderDeal deal, Optional<DealAccount> account) {
    Exclusions asked = proposal.request().asked();
    return new ServedTransfer(
        new ServedTransfer.ServedDeal(
            proposal.id(), proposal.number(), !deal.order().paid(), limits.markBytes()),
        new ServedTransfer.TransferStart(
            new Exclusions(deal.order().leftOut().skipFirst(), asked.doNotSend()),
            asked.skipFirst(),
            DealEndings.charged(deal, account, Optional.empty())),
        proposal.request().pull(),
        account,
        owner);
  }

  private PullDecision accept(IncomingProposal proposal, ServedTransfer transfer, boolean paused) {
    RequestDecision.Serve how =
        RequestDecision.accept(blocks)
            .gated(transfer)
            .heardBy(transfer)
            .charging(transfer.exclusions())
            .alone(proposal.paid());
    return PullDecision.accept(blocks, acceptance(proposal.request(), proposal.number()))
        .paused(paused)
        .served(how);
  }

  /** A restart is accepted without a word of ours: its client has been told before. */
  static Optional<TypedVoucher> acceptance(PullRequest request, long number) {
    return request.kind() == PullRequest.PullKind.NEW
        ? Optional.of(typed(DealResponse.of(DealStatus.ACCEPTED, number, "")))
        : Optional.empty();
  }
}
