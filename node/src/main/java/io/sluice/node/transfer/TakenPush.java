package io.sluice.node.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_RECEIVED;
import static io.sluice.fsm.transfer.TransferChannelEvent.OPENED;
import static io.sluice.fsm.transfer.TransferChannelEvent.RECEIVE_DATA_ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.REQUEST_CANCELLED;
import static io.sluice.fsm.transfer.TransferChannelEvent.TRANSFER_INITIATED;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.ErrorText;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.node.config.Quantities;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.PushDecision;
import io.sluice.protocol.datatransfer.ReceivedPush;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A push of a peer: takes the blocks into the store, no more of them than allowed, and says so when
 * all are there and durable. Where the connection is lost it waits for the initiator, whose push it
 * is, to begin again.
 *
 * <p>The requests for the blocks are this end's, so it stops the data by pausing its own request;
 * but only the initiator can have them begin anew. So whatever lets them go on (a voucher that
 * raises the limit, a pause that is over) ends in asking for a restart.
 */
final class TakenPush extends Responding {
  private final Receiving receiving;
  private final LongSupplier arrivingInAll;

  // Guarded by this.

  /** This end of the initiator's last request; before one came, of none in particular. */
  private ReceivedPush push;

  /** How long to wait until a restart is asked for again. */
  private RestartPlan plan;

  /** Which of its requests counts: the last one, by number. */
  private int requests;

  /** How far the walk came, over all requests. */
  private Flowed received = new Flowed(new Totals(0, 0));

  TakenPush(
      ManagedChannel channel,
      DataTransfer transfers,
      Optional<TransferValidator> validator,
      Receiving receiving,
      TransferLimits limits,
      Executor workers,
      LongSupplier arrivingInAll) {
    super(channel, transfers, validator, limits, workers);
    this.receiving = receiving;
    this.arrivingInAll = arrivingInAll;
    this.push = transfers.received(channel.channel());
    this.plan = RestartPlan.begin(limits, true);
  }

  @Override
  boolean recall(TransferChannel data) {
    boolean counts = super.recall(data);
    if (counts) {
      synchronized (this) {
        received = new Flowed(data.received());
      }
    }
    return counts;
  }

  /**
   * The initiator's request is accepted.
   *
   * @param data the channel as it is recorded
   * @param end the responder's end of it
   * @param max bytes it may bring in all
   * @param result goes with the acceptance
   */
  PushDecision accept(
      TransferChannel data, ReceivedPush end, OptionalLong max, Optional<TypedVoucher> result)
      throws IOException {
    recall(data);
    Request request;
    synchronized (this) {
      requests++;
      request = new Request(requests, max);
      push = end;
    }
    return new PushDecision.Accept(
        result, hasToWait(), receiving.store(), request, received().exclusions());
  }

  private synchronized Flowed received() {
    return received;
  }

  /** The initiator may not begin again. */
  PushDecision notAgain(Verdict verdict) {
    refusedAgain();
    return PushDecision.reject(verdict.result());
  }

  /** One GraphSync request; what an earlier one says does not count. */
  private final class Request implements RequestListener {
    private final int number;
    private final OptionalLong max;

    Request(int number, OptionalLong max) {
      this.number = number;
      this.max = max;
    }

    private boolean isCurrent() {
      return number == requests && !isOver();
    }

    @Override
    public void onSending(Exclusions wire) {
      if (received().asked(wire.skipFirst())) {
        record();
      }
      channel.happened(OPENED);
      channel.happened(TRANSFER_INITIATED);
    }

    @Override
    public void onVisit(VisitReport visit) {
      Flowed flowed;
      synchronized (TakenPush.this) {
        if (!isCurrent()) {
          return;
        }
        plan = visit.wireBytes() > 0 ? plan.moved() : plan;
        flowed = received;
      }
      flowed.passed(visit.number(), visit.charged());
      // What was claimed to be its size is not believed: what counts is what came.
      boolean tooMuch = max.isPresent() && flowed.bytes() > max.getAsLong();
      boolean reached = !isPausedHere() && isLimitReached();
      if (tooMuch) {
        refuse(
            DealCode.STORAGE_FULL,
            "it is more than %s".formatted(Quantities.show(max.getAsLong())));
      } else if (reached) {
        limitReached();
        stop();
      } else if (flowed.unrecorded() >= limits.progressBytes()) {
        record();
        refuseWhereFull(); // now and then: it may be a walk over the list of contents
      }
    }

    @Override
    public void onEnd(RequestResult result) {
      synchronized (TakenPush.this) {
        if (!isCurrent()) {
          return;
        }
      }
      workers.execute(() -> ended(result));
    }
  }

