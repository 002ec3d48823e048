package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.typed;
import static io.sluice.node.provider.ClientNotices.unheard;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Turns what transfers tell into events of their deals. Called by walks and by the network, which
 * must not wait for a journal: what has to wait goes to a thread of its own.
 */
record TransferOwner(
    SaleContext context, RunningTransfers transfers, DealEndings endings, ClientNotices notices)
    implements ServedTransfer.Owner {
  @Override
  public Instant now() {
    return context.now();
  }

  @Override
  public void gateClosed(ServedTransfer transfer, BlockPermit why, long charged) {
    CrashPoint.GATE_CLOSED.reached();
    context.metrics().gateClosed(why.name());
    unheard(sent(transfer.deal(), ProviderEvent.GATE_CLOSED, charged));
  }

  @Override
  public CompletableFuture<?> progress(ServedTransfer transfer, long charged) {
    return sent(transfer.deal(), ProviderEvent.PROGRESS, charged);
  }

  private CompletableFuture<Boolean> sent(
      MachineId id, EventType<ProviderInput.Sent> event, long charged) {
    return context.send(id, event, new ProviderInput.Sent(context.now(), charged));
  }

  @Override
  public void behind(ServedTransfer transfer, long position) {
    context.later(
        () -> {
          DealCode code = DealCode.RESTART_BEHIND_PAID;
          String message = "the restart asks from visit " + position + ", before what is paid";
          context.metrics().refused(code);
          transfers.drop(transfer);
          ClientNotices.end(
              transfer.pull(),
              true, // nothing is paid for that was not opened
              DealStatus.ERRORED,
              DealResult.of(transfer.number(), code).saying(message));
          endings.suspendAfter(transfer, code, message);
        });
  }

  @Override
  public void finished(ServedTransfer transfer, ResponseStatus status, long charged) {
    context.later(
        () -> {
          switch (status) {
            case COMPLETED -> {
              CrashPoint.ALL_SENT.reached();
              unheard(sent(transfer.deal(), ProviderEvent.ALL_SENT, charged));
            }
            case COMPLETED_PARTIAL -> sentInPart(transfer);
            case CANCELLED -> {} // whoever ended the transfer sees to the deal
            default ->
                ended(
                    transfer,
                    DealOutcome.FAILED,
                    status == ResponseStatus.NOT_FOUND ? DealCode.NOT_FOUND : DealCode.INTERNAL,
                    "the transfer ended with status " + status);
          }
        });
  }

  private void sentInPart(ServedTransfer transfer) {
    ended(transfer, DealOutcome.PARTIAL, DealCode.PARTIAL, "some blocks are not here");
    context
        .account(transfer.deal())
        .filter(account -> !account.owed().isZero())
        .ifPresent(
            account ->
                notices.accept(
                    transfer.pull().channel(),
                    true,
                    typed(
                        DealResult.of(transfer.number(), DealCode.PARTIAL)
                            .owing(account.owed(), account.charged()))));
  }

  private void ended(ServedTransfer transfer, DealOutcome how, DealCode code, String message) {
    transfers.drop(transfer);
    endings.end(transfer.deal(), how, Optional.of(transfer), code, message);
  }

  @Override
  public void stopped(ServedTransfer transfer, DealCode reason, String message) {
    transfers.drop(transfer);
    context.later(() -> endings.suspendAfter(transfer, reason, message));
  }

  @Override
  public void sent(long bytes) {
    CrashPoint.BLOCKS_SENT.reached();
    context.metrics().served(bytes);
  }
}
