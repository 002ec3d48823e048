package io.sluice.node.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.ACCEPT;
import static io.sluice.fsm.transfer.TransferChannelEvent.CANCEL;
import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_QUEUED;
import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_SENT;
import static io.sluice.fsm.transfer.TransferChannelEvent.FINISH_TRANSFER;
import static io.sluice.fsm.transfer.TransferChannelEvent.NEW_VOUCHER_RESULT;
import static io.sluice.fsm.transfer.TransferChannelEvent.OPENED;
import static io.sluice.fsm.transfer.TransferChannelEvent.PAUSE_RESPONDER;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESPONDER_BEGINS_FINALIZATION;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESPONDER_COMPLETES;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESTART;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESUME_RESPONDER;
import static io.sluice.fsm.transfer.TransferChannelEvent.SEND_DATA_ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.SEND_MESSAGE_ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.TRANSFER_INITIATED;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.fsm.transfer.TransferInput.TransferVoucher;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.Push;
import io.sluice.protocol.datatransfer.PushListener;
import io.sluice.protocol.datatransfer.PushSpec;
import io.sluice.protocol.datatransfer.TransferEvent;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A push of ours: offers it, serves the responder's requests for the data, and offers it again when
 * the connection or the responder was lost, until the responder says that it has all of it.
 *
 * <p>One idea in one place: messages, blocks, losses and the clock overtake each other, and what
 * each of them means depends on all that the others did before.
 */
final class SentPush extends Conversation implements PushListener {
  private final ManagedChannel channel;
  private final DataTransfer transfers;
  private final BlockStore blocks;
  private final TransferLimits limits;
  private final Executor workers;
  private final Ticker ticker;
  private final SentTotals totals = new SentTotals();

  // Guarded by this.
  private @Nullable Push push;
  private RestartPlan plan;

  /** Whether the responder may know the channel: then it is asked to restart it. */
  private boolean offered;

  private boolean agreed;
  private boolean triedAnew;
  private boolean pausedHere;
  private boolean pausedThere;
  private boolean finalizing;
  private boolean completed;
  private boolean finished;
  private boolean waiting;
  private boolean over;

  /** Whether the responder knows already that nothing comes of it. */
  private boolean told;

  private long lastNews;
  private @Nullable Response response;

  SentPush(
      ManagedChannel channel,
      DataTransfer transfers,
      BlockStore blocks,
      TransferLimits limits,
      Executor workers,
      Ticker ticker) {
    this.channel = channel;
    this.transfers = transfers;
    this.blocks = blocks;
    this.limits = limits;
    this.workers = workers;
    this.ticker = ticker;
    this.plan = RestartPlan.begin(limits, false);
  }

  // ---- offering it

  @Override
  void begin(TransferChannel data) {
    totals.recall(data);
    synchronized (this) {
      pausedHere = data.initiatorPaused();
      pausedThere = data.responderPaused();
    }
    offer();
  }

  /**
   * The machine has been there before this process: the responder may know of it.
   *
   * @param before whether it has agreed
   */
  void wasOffered(boolean before) {
    synchronized (this) {
      offered = true;
      agreed = before;
      plan = RestartPlan.begin(limits, true);
    }
  }

  private void offer() {
    CrashPoint.PUSH_BEGUN.reached();
    boolean again;
    boolean quiet;
    synchronized (this) {
      if (over) {
        return;
      }
      again = offered;
      quiet = pausedHere;
      response = null;
      lastNews = ticker.nanos();
    }
    var opening = channel.opening();
    Push opened =
        transfers.push(
            new PushSpec(
                channel.channel().responder(),
                opening.addresses(),
                channel.channel().transfer(),
                again,
                opening.root(),
                opening.selector(),
                opening.voucher()),
            this);
    synchronized (this) {
      push = opened;
    }
    if (quiet) {
      var unused = opened.pause().exceptionally(failure -> null);
    }
    var unused =
        opened
            .opened()
            .whenCompleteAsync(
                (written, failure) -> {
                  if (failure == null) {
                    written(opened);
                  } else {
                    unreachable(opened, failure);
                  }
                },
                workers);
  }

  private void written(Push opened) {
    synchronized (this) {
      if (over || push != opened) {
        return;
      }
      offered = true;
      plan = plan.found();
    }
    CrashPoint.PUSH_OFFERED.reached();
    channel.happened(OPENED);
  }

