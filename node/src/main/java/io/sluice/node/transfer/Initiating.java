package io.sluice.node.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.ACCEPT;
import static io.sluice.fsm.transfer.TransferChannelEvent.CANCEL;
import static io.sluice.fsm.transfer.TransferChannelEvent.NEW_VOUCHER_RESULT;
import static io.sluice.fsm.transfer.TransferChannelEvent.PAUSE_RESPONDER;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESPONDER_BEGINS_FINALIZATION;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESPONDER_COMPLETES;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESTART;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESUME_RESPONDER;

import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.TransferVoucher;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.InitiatedTransfer;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.TransferEvent;
import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The initiator's side of both directions: what the responder says, and when an attempt is made
 * again. The initiator is the one who begins again; the responder can only ask for it.
 *
 * <p>Spec: go-data-transfer v1.15.1, response handling, restarts.
 */
abstract class Initiating extends Conversation {
  private static final Set<TransferStatus> UNANSWERED =
      EnumSet.of(TransferStatus.REQUESTED, TransferStatus.AWAITING_ACCEPTANCE);

  final ManagedChannel channel;
  final DataTransfer transfers;
  final TransferLimits limits;
  final Executor workers;
  final Attempts attempts;
  private final Ticker ticker;
  private final OpenVouchers vouchers = new OpenVouchers();

  // Guarded by this.

  /** Whether the responder may know the channel: then it is asked to restart it. */
  private boolean offered;

  private boolean agreed;
  private boolean triedAnew;
  private boolean pausedHere;
  private boolean pausedThere;
  private boolean finalizing;

  /** Whether the responder has said, since it was last asked, that it is complete. */
  private boolean completed;

  /** Whether the machine has that word, from whenever. */
  private boolean completionRecorded;

  private boolean over;

  /** Whether the responder knows already that nothing comes of it. */
  private boolean told;

  private long lastNews;

  /** Whether the responder has said nothing since it was asked, or given a voucher. */
  private boolean unheard;

  Initiating(
      ManagedChannel channel,
      DataTransfer transfers,
      TransferLimits limits,
      Executor workers,
      Ticker ticker) {
    this.channel = channel;
    this.transfers = transfers;
    this.limits = limits;
    this.workers = workers;
    this.ticker = ticker;
    this.attempts = new Attempts(limits, workers, this::attempt, channel::failed);
  }

  /** Begins the channel at the responder, or begins it again. */
  abstract void attempt();

  /** The responder has said that it is done. */
  abstract void responderCompleted();

  /** Whether something is under way that says by itself when it is lost. */
  abstract boolean isUnderWay();

  /** What the last attempt has opened. */
  abstract Optional<InitiatedTransfer> atPeer();

  // ---- what is known

  /**
   * The machine has been there before this process: the responder may know of it.
   *
   * @param status what the machine is in
   */
  void wasOffered(TransferStatus status) {
    synchronized (this) {
      offered = true;
      agreed = !UNANSWERED.contains(status);
      completionRecorded = status == TransferStatus.RESPONDER_COMPLETED;
    }
    attempts.found();
  }

  void recall(TransferChannel data) {
    synchronized (this) {
      pausedHere = data.initiatorPaused();
      pausedThere = data.responderPaused();
    }
    vouchers.recall(data.vouchers());
  }

  /** The request is out: from now on the responder may know the channel. */
  synchronized void isOffered() {
    offered = true;
  }

  synchronized boolean wasOffered() {
    return offered;
  }

  synchronized boolean isAgreed() {
    return agreed;
  }

  synchronized boolean isPausedHere() {
    return pausedHere;
  }

  synchronized void pausedHere(boolean now) {
    pausedHere = now;
    lastNews = ticker.nanos();
  }

  synchronized boolean isCompleted() {
    return completed;
  }

  /**
   * Whether the responder, asked once more after it said so, has yet to say that it is complete. It
   * may want the data again; and in the machine, which has its earlier word, their end is the end.
   */
  synchronized boolean isToSayAgain() {
    return completionRecorded && !completed;
  }

  synchronized boolean isOver() {
    return over;
  }

  /** Nothing that comes from now on counts. */
  void end() {
    synchronized (this) {
      over = true;
    }
    attempts.end();
  }

  synchronized void told() {
    told = true;
  }

  synchronized boolean isTold() {
    return told;
  }

  synchronized void news() {
    lastNews = ticker.nanos();
  }

