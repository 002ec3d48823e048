package io.sluice.node.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_RECEIVED;
import static io.sluice.fsm.transfer.TransferChannelEvent.FINISH_TRANSFER;
import static io.sluice.fsm.transfer.TransferChannelEvent.OPENED;
import static io.sluice.fsm.transfer.TransferChannelEvent.RECEIVE_DATA_ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.REQUEST_CANCELLED;
import static io.sluice.fsm.transfer.TransferChannelEvent.TRANSFER_INITIATED;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.ErrorText;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.node.config.Quantities;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.InitiatedTransfer;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.UnreachableException;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A pull of ours: asks for the data, takes them into the store, and asks again when the connection
 * or the responder was lost, or after a pause, until all are here and the responder says that it is
 * done.
 *
 * <p>Each attempt is a GraphSync request of its own, under the same key and with what is here left
 * out. An attempt is current from when it is made, before anything is sent for it: what comes of
 * the one before is then late, and changes nothing. The end of a request is worked on by a worker,
 * since it waits for the disk, and walks may not.
 */
final class OpenedPull extends Initiating {
  private final Receiving receiving;

  // Guarded by this.

  /** The request that was opened last, to pause it and to speak to its peer. */
  private @Nullable Pull pull;

  /** The attempt that counts; null while none is under way. */
  private @Nullable Attempt attempt;

  /** How far the walk came, over all attempts: each begins behind what is charged. */
  private Flowed received = new Flowed(new Totals(0, 0));

  OpenedPull(
      ManagedChannel channel,
      DataTransfer transfers,
      Receiving receiving,
      TransferLimits limits,
      Executor workers,
      Ticker ticker) {
    super(channel, transfers, limits, workers, ticker);
    this.receiving = receiving;
  }

  @Override
  void begin(TransferChannel data) {
    recall(data);
    synchronized (this) {
      received = new Flowed(data.received());
    }
    attempt();
  }

  private synchronized Flowed received() {
    return received;
  }

