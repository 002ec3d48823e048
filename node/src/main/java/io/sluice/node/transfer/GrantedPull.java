package io.sluice.node.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_QUEUED;
import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_SENT;
import static io.sluice.fsm.transfer.TransferChannelEvent.SEND_DATA_ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.TRANSFER_INITIATED;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.ServedPull;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A pull of a peer: sends what was agreed to, no more than up to the limit, and says so when all is
 * sent. Where the connection is lost it waits for the initiator, whose pull it is, to begin again.
 *
 * <p>What the initiator says it has is left out, and counts against the limit all the same unless
 * it said so when it first asked: it may have been sent by a process that died before it recorded
 * that, or the initiator claims in one request what it asks for in the next.
 */
final class GrantedPull extends Responding {
  private final BlockStore blocks;

  // Guarded by this.
  private @Nullable ServedPull pull;

  /** What is being sent; null while no request is under way. */
  private @Nullable Response response;

  /** How far the walk came, over all requests: the limit counts what an earlier process sent. */
  private Flowed queued = new Flowed(new Totals(0, 0));

  /** What went out; behind {@link #queued}, and counts for nothing but the record. */
  private Totals sent = new Totals(0, 0);

  private Totals recordedSent = sent;

  /** Whether the initiator knows that it is over, so that it is not told once more. */
  private boolean told;

  GrantedPull(
      ManagedChannel channel,
      DataTransfer transfers,
      Optional<TransferValidator> validator,
      BlockStore blocks,
      TransferLimits limits,
      Executor workers) {
    super(channel, transfers, validator, limits, workers);
    this.blocks = blocks;
  }

  @Override
  boolean recall(TransferChannel data) {
    boolean counts = super.recall(data);
    if (counts) {
      synchronized (this) {
        queued = new Flowed(data.queued());
        sent = data.sent();
        recordedSent = sent;
      }
    }
    return counts;
  }

  /**
   * The initiator's request is accepted.
   *
   * @param data the channel as it is recorded
   * @param request has the responder's end of it
   * @param result goes with the acceptance
   */
  PullDecision accept(TransferChannel data, PullRequest request, Optional<TypedVoucher> result) {
    recall(data);
    if (queued().asked(request.asked().skipFirst())) {
      record();
    }
    ServedPull end = request.pull();
    Response begun = new Response(end);
    synchronized (this) {
      pull = end;
      response = begun;
    }
    boolean waits = hasToWait();
    if (!waits) {
      channel.happened(TRANSFER_INITIATED);
    }
    return PullDecision.accept(blocks, result)
        .paused(waits)
        .served(
            RequestDecision.accept(blocks)
                .alone(true)
                .charging(queued().exclusions().orElseThrow())
                .gated(begun)
                .heardBy(begun));
  }

  private synchronized Flowed queued() {
    return queued;
  }

  /** The initiator may not begin again. */
  PullDecision notAgain(Verdict verdict) {
    told();
    refusedAgain();
    return PullDecision.reject(verdict.result());
  }

  /** One response; what an earlier one says does not count. */
  private final class Response implements BlockGate, ResponseListener {
    private final ServedPull end;

    Response(ServedPull end) {
      this.end = end;
    }

    private boolean isCurrent() {
      synchronized (GrantedPull.this) {
        return response == this && !isOver();
      }
    }

    /** A response that was replaced sends nothing more. */
    @Override
    public GateDecision before(BlockVisit visit) {
      if (!isCurrent()) {
        return GateDecision.pause(Map.of());
      }
      return queued().isNew(visit.number()) ? withinLimit() : GateDecision.PASS;
    }

    /** The block that reached the limit may have been the last. */
    @Override
    public GateDecision end() {
      return isCurrent() ? withinLimit() : GateDecision.pause(Map.of());
    }

    private GateDecision withinLimit() {
      if (!isLimitReached()) {
        return GateDecision.PASS;
      }
      limitReached();
      return end.demand(List.of());
    }