  /** An attempt begins. */
  final void attempting() {
    vouchers.attempt();
    synchronized (this) {
      completed = false;
    }
    asked();
  }

  /** The responder is asked for something: even one that waits has to say so. */
  private synchronized void asked() {
    unheard = true;
    lastNews = ticker.nanos();
  }

  // ---- what is said to the responder

  /**
   * Gives a further voucher, which is recorded, and gives it again after each restart until it is
   * answered.
   *
   * @return completes when it is written for the first time, or cannot be
   */
  final CompletableFuture<Void> give(TypedVoucher voucher) {
    vouchers.given(voucher);
    asked();
    return say(TransferRequest.voucher(channel.channel().transfer(), voucher))
        .whenComplete((written, failure) -> vouchers.written());
  }

  private void giveAgain() {
    for (TypedVoucher voucher : vouchers.again()) {
      asked();
      var unused =
          say(TransferRequest.voucher(channel.channel().transfer(), voucher))
              .exceptionally(failure -> null);
    }
  }

  // ---- what the responder says

  /** A response, by stream or inside GraphSync; must not block. */
  final void heard(TransferResponse message) {
    synchronized (this) {
      if (over) {
        return;
      }
      lastNews = ticker.nanos();
      unheard = false;
    }
    vouchers.heard();
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
      case ACCEPT -> {
        accepted();
        giveAgain(); // what came before it was for a channel that the responder did not have
      }
      case RESTART -> {
        accepted(); // if the acceptance itself was lost
        channel.happened(RESTART);
        giveAgain();
      }
      case RESPONDER_BEGINS_FINALIZATION -> {
        synchronized (this) {
          finalizing = true;
        }
        attempts.moved();
        channel.happened(RESPONDER_BEGINS_FINALIZATION);
      }
      case RESPONDER_COMPLETES -> {
        accepted();
        channel.happened(RESPONDER_COMPLETES);
        synchronized (this) {
          completed = true;
          completionRecorded = true;
        }
        responderCompleted();
      }
      case PAUSE_RESPONDER -> {
        attempts.moved(); // it is there and waits, be it for days
        if (pausedThere(true)) {
          channel.happened(PAUSE_RESPONDER);
        }
      }
      case RESUME_RESPONDER -> {
        boolean answer = message.type() == MessageType.VOUCHER_RESULT && vouchers.answered();
        if (pausedThere(false) || answer) {
          channel.happened(RESUME_RESPONDER);
        }
      }
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

  private synchronized boolean pausedThere(boolean now) {
    boolean news = pausedThere != now;
    pausedThere = now;
    return news;
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
      workers.execute(this::attempt);
    } else {
      told();
      channel.failed(
          DealCode.REFUSED, "the peer refused it" + PushVouchers.reason(message.result()));
    }
  }

  // ---- time, and losses

  @Override
  void restart() {
    attempts.byHand();
    attempt();
  }

  @Override
  void peerPaused(boolean now) {} // a responder says so in a response

  /** Whether nothing came for too long, though something should have. */
  boolean isStalled() {
    synchronized (this) {
      boolean waits = pausedThere || finalizing; // for a voucher, once it has said so
      if (pausedHere || over || (waits && !unheard)) {
        return false;
      }
      if (ticker.nanos() - lastNews <= limits.stall().toNanos()) {
        return false;
      }
    }
    return !attempts.isWaiting();
  }

  String stallText() {
    return "nothing came for " + limits.stall().toSeconds() + " s";
  }

  /** Whether the loss of the connection says something that nothing else says. */
  boolean isLostUnheard() {
    attempts.found(); // it was there
    synchronized (this) {
      if (over || pausedHere) {
        return false;
      }
    }
    return !isUnderWay();
  }

  // ---- the end

  @Override
  void complete() {
    end();
    atPeer().ifPresent(InitiatedTransfer::close);
  }

  @Override
  void giveUp(boolean tell) {
    end();
    Optional<InitiatedTransfer> last = atPeer();
    if (tell && !isTold()) {
      said(
          last.isPresent()
              ? last.get().cancel()
              : say(TransferRequest.cancel(channel.channel().transfer())));
    }
    last.ifPresent(InitiatedTransfer::close);
  }

  /** Says something to the responder, on a stream. */
  CompletableFuture<Void> say(TransferMessage message) {
    return transfers.send(channel.channel().responder(), channel.opening().addresses(), message);
  }
}