  /** What is asked for last is what counts; a pause holds through restarts. */
  @Override
  void attempt() {
    CrashPoint.PULL_BEGUN.reached();
    if (isOver() || isPausedHere()) {
      return;
    }
    Attempt begun = new Attempt();
    synchronized (this) {
      attempt = begun;
    }
    attempting();
    var opening = channel.opening();
    RequestSpec asked =
        RequestSpec.of(opening.root(), opening.selector())
            .at(opening.addresses())
            .keyed(channel.channel().dedupKey());
    RequestSpec request = received().exclusions().map(asked::charging).orElse(asked);
    try {
      Pull opened =
          transfers.open(
              new PullSpec(
                  channel.channel().responder(),
                  channel.channel().transfer(),
                  wasOffered(),
                  opening.voucher(),
                  // Where the responder has agreed it waits to hear that all is here.
                  isAgreed() ? request.always() : request),
              receiving.store(),
              begun);
      synchronized (this) {
        pull = opened;
      }
      if (isOver() || isPausedHere()) { // said since, when there was nothing to cancel yet
        opened.request().cancel();
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  /** One GraphSync request; what an earlier one says does not count. */
  private final class Attempt implements PullListener {
    /** Whether the responder was asked at all; it need not be where all is here. */
    private volatile boolean sent;

    private boolean isCurrent() {
      synchronized (OpenedPull.this) {
        return attempt == this && !isOver();
      }
    }

    @Override
    public void onSending(Exclusions wire) {
      sent = true;
      isOffered();
      news(); // the walk over what is here may have taken its time
      if (received().asked(wire.skipFirst())) {
        record();
      }
      channel.happened(OPENED);
      channel.happened(TRANSFER_INITIATED);
    }

    @Override
    public void onResponse(ResponseStatus status, Map<String, Node> extensions) {
      attempts.found();
      news();
    }

    @Override
    public void onTransfer(TransferResponse response) {
      CrashPoint.PULL_ANSWERED.reached();
      heard(response);
    }

    @Override
    public void onVisit(VisitReport visit) {
      if (!isCurrent()) {
        return;
      }
      Flowed flowed = received();
      flowed.passed(visit.number(), visit.charged());
      if (visit.wireBytes() > 0) {
        attempts.moved();
        news();
      }
      if (flowed.unrecorded() >= limits.progressBytes()) {
        record();
      }
    }

    @Override
    public void onEnd(RequestResult result) {
      synchronized (OpenedPull.this) {
        if (!isCurrent()) {
          return;
        }
        attempt = null;
      }
      news();
      workers.execute(() -> ended(result, sent));
    }
  }

  private void ended(RequestResult result, boolean asked) {
    record();
    String why = result.error().map(Exception::getMessage).orElse("");
    switch (result.outcome()) {
      case COMPLETED -> finish(asked);
      case CANCELLED -> channel.happened(REQUEST_CANCELLED, new ErrorText(""));
      case NETWORK -> lost(result.error(), why);
      case PARTIAL -> {
        told(); // the responder said so itself
        channel.failed(
            DealCode.PARTIAL,
            Quantities.count(result.missingBlocks(), "block")
                + " did not come, the first is "
                + result.missing().getFirst());
      }
      case REFUSED -> refused(result.status());
      case VERIFICATION_FAILED ->
          channel.failed(
              DealCode.VERIFICATION_FAILED, "what came is not what was asked for: " + why);
      case FAILED ->
          channel.failed(
              result.error().map(ManagedChannel::ofDisk).orElse(DealCode.INTERNAL),
              "the blocks cannot be kept: " + why);
    }
  }

  /** Durable before said. */
  private void finish(boolean asked) {
    try {
      receiving.store().sync();
    } catch (IOException e) {
      failed(e);
      return;
    }
    CrashPoint.PULL_KEPT.reached();
    if (!asked) { // all of it was here, and nobody had to be asked
      channel.happened(TRANSFER_INITIATED);
    }
    channel.happened(FINISH_TRANSFER);
  }

  private void failed(IOException cause) {
    channel.failed(
        ManagedChannel.ofDisk(cause), "the blocks cannot be kept: " + cause.getMessage());
  }

  /**
   * The responder's word by GraphSync alone. That it lacks the data is final; a refusal and a
   * cancel say so in a message of their own, which ends the channel before the next attempt, or is
   * asked for by it.
   */
  private void refused(Optional<ResponseStatus> status) {
    String why = "the responder ended it with " + status.map(Enum::name).orElse("nothing");
    if (status.equals(Optional.of(ResponseStatus.NOT_FOUND))) {
      told();
      channel.failed(DealCode.NOT_FOUND, why);
    } else {
      lost(DealCode.CONNECTION_LOST, why);
    }
  }

  /** A connection that was lost was there. */
  private void lost(Optional<Exception> cause, String why) {
    if (cause.filter(UnreachableException.class::isInstance).isPresent()) {
      lost(DealCode.UNREACHABLE, "the peer cannot be reached: " + why);
    } else {
      attempts.found();
      lost(DealCode.CONNECTION_LOST, "the connection was lost: " + why);
    }
  }

  private void lost(DealCode code, String why) {
    if (!isOver()) {
      channel.happened(RECEIVE_DATA_ERROR, ManagedChannel.text(code, why));
      attempts.stopped(code, why);
    }
  }

  private void record() {
    channel.happened(DATA_RECEIVED, received().recorded());
  }

  @Override
  void responderCompleted() {} // our own request says when the data are through

  // ---- the user, and time

  @Override
  void paused(boolean now) {
    pausedHere(now);
    Pull running;
    synchronized (this) {
      running = pull;
    }
    if (now) {
      var unused =
          (running == null ? say(update(true)) : running.pause()).exceptionally(failure -> null);
    } else {
      var unused = say(update(false)).exceptionally(failure -> null);
      restart();
    }
  }

  private TransferRequest update(boolean pause) {
    return TransferRequest.update(channel.channel().transfer(), pause);
  }

  @Override
  void tick() {
    if (isStalled()) {
      lost(DealCode.TIMEOUT, stallText());
    }
  }

  @Override
  synchronized boolean isUnderWay() {
    return attempt != null;
  }

  /** Where all is here and the responder's word is missing, it is asked for again. */
  @Override
  void disconnected() {
    if (isLostUnheard()) {
      lost(
          DealCode.CONNECTION_LOST,
          "the connection was lost before the responder said that it is done");
    }
  }

  @Override
  Totals moved() {
    return received().totals();
  }

  @Override
  synchronized Optional<InitiatedTransfer> atPeer() {
    return Optional.ofNullable(pull);
  }
}