    @Override
    public void after(BlockVisit visit) {
      Flowed flowed = queued();
      flowed.passed(visit.number(), visit.chargedAfter());
      if (flowed.unrecorded() >= limits.progressBytes()) {
        record();
      }
    }

    @Override
    public void onSent(int count, long bytes) {
      CrashPoint.PULL_SENT.reached();
      synchronized (GrantedPull.this) {
        sent = new Totals(sent.bytes() + bytes, sent.blocks() + count);
      }
    }

    @Override
    public void onFinished(ResponseStatus status) {
      if (!ends()) {
        return;
      }
      record();
      switch (status) {
        case COMPLETED -> {
          CrashPoint.PULL_ALL_SENT.reached();
          workers.execute(GrantedPull.this::allFlowed);
        }
        case CANCELLED -> {} // by ourselves, who know why
        case COMPLETED_PARTIAL, NOT_FOUND -> {
          told(); // by that status
          channel.failed(
              status == ResponseStatus.NOT_FOUND ? DealCode.NOT_FOUND : DealCode.PARTIAL,
              "some of the blocks are not here");
        }
        default -> channel.failed(DealCode.FAILED, "the walk ended with " + status);
      }
    }

    /** Perhaps a pause, or the beginning of a restart; what it is comes by itself. */
    @Override
    public void onCancelledByPeer() {
      if (ends()) {
        record();
      }
    }

    @Override
    public void onNetworkError(IOException cause) {
      if (ends()) {
        record();
        channel.happened(
            SEND_DATA_ERROR,
            ManagedChannel.text(
                DealCode.CONNECTION_LOST, "the connection was lost: " + cause.getMessage()));
      }
    }

    /** Whether this one counted, and counts no more. */
    private boolean ends() {
      synchronized (GrantedPull.this) {
        boolean current = isCurrent();
        if (current) {
          response = null;
        }
        return current;
      }
    }
  }

  private synchronized void told() {
    told = true;
  }

  @Override
  void record() {
    Totals now;
    Totals written;
    boolean news;
    synchronized (this) {
      now = queued.recorded();
      written = sent;
      news = !sent.equals(recordedSent);
      recordedSent = sent;
    }
    channel.happened(DATA_QUEUED, now);
    if (news) {
      channel.happened(DATA_SENT, written);
    }
  }

  private synchronized Optional<ServedPull> running() {
    return response == null ? Optional.empty() : Optional.ofNullable(pull);
  }

  @Override
  void stop() {
    running()
        .ifPresentOrElse(
            ServedPull::pause, () -> say(TransferResponse.update(number(), false, true)));
  }

  @Override
  void goOn(Optional<TypedVoucher> result) {
    Optional<ServedPull> running = running();
    if (running.isPresent()) {
      channel.happened(TRANSFER_INITIATED);
      running.get().resume(result);
    } else {
      say(TransferResponse.voucherResult(number(), true, false, result));
      restart();
    }
  }

  @Override
  void refuse(Optional<TypedVoucher> result) {
    synchronized (this) {
      told = true;
    }
    // Its end goes behind the word, which says more.
    var unused =
        sent(TransferResponse.voucherResult(number(), false, false, result))
            .whenComplete((written, failure) -> running().ifPresent(ServedPull::close));
  }

  @Override
  long flowed() {
    return queued().bytes();
  }

  @Override
  synchronized Totals moved() {
    return sent;
  }

  @Override
  void complete() {
    CrashPoint.PULL_COMPLETE.reached();
    super.complete();
  }

  @Override
  void giveUp(boolean tell) {
    boolean silent = !end(); // a refusal with its reason
    synchronized (this) {
      silent |= told;
    }
    if (tell && !silent) {
      said(sent(TransferResponse.cancel(number())));
    }
    if (!silent) { // otherwise the word is on its way, and its end behind it
      running().ifPresent(ServedPull::close);
    }
  }
}
