package io.sluice.node.provider;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.ServedPull;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Map;
import java.util.Optional;

/**
 * Restarts of deals that are completed at this end: the client may not know yet, or its last blocks
 * were lost with the connection. It gets again what was charged, from where it stands; a client
 * that has paid for a position cannot have the bytes before it a second time. The deal does not
 * change.
 */
final class CompletedRestarts {
  private static final int REMEMBERED = 1024;

  private final SaleContext context;
  private final ClientNotices notices;
  private final BlockStore blocks;
  private final int most;
  private final Map<MachineId, Integer> counts = LatestEntries.byUse(REMEMBERED);

  CompletedRestarts(SaleContext context, ClientNotices notices, BlockStore blocks, int most) {
    this.context = context;
    this.notices = notices;
    this.blocks = blocks;
    this.most = most;
  }

  /** Accepts the restart; empty if there were too many. */
  Optional<PullDecision> accept(
      PullRequest request, MachineView<ProviderState, ProviderDeal> known) {
    synchronized (counts) {
      if (counts.merge(known.id(), 1, Integer::sum) > most) {
        return Optional.empty();
      }
    }
    ProviderDeal deal = known.data();
    RepeatedTransfer again =
        new RepeatedTransfer(known.id(), deal, request.pull(), request.asked().skipFirst());
    RequestDecision.Serve how =
        RequestDecision.accept(blocks)
            .gated(again)
            .heardBy(again)
            .charging(
                new Exclusions(deal.order().leftOut().skipFirst(), request.asked().doNotSend()))
            .alone(deal.order().paid());
    return Optional.of(
        PullDecision.accept(blocks, Admission.acceptance(request, deal.order().id())).served(how));
  }

  private final class RepeatedTransfer implements BlockGate, ResponseListener {
    private final MachineId id;
    private final ProviderDeal deal;
    private final ServedPull pull;
    private final long position;
    private boolean checked;

    RepeatedTransfer(MachineId id, ProviderDeal deal, ServedPull pull, long position) {
      this.id = id;
      this.deal = deal;
      this.pull = pull;
      this.position = position;
    }

    @Override
    public GateDecision before(BlockVisit visit) {
      if (visit.number() <= position || checked) {
        return GateDecision.PASS;
      }
      checked = true;
      // The account may count more by now than the deal has on record, but is forgotten one day.
      TokenAmount credit = context.account(id).map(DealAccount::credit).orElse(deal.credit());
      if (deal.money()
          .filter(by -> ServedTransfer.isBehind(by.terms(), credit, visit.chargedBefore()))
          .isEmpty()) {
        return GateDecision.PASS;
      }
      context.metrics().refused(DealCode.RESTART_BEHIND_PAID);
      context.later(
          () ->
              ClientNotices.end(
                  pull,
                  true, // it was paid
                  DealStatus.ERRORED,
                  DealResult.of(deal.order().id(), DealCode.RESTART_BEHIND_PAID)
                      .saying("the deal is paid beyond that")));
      return GateDecision.pause(Map.of());
    }

    @Override
    public void onSent(int count, long bytes) {
      context.metrics().served(bytes);
    }

    @Override
    public void onFinished(ResponseStatus status) {
      if (status == ResponseStatus.COMPLETED) {
        context.later(this::sayWhereItStands);
      }
    }

    private void sayWhereItStands() {
      TokenAmount owed = context.account(id).map(DealAccount::owed).orElse(TokenAmount.ZERO);
      if (owed.isZero()) {
        notices.completed(pull.channel(), deal.order());
      } else {
        notices.lastPayment(pull.channel(), deal.order().id(), owed);
      }
    }
  }
}