  private void unreachable(Push opened, Throwable failure) {
    synchronized (this) {
      if (over || push != opened) {
        return;
      }
    }
    String why = "the peer cannot be reached: " + failure.getMessage();
    channel.happened(SEND_MESSAGE_ERROR, ManagedChannel.text(DealCode.UNREACHABLE, why));
    lost(DealCode.UNREACHABLE, why);
  }

  /** Tries again after a while, or gives up. */
  private void lost(DealCode code, String why) {
    Optional<Duration> pause;
    synchronized (this) {
      if (over || waiting) {
        return;
      }
      plan = plan.stopped();
      pause = plan.pause();
      waiting = pause.isPresent();
    }
    if (pause.isEmpty()) {
      channel.failed(code, why);
      return;
    }
    CompletableFuture.delayedExecutor(pause.get().toMillis(), TimeUnit.MILLISECONDS, workers)
        .execute(
            () -> {
              synchronized (this) {
                waiting = false;
              }
              offer();
            });
  }

  // ---- what the responder says

  @Override
  public void onTransfer(TransferResponse message) {
    synchronized (this) {
      if (over) {
        return;
      }
      lastNews = ticker.nanos();
    }
    for (TransferEvent event : TransferEvent.of(message)) {
      heard(event, message);
    }
  }

  private void heard(TransferEvent event, TransferResponse message) {
    switch (event) {
      case NEW_VOUCHER_RESULT ->
          message
              .result()
              .ifPresent(
                  result -> channel.happened(NEW_VOUCHER_RESULT, new TransferVoucher(result)));
      case ACCEPT -> accepted();
      case RESTART -> {
        accepted(); // if the acceptance itself was lost
        channel.happened(RESTART);
      }
      case RESPONDER_BEGINS_FINALIZATION -> {
        synchronized (this) {
          finalizing = true;
        }
        channel.happened(RESPONDER_BEGINS_FINALIZATION);
      }
      case RESPONDER_COMPLETES -> {
        accepted();
        channel.happened(RESPONDER_COMPLETES);
        boolean done;
        synchronized (this) {
          completed = true;
          done = response == null && !finished;
        }
        if (done) { // nothing is under way to it any more
          channel.happened(FINISH_TRANSFER);
        }
      }
      case PAUSE_RESPONDER -> pausedThere(true);
      case RESUME_RESPONDER -> pausedThere(false);
      case ERROR -> refused(message);
      case CANCEL -> channel.happened(CANCEL);
      default -> {}
    }
  }

  private void accepted() {
    synchronized (this) {
      if (agreed) {
        return;
      }
      agreed = true;
    }
    channel.happened(ACCEPT);
  }

  private void pausedThere(boolean now) {
    synchronized (this) {
      if (pausedThere == now) {
        return;
      }
      pausedThere = now;
    }
    channel.happened(now ? PAUSE_RESPONDER : RESUME_RESPONDER);
  }

  /** Whether the responder ever got the first request was not known, and it did not. */
  private void refused(TransferResponse message) {
    boolean anew;
    synchronized (this) {
      anew = offered && !agreed && !triedAnew && message.result().isEmpty();
      if (anew) {
        triedAnew = true;
        offered = false;
      }
    }
    if (anew) {
      offer();
    } else {
      told();
      channel.failed(
          DealCode.REFUSED, "the peer refused it" + PushVouchers.reason(message.result()));
    }
  }

  // ---- the data

  @Override
  public RequestDecision.Serve onAsked(Exclusions asked) {
    Response begun = new Response();
    synchronized (this) {
      response = begun;
      lastNews = ticker.nanos();
    }
    channel.happened(TRANSFER_INITIATED);
    return RequestDecision.accept(blocks).alone(true).gated(begun).heardBy(begun);
  }

  /** One response; what an earlier one says does not count. */
  private final class Response implements BlockGate, ResponseListener {
    @Override
    public GateDecision before(BlockVisit visit) {
      return GateDecision.PASS;
    }

    @Override
    public void after(BlockVisit visit) {
      if (!visit.suppressed()) {
        totals.queued(visit.size());
      }
    }

