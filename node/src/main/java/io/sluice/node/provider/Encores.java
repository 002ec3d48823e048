package io.sluice.node.provider;

import static io.sluice.node.provider.Answers.typed;
import static io.sluice.node.provider.Answers.unheard;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.DealAccount;
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
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Restarts of deals that are completed at this end: the client may not know yet, or its last blocks
 * were lost with the connection. It gets again what was charged, from where it stands; a client
 * that has paid for a position cannot have the bytes before it a second time. The deal does not
 * change.
 */
final class Encores {

  private static final int REMEMBERED = 1024;

  private final DealDesk desk;
  private final DealCourse course;
  private final Answers answers;
  private final BlockStore blocks;
  private final int most;
  private final Map<MachineId, Integer> played =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<MachineId, Integer> eldest) {
          return size() > REMEMBERED;
        }
      };

  Encores(DealDesk desk, DealCourse course, Answers answers, BlockStore blocks, int most) {
    this.desk = desk;
    this.course = course;
    this.answers = answers;
    this.blocks = blocks;
    this.most = most;
  }

  /** Accepts the restart; empty if there were too many. */
  Optional<PullDecision> play(PullRequest request, MachineView<ProviderState, ProviderDeal> known) {
    synchronized (played) {
      if (played.merge(known.id(), 1, Integer::sum) > most) {
        return Optional.empty();
      }
    }
    ProviderDeal deal = known.data();
    Encore encore = new Encore(known.id(), deal, request.pull(), request.asked().skipFirst());
    RequestDecision.Serve how =
        RequestDecision.accept(blocks)
            .gated(encore)
            .heardBy(encore)
            .charging(new Exclusions(deal.leftOut().skipFirst(), request.asked().doNotSend()))
            .alone(deal.paid());
    return Optional.of(
        PullDecision.accept(
                blocks,
                request.kind() == PullRequest.PullKind.NEW
                    ? Optional.of(typed(DealResponse.of(DealStatus.ACCEPTED, deal.id(), "")))
                    : Optional.empty())
            .served(how));
  }

  private final class Encore implements BlockGate, ResponseListener {
    private final MachineId id;
    private final ProviderDeal deal;
    private final ServedPull pull;
    private final long position;
    private boolean checked;

    Encore(MachineId id, ProviderDeal deal, ServedPull pull, long position) {
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
      TokenAmount due =
          deal.terms().map(terms -> terms.due(visit.chargedBefore())).orElse(TokenAmount.ZERO);
      if (!deal.credit().exceeds(due)) {
        return GateDecision.PASS;
      }
      desk.metrics().refused(DealCode.RESTART_BEHIND_PAID);
      desk.later(
          () -> {
            unheard(
                pull.refuse(
                    Optional.of(
                        typed(
                            DealResponse.of(
                                DealStatus.ERRORED,
                                deal.id(),
                                "RESTART_BEHIND_PAID: the deal is paid beyond that")))));
          });
      return GateDecision.pause(Map.of());
    }

    @Override
    public void onSent(int count, long bytes) {
      desk.metrics().served(bytes);
    }

    @Override
    public void onFinished(ResponseStatus status) {
      if (status == ResponseStatus.COMPLETED) {
        desk.later(this::sayWhereItStands);
      }
    }

    private void sayWhereItStands() {
      TokenAmount owed = desk.account(id).map(DealAccount::owed).orElse(TokenAmount.ZERO);
      if (owed.isZero()) {
        course.completed(pull.channel(), deal);
      } else {
        answers.complete(
            pull.channel(),
            true,
            Optional.of(
                typed(DealResponse.demand(DealStatus.FUNDS_NEEDED_LAST_PAYMENT, deal.id(), owed))));
      }
    }
  }
}
