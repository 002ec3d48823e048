package io.sluice.node.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_QUEUED;
import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_SENT;
import static io.sluice.fsm.transfer.TransferChannelEvent.FINISH_TRANSFER;
import static io.sluice.fsm.transfer.TransferChannelEvent.OPENED;
import static io.sluice.fsm.transfer.TransferChannelEvent.SEND_DATA_ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.SEND_MESSAGE_ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.TRANSFER_INITIATED;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.InitiatedTransfer;
import io.sluice.protocol.datatransfer.Push;
import io.sluice.protocol.datatransfer.PushListener;
import io.sluice.protocol.datatransfer.PushSpec;
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
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A push of ours: offers it, serves the responder's requests for the data, and offers it again when
 * the connection or the responder was lost, until the responder says that it has all of it.
 *
 * <p>One idea in one place: messages, blocks, losses and the clock overtake each other, and what
 * each of them means depends on all that the others did before.
 */
final class SentPush extends Initiating implements PushListener {
  private final BlockStore blocks;
  private final SentTotals totals = new SentTotals();

  // Guarded by this.

  /** The offer that counts: the next attempt puts its own in the place of this one. */
  private @Nullable Push push;

  /** What is being sent; null before the responder asks and after its request has ended. */
  private @Nullable Response response;

  /** Whether the machine was told that all was sent: of three that may know, the first says so. */
  private boolean finished;

  SentPush(
      ManagedChannel channel,
      DataTransfer transfers,
      BlockStore blocks,
      TransferLimits limits,
      Executor workers,
      Ticker ticker) {
    super(channel, transfers, limits, workers, ticker);
    this.blocks = blocks;
  }

  // ---- offering it

  @Override
  void begin(TransferChannel data) {
    totals.recall(data);
    recall(data);
    attempt();
  }

  @Override
  void attempt() {
    CrashPoint.PUSH_BEGUN.reached();
    if (isOver()) {
      return;
    }
    synchronized (this) {
      response = null;
    }
    attempting();
    var opening = channel.opening();
    Push opened =
        transfers.push(
            new PushSpec(
                channel.channel().responder(),
                opening.addresses(),
                channel.channel().transfer(),
                wasOffered(),
                opening.root(),
                opening.selector(),
                opening.voucher()),
            this);
    synchronized (this) {
      push = opened;
    }
    if (isPausedHere()) { // a pause holds through attempts, and each offer begins without one
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

  private synchronized boolean isCurrent(Push opened) {
    return !isOver() && push == opened;
  }

  private void written(Push opened) {
    if (!isCurrent(opened)) {
      return;
    }
    isOffered();
    attempts.found();
    CrashPoint.PUSH_OFFERED.reached();
    channel.happened(OPENED);
  }

  private void unreachable(Push opened, Throwable failure) {
    if (!isCurrent(opened)) {
      return;
    }
    String why = "the peer cannot be reached: " + failure.getMessage();
    channel.happened(SEND_MESSAGE_ERROR, ManagedChannel.text(DealCode.UNREACHABLE, why));
    attempts.stopped(DealCode.UNREACHABLE, why);
  }

  // ---- what the responder says

  @Override
  public void onTransfer(TransferResponse message) {
    heard(message);
  }

  @Override
  void responderCompleted() {
    boolean done;
    synchronized (this) {
      done = response == null && !finished;
      finished |= done;
    }
    if (done) { // nothing is under way to it any more
      channel.happened(FINISH_TRANSFER);
    }
  }

  // ---- the data

  @Override
  public RequestDecision.Serve onAsked(Exclusions asked) {
    Response begun = new Response();
    synchronized (this) {
      response = begun;
      finished = false;
    }
    news();
    channel.happened(TRANSFER_INITIATED);
    return RequestDecision.accept(blocks).alone(true).gated(begun).heardBy(begun);
  }

  /** One response; what an earlier one says does not count. */
  private final class Response implements BlockGate, ResponseListener {
    /** How much is taken is for the responder to say. */
    @Override
    public GateDecision before(BlockVisit visit) {
      return GateDecision.PASS;
    }

    @Override
    public void after(BlockVisit visit) {
      if (!visit.suppressed()) { // the responder has it from an earlier attempt
        totals.queued(visit.size());
      }
    }

    @Override
    public void onSent(int count, long bytes) {
      CrashPoint.PUSH_SENT.reached();
      totals.sent(bytes, count);
      attempts.moved();
      news();
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
          CrashPoint.PUSH_ALL_SENT.reached();
          boolean all;
          synchronized (SentPush.this) {
            all = !isToSayAgain();
            finished = all;
          }
          if (all) {
            channel.happened(FINISH_TRANSFER);
          }
        }
        case CANCELLED -> {} // by ourselves, who know why
        case COMPLETED_PARTIAL, NOT_FOUND -> {
          told(); // by that status
          channel.failed(DealCode.PARTIAL, "some of the blocks are not here");
        }
        default -> channel.failed(DealCode.FAILED, "the walk ended with " + status);
      }
    }

    /** A responder that has all of it need not take what is still on its way. */
    @Override
    public void onCancelledByPeer() {
      if (ends()) {
        record();
        if (isCompleted()) {
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
        attempts.stopped(DealCode.CONNECTION_LOST, why);
      }
    }

    /** Whether this one counted, and counts no more; of two ends only the first is heard. */
    private boolean ends() {
      synchronized (SentPush.this) {
        boolean current = response == this && !isOver();
        if (current) {
          response = null;
          news();
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
    pausedHere(now);
    Push running;
    synchronized (this) {
      running = push;
    }
    if (running == null) {
      return;
    }
    if (now) {
      var unused = running.pause().exceptionally(failure -> null);
      return;
    }
    running.resume();
    if (!isUnderWay()) { // what was lost during the pause was left alone
      restart();
    }
  }

  @Override
  void tick() {
    boolean left;
    synchronized (this) {
      left = isCompleted() && !finished;
      finished |= left;
    }
    if (left) { // whatever is still under way to it, it has that
      channel.happened(FINISH_TRANSFER);
    } else if (isStalled()) {
      channel.happened(SEND_DATA_ERROR, ManagedChannel.text(DealCode.TIMEOUT, stallText()));
      attempts.stopped(DealCode.TIMEOUT, stallText());
    }
  }

  @Override
  synchronized boolean isUnderWay() {
    return response != null;
  }

  /** Where it is being served, the response says so itself. */
  @Override
  void disconnected() {
    if (isLostUnheard()) {
      String why = "the connection was lost before an answer";
      channel.happened(SEND_DATA_ERROR, ManagedChannel.text(DealCode.CONNECTION_LOST, why));
      attempts.stopped(DealCode.CONNECTION_LOST, why);
    }
  }

  @Override
  Totals moved() {
    return totals.sent();
  }

  @Override
  synchronized Optional<InitiatedTransfer> atPeer() {
    return Optional.ofNullable(push);
  }
}