  private void refuseWhereFull() {
    try {
      receiving
          .lacksRoom(arrivingInAll.getAsLong(), 0)
          .ifPresent(why -> refuse(DealCode.STORAGE_FULL, why));
    } catch (IOException e) {
      refuse(ManagedChannel.ofDisk(e), "the blocks cannot be kept: " + e.getMessage());
    }
  }

  private void ended(RequestResult result) {
    record();
    String why = result.error().map(Exception::getMessage).orElse("");
    switch (result.outcome()) {
      case COMPLETED -> finish();
      case CANCELLED -> channel.happened(REQUEST_CANCELLED, new ErrorText(""));
      case NETWORK ->
          channel.happened(
              RECEIVE_DATA_ERROR,
              ManagedChannel.text(DealCode.CONNECTION_LOST, "the connection was lost: " + why));
      case PARTIAL ->
          refuse(
              DealCode.PARTIAL,
              Quantities.count(result.missingBlocks(), "block")
                  + " did not come, the first is "
                  + result.missing().getFirst());
      case REFUSED -> refused(result.status());
      case VERIFICATION_FAILED ->
          refuse(DealCode.VERIFICATION_FAILED, "what came is not what was offered: " + why);
      case FAILED -> refuse(of(result), "the blocks cannot be kept: " + why);
    }
  }

  /**
   * The sender's word by GraphSync. That it lacks the data is final; anything else may be of a
   * process that has not come to this push yet, or has just begun it anew: the initiator says what
   * it means, or comes back.
   */
  private void refused(Optional<ResponseStatus> status) {
    String why = "the sender ended it with " + status.map(Enum::name).orElse("nothing");
    if (status.equals(Optional.of(ResponseStatus.NOT_FOUND))) {
      refuse(DealCode.NOT_FOUND, why);
    } else {
      channel.happened(RECEIVE_DATA_ERROR, ManagedChannel.text(DealCode.CONNECTION_LOST, why));
      askAgain();
    }
  }

  /** Asks the initiator to begin again, if nothing has begun by then; ever less often. */
  private void askAgain() {
    Optional<Duration> pause;
    int now;
    synchronized (this) {
      plan = plan.stopped();
      pause = plan.pause();
      now = requests;
    }
    pause.ifPresent(
        wait ->
            CompletableFuture.delayedExecutor(wait.toMillis(), TimeUnit.MILLISECONDS, workers)
                .execute(
                    () -> {
                      boolean still;
                      synchronized (this) {
                        still = now == requests && !isOver();
                      }
                      if (still) {
                        restart();
                      }
                    }));
  }

  /** Durable before said: blocks, then the list of contents, then the channel, then the word. */
  private void finish() {
    try {
      receiving.store().sync();
      receiving.received(channel.channel().initiator(), channel.opening().root());
    } catch (IOException e) {
      refuse(ManagedChannel.ofDisk(e), "the blocks cannot be kept: " + e.getMessage());
      return;
    }
    CrashPoint.PUSH_KEPT.reached();
    if (!isPausedHere()) { // as by the last block; then it is asked for again, and all is here
      allFlowed();
    }
  }

  private void refuse(DealCode code, String why) {
    end();
    channel.failed(code, why);
    refuse(Optional.of(PushVouchers.refusal(why)));
  }

  @Override
  void refuse(Optional<TypedVoucher> result) {
    var unused = current().refuse(result).exceptionally(failure -> null);
  }

  private synchronized ReceivedPush current() {
    return push;
  }

  private static DealCode of(RequestResult result) {
    return result.error().map(ManagedChannel::ofDisk).orElse(DealCode.INTERNAL);
  }

  @Override
  void record() {
    channel.happened(DATA_RECEIVED, received().recorded());
  }

  @Override
  void stop() {
    var unused = current().pause().exceptionally(failure -> null);
  }

  /** The data come with a restart, which is the initiator's to begin. */
  @Override
  void goOn(Optional<TypedVoucher> result) {
    say(TransferResponse.voucherResult(number(), true, false, result));
    restart();
  }

  @Override
  long flowed() {
    return moved().bytes();
  }

  @Override
  long arriving() {
    return moved().bytes();
  }

  @Override
  Totals moved() {
    return received().totals();
  }

  @Override
  void complete() {
    CrashPoint.PUSH_COMPLETE.reached();
    super.complete();
  }

  @Override
  void giveUp(boolean tell) {
    boolean said = !end(); // a refusal with its reason
    if (tell && !said) {
      said(current().cancel());
    }
    current().close();
  }
}
