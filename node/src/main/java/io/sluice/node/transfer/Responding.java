package io.sluice.node.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.BEGIN_FINALIZING;
import static io.sluice.fsm.transfer.TransferChannelEvent.COMPLETE;
import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_LIMIT_EXCEEDED;
import static io.sluice.fsm.transfer.TransferChannelEvent.ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.NEW_VOUCHER;
import static io.sluice.fsm.transfer.TransferChannelEvent.NEW_VOUCHER_RESULT;
import static io.sluice.fsm.transfer.TransferChannelEvent.PAUSE_INITIATOR;
import static io.sluice.fsm.transfer.TransferChannelEvent.PAUSE_RESPONDER;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESUME_INITIATOR;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESUME_RESPONDER;
import static io.sluice.fsm.transfer.TransferChannelEvent.SET_DATA_LIMIT;
import static io.sluice.fsm.transfer.TransferChannelEvent.SET_REQUIRES_FINALIZATION;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.fsm.transfer.TransferInput.TransferVoucher;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The responder's side of both directions: what was agreed to, what is decided about further
 * vouchers, and when it is complete.
 *
 * <p>One decision at a time: each is made on what is recorded of the one before, recorded, and only
 * then said. Spec: go-data-transfer v1.15.1, vouchers and completion; v2.0.0, data limits.
 *
 * <p>Said comes last because a process may die at any moment: what was recorded and not said is
 * asked for again by an initiator that heard nothing, and gets the same answer; what was said and
 * not recorded would be forgotten, and with it a voucher that was paid. Data flow beside all that
 * on GraphSync's threads, which ask here whether to wait and never wait for a decision.
 */
abstract class Responding extends Conversation {
  private static final Logger LOG = LoggerFactory.getLogger(Responding.class);

  final ManagedChannel channel;
  final DataTransfer transfers;
  final TransferLimits limits;
  final Executor workers;
  private final Optional<TransferValidator> validator;

  /** Held while one is made, with the waiting for the disk that belongs to it. */
  private final Lock deciding = new ReentrantLock();

  private volatile long limit;
  private volatile Optional<TypedVoucher> lastWords = Optional.empty();

  // Guarded by this.
  private boolean recalled;

  private boolean pausedHere;
  private boolean pausedThere;
  private boolean over;

  Responding(
      ManagedChannel channel,
      DataTransfer transfers,
      Optional<TransferValidator> validator,
      TransferLimits limits,
      Executor workers) {
    this.channel = channel;
    this.transfers = transfers;
    this.validator = validator;
    this.limits = limits;
    this.workers = workers;
  }

  /** Bytes that count against the limit so far. */
  abstract long flowed();

  /** Records how far the data are. */
  abstract void record();

  /**
   * Goes on after a pause of this end, which is recorded to be over.
   *
   * @param result said with it
   */
  abstract void goOn(Optional<TypedVoucher> result);

  /** Stops the data at this end, and says so. */
  abstract void stop();

  /**
   * Ends what GraphSync does for it, with a refusing result in place of a cancel.
   *
   * @param result says why
   */
  abstract void refuse(Optional<TypedVoucher> result);

  /** After a restart of this process: the initiator is asked to go on, if it can be found. */
  @Override
  void begin(TransferChannel data) {
    recall(data);
    restart();
  }

  /** What was recorded before; once: from then on this knows better. Returns whether it counted. */
  boolean recall(TransferChannel data) {
    // A restart asked for by the peer and the one after our own start can meet here. The second
    // would
    // put back what has been decided since.
    synchronized (this) {
      if (recalled) {
        return false;
      }
      recalled = true;
      pausedHere = data.responderPaused();
      pausedThere = data.initiatorPaused();
    }
    limit = data.dataLimit();
    return true;
  }

  synchronized boolean isOver() {
    return over;
  }

  /** Nothing that comes from now on counts; false if that was so before. */
  synchronized boolean end() {
    // A cancel, a refusal and the end of the data may meet: one of them says something.
    boolean news = !over;
    over = true;
    return news;
  }

  synchronized boolean isPausedHere() {
    return pausedHere;
  }

  boolean isLimitReached() {
    return Consequence.isReached(limit, flowed());
  }

  /** Whether data that are asked for now have to wait. Recorded if it is for the limit. */
  boolean hasToWait() {
    boolean paused = isPausedHere();
    if (!isLimitReached()) {
      return paused;
    }
    // Blocks go on until this says no, so it is asked once for each that is one too many; the pause
    // is
    // recorded for the first.
    if (!paused) {
      limitReached();
    } else { // what was demanded was lost perhaps, or the voucher that was given for it
      demandSoon();
    }
    return true;
  }

  private void demandSoon() {
    workers.execute(() -> inTurn(this::demand));
  }