    @Override
    public void onSent(int count, long bytes) {
      CrashPoint.PUSH_SENT.reached();
      totals.sent(bytes, count);
      synchronized (SentPush.this) {
        plan = plan.moved();
        lastNews = ticker.nanos();
      }
      if (totals.unrecorded() >= limits.progressBytes()) {
        recordSent();
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
          synchronized (SentPush.this) {
            finished = true;
          }
          CrashPoint.PUSH_ALL_SENT.reached();
          channel.happened(FINISH_TRANSFER);
        }
        case CANCELLED -> {} // by ourselves, who know why
        case COMPLETED_PARTIAL, NOT_FOUND -> {
          told(); // by that status
          channel.failed(DealCode.PARTIAL, "some of the blocks are not here");
        }
        default -> channel.failed(DealCode.FAILED, "the walk ended with " + status);
      }
    }

    @Override
    public void onCancelledByPeer() {
      if (ends()) {
        record();
        boolean done;
        synchronized (SentPush.this) {
          done = completed;
        }
        if (done) {
          channel.happened(FINISH_TRANSFER);
        }
      }
    }

    @Override
    public void onNetworkError(IOException cause) {
      if (ends()) {
        record();
        String why = "the connection was lost: " + cause.getMessage();
        channel.happened(SEND_DATA_ERROR, ManagedChannel.text(DealCode.CONNECTION_LOST, why));
        lost(DealCode.CONNECTION_LOST, why);
      }
    }

    private boolean ends() {
      synchronized (SentPush.this) {
        boolean current = response == this && !over;
        if (current) {
          response = null;
          lastNews = ticker.nanos();
        }
        return current;
      }
    }
  }

  /** On the way only what was written: to record what was queued as well would be a sync more. */
  private void recordSent() {
    channel.happened(DATA_SENT, totals.recorded());
  }

  private void record() {
    channel.happened(DATA_QUEUED, totals.queued());
    recordSent();
  }

  // ---- the user, and time

  @Override
  void paused(boolean now) {
    Push running;
    synchronized (this) {
      pausedHere = now;
      running = push;
      lastNews = ticker.nanos();
    }
    if (running == null) {
      return;
    }
    if (now) {
      var unused = running.pause().exceptionally(failure -> null);
    } else {
      running.resume();
    }
  }

  @Override
  void restart() {
    synchronized (this) {
      plan = plan.moved();
      waiting = false;
    }
    offer();
  }

  @Override
  void peerPaused(boolean now) {} // a responder says so in a response

  @Override
  void tick() {
    boolean stalled;
    boolean left;
    synchronized (this) {
      left = completed && !finished;
      finished |= left;
      stalled =
          !pausedHere
              && !pausedThere
              && !finalizing
              && !waiting
              && ticker.nanos() - lastNews > limits.stall().toNanos();
    }
    if (left) { // whatever is still under way to it, it has that
      channel.happened(FINISH_TRANSFER);
    } else if (stalled) {
      String why = "nothing came for " + limits.stall().toSeconds() + " s";
      channel.happened(SEND_DATA_ERROR, ManagedChannel.text(DealCode.TIMEOUT, why));
      lost(DealCode.TIMEOUT, why);
    }
  }

  /** Where it is being served, the response says so itself. */
  @Override
  void disconnected() {
    boolean unserved;
    synchronized (this) {
      unserved = !over && response == null && !pausedHere && !finalizing;
      plan = plan.found(); // it was there
    }
    if (unserved) {
      String why = "the connection was lost before an answer";
      channel.happened(SEND_DATA_ERROR, ManagedChannel.text(DealCode.CONNECTION_LOST, why));
      lost(DealCode.CONNECTION_LOST, why);
    }
  }

  @Override
  Totals moved() {
    return totals.sent();
  }

  @Override
  long arriving() {
    return 0;
  }

  @Override
  void complete() {
    Push last = end();
    if (last != null) {
      last.close();
    }
  }

  @Override
  void giveUp(boolean tell) {
    Push last = end();
    if (tell && !isTold()) {
      said(
          last != null
              ? last.cancel()
              : transfers.send(
                  channel.channel().responder(),
                  channel.opening().addresses(),
                  TransferRequest.cancel(channel.channel().transfer())));
    }
    if (last != null) {
      last.close();
    }
  }

  private synchronized void told() {
    told = true;
  }

  private synchronized boolean isTold() {
    return told;
  }

  private synchronized @Nullable Push end() {
    over = true;
    return push;
  }
}