  /** No more may flow: recorded, and the initiator hears what it may do about it. */
  void limitReached() {
    // Paused in memory before anything else: no block may pass while it is being recorded. The
    // demand is left to a worker, since a validator may take its time and this is a walk's thread.
    CrashPoint.LIMIT_REACHED.reached();
    synchronized (this) {
      pausedHere = true;
    }
    record();
    channel.happened(DATA_LIMIT_EXCEEDED);
    demandSoon();
  }

  // ---- vouchers

  private interface Work {
    void run() throws IOException;
  }

  private void inTurn(Work work) {
    deciding.lock();
    try {
      work.run();
    } catch (IOException e) {
      LOG.warn("{} cannot be decided about: {}", channel.id(), e.getMessage());
    } finally {
      deciding.unlock();
    }
  }

  private Optional<MachineView<TransferStatus, TransferChannel>> live() throws IOException {
    return channel
        .records()
        .channels()
        .get(channel.id())
        .filter(view -> !view.ended() && !TransferTable.CLEANUP.contains(view.state()));
  }

  /** The initiator gives a further voucher; may block. */
  void paid(TypedVoucher voucher) {
    inTurn(
        () -> {
          TransferManager.join(channel.decided(NEW_VOUCHER, new TransferVoucher(voucher)));
          CrashPoint.FURTHER_VOUCHER_TAKEN.reached();
          var view = live();
          if (view.isEmpty()) {
            return;
          }
          if (validator.isEmpty()) { // whoever takes everything takes vouchers, too
            say(TransferResponse.voucherResult(number(), true, false, Optional.empty()));
            return;
          }
          // The voucher is durable by now: it is kept even if whoever judges it fails.
          Verdict verdict = asked(by -> by.paid(TransferState.of(view.get()), voucher));
          // A voucher ends the wait that it was demanded for; a pause that this end asked for
          // stays.
          boolean byLimit = isLimitReached() || view.get().state() == TransferStatus.FINALIZING;
          follow(isPausedHere() && !byLimit ? verdict.waiting() : verdict, view.get());
        });
  }

  /** It is decided anew, for whatever reason; may block. */
  void judged(Verdict verdict) {
    inTurn(
        () -> {
          var view = live();
          if (view.isPresent()) {
            follow(verdict, view.get());
          }
        });
  }

  /** Something is said to the initiator, such as what it should pay; may block. */
  void result(TypedVoucher words) {
    inTurn(
        () -> {
          var view = live();
          if (view.isPresent()) {
            result(words, view.get().state());
          }
        });
  }

  private void result(TypedVoucher words, TransferStatus status) throws IOException {
    TransferManager.join(channel.decided(NEW_VOUCHER_RESULT, new TransferVoucher(words)));
    answer(status, isPausedHere() || status == TransferStatus.FINALIZING, Optional.of(words));
  }

  private Verdict asked(Function<TransferValidator, Verdict> question) {
    try {
      return question.apply(validator.orElseThrow());
    } catch (RuntimeException e) {
      // A program's own code. Its failure is no consent.
      LOG.error("{} cannot be decided about", channel.id(), e);
      return Verdict.refuse(Optional.empty());
    }
  }

  private void demand() throws IOException {
    var view = live();
    if (view.isEmpty() || validator.isEmpty()) {
      return;
    }
    try {
      Optional<TypedVoucher> words = validator.get().demand(TransferState.of(view.get()));
      if (words.isPresent()) {
        result(words.get(), view.get().state());
      }
    } catch (RuntimeException e) {
      LOG.error("nothing is demanded for {}", channel.id(), e);
    }
  }

  /** Recorded, then said. */
  private void follow(Verdict verdict, MachineView<TransferStatus, TransferChannel> before)
      throws IOException {
    TransferStatus status = before.state();
    note(channel, verdict, before.data());
    Consequence what = Consequence.of(verdict, status, isPausedHere(), flowed());
    if (what != Consequence.REFUSE) {
      limit = verdict.limit();
    }
    switch (what) {
      case REFUSE -> {
        if (end()) { // else its end is under way, and says something itself
          TransferManager.join(
              channel.decided(
                  ERROR, ManagedChannel.text(DealCode.REFUSED, "the voucher was refused")));
          refuse(verdict.result());
        }
      }
      case WAIT -> {
        // When all has been sent there is nothing to stop; it waits for its last voucher.
        boolean news = status != TransferStatus.FINALIZING && pausedHere(true);
        if (news) {
          TransferManager.join(channel.decided(PAUSE_RESPONDER, TransferInput.none()));
          stop();
        }
        if (!news || verdict.result().isPresent()) {
          answer(status, true, verdict.result());
        }
      }
      case GO_ON -> {
        // Recorded before the data go on: after a death it would be paused, though it was said not
        // to be.
        pausedHere(false);
        TransferManager.join(channel.decided(RESUME_RESPONDER, TransferInput.none()));
        CrashPoint.TRANSFER_RESUMED.reached();
        goOn(verdict.result());
      }
      case ANSWER -> answer(status, false, verdict.result());
      case COMPLETE -> {
        // Kept for whoever asks again; the step may run after this returns.
        lastWords = verdict.result();
        channel.happened(RESUME_RESPONDER); // its step says so
      }
    }
  }

  /** What a verdict changes of the record, apart from a pause. */
  static void note(ManagedChannel channel, Verdict verdict, TransferChannel before) {
    verdict
        .result()
        .ifPresent(words -> channel.happened(NEW_VOUCHER_RESULT, new TransferVoucher(words)));
    if (verdict.accepted() && verdict.limit() != before.dataLimit()) {
      channel.happened(SET_DATA_LIMIT, new TransferInput.DataLimit(verdict.limit()));
    }
    if (verdict.accepted() && verdict.lastVoucher() != before.requiresFinalization()) {
      channel.happened(
          SET_REQUIRES_FINALIZATION, new TransferInput.RequiresFinalization(verdict.lastVoucher()));
    }
  }

  private synchronized boolean pausedHere(boolean now) {
    boolean news = pausedHere != now;
    pausedHere = now;
    return news;
  }

  private void answer(TransferStatus status, boolean waits, Optional<TypedVoucher> words) {
    say(
        status == TransferStatus.FINALIZING
            ? TransferResponse.complete(number(), true, waits, words)
            : TransferResponse.voucherResult(number(), true, waits, words));
  }

  long number() {
    return channel.channel().transfer();
  }

  /** Says something to the initiator, on a stream. */
  void say(TransferMessage message) {
    // What does not arrive is asked for again by the initiator, which has a timer; we have none.
    var unused = sent(message).exceptionally(failure -> null);
  }

  CompletableFuture<Void> sent(TransferMessage message) {
    return transfers.send(channel.channel().initiator(), List.of(), message);
  }

  // ---- restarts

  /**
   * The initiator begins again, or asks a process that has not agreed yet: then the terms are those
   * of the opening, of which the process before may have recorded some or none.
   *
   * @return what is said about that
   */
  Verdict restarted(MachineView<TransferStatus, TransferChannel> view) {
    if (validator.isEmpty()) {
      return Verdict.unchanged(view.data());
    }
    Verdict verdict =
        asked(
            by ->
                Admission.isOpen(view)
                    ? by.opened(view.data().opening())
                    : by.restarted(TransferState.of(view)));
    // Most restarts change nothing, and cost no record then: a peer may restart as often as it
    // likes.
    if (!verdict.equals(Verdict.unchanged(view.data())) && verdict.accepted()) {
      note(channel, verdict, view.data());
      limit = verdict.limit();
      boolean waits = verdict.paused() || isLimitReached();
      if (pausedHere(waits)) {
        channel.happened(waits ? PAUSE_RESPONDER : RESUME_RESPONDER);
      }
    }
    return verdict;
  }

  /** A restart was refused, so it is over; the refusal itself is the answer to the request. */
  void refusedAgain() {
    end();
    channel.failed(DealCode.REFUSED, "the restart was refused");
  }

  /** Asks the initiator to begin again; it comes back by itself, too. */
  @Override
  void restart() {
    say(TransferRequest.restartExisting(channel.channel()));
  }

  // ---- pauses

  @Override
  void paused(boolean now) {
    pausedHere(now);
    if (now) {
      stop();
    } else {
      goOn(Optional.empty());
    }
  }

  @Override
  void peerPaused(boolean now) {
    // A peer that says it again and again fills no journal.
    synchronized (this) {
      if (pausedThere == now) {
        return;
      }
      pausedThere = now;
    }
    channel.happened(now ? PAUSE_INITIATOR : RESUME_INITIATOR);
  }

  @Override
  void tick() {} // it is the initiator's to begin again

  @Override
  void disconnected() {} // what GraphSync does says so, and the initiator comes back

  // ---- the end

  /** All data are through: complete, or nearly so; may block. */
  void allFlowed() {
    inTurn(
        () -> {
          var view = live();
          // The walk may end more than once, by a restart: the record knows whether it counts.
          if (view.isEmpty()) {
            return;
          }
          if (!view.get().data().requiresFinalization()) {
            channel.happened(COMPLETE);
            return;
          }
          TransferManager.join(channel.decided(BEGIN_FINALIZING, TransferInput.none()));
          // Said before the demand, which a validator may take its time for: the initiator is to
          // know that nothing more comes.
          CrashPoint.LAST_VOUCHER_DUE.reached();
          say(TransferResponse.complete(number(), true, true, Optional.empty()));
          demand();
        });
  }

  /** Says that it is complete; whoever does not hear it asks again, and is told again. */
  @Override
  void complete() {
    said(sent(TransferResponse.complete(number(), true, false, lastWords)));
  }
}
