package io.sluice.node.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.node.client.PaymentPlan.Arrived;
import io.sluice.node.client.PaymentPlan.PlanRules;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a deal: from the proposal or restart until the transfer ends or the connection is
 * lost. It hears what the walk and the provider say, and turns it into events of the deal and
 * changes of the {@link PaymentPlan}; it decides nothing about money itself.
 *
 * <p>It can be over in three ways, each of which may come first: the walk ends, after which the
 * provider may still have something to say; the provider refuses; and it is closed from here, after
 * which nothing that comes counts.
 */
final class TransferAttempt implements PullListener, RefusedAttempt {
  private static final Logger LOG = LoggerFactory.getLogger(TransferAttempt.class);

  /** A refusal ends the request; our own result, which says more, comes on another stream. */
  private static final Duration RESULT_MAY_FOLLOW = Duration.ofSeconds(3);

  private final DealContext context;
  private final AttemptListener listener;
  private final MachineId id;
  private final ClientDeal deal;
  private final PlanRunner payments;
  private final LatestResult results = new LatestResult();

  /** Ended from here: nothing that comes counts any more. */
  @GuardedBy("this")
  private boolean closed;

  /** The walk is over; the provider may still have its last word. */
  @GuardedBy("this")
  private boolean ended;

  /**
   * A refusal is being seen to: a second one, which often follows on another stream, would order a
   * second remedy.
   */
  @GuardedBy("this")
  private boolean refused;

  /** A refusal that came before the provider agreed: of the attempt before, or in haste. */
  @GuardedBy("this")
  private @Nullable DealReason early;

  /** The provider has agreed, in this attempt. */
  @GuardedBy("this")
  private boolean accepted;

  /** It has been agreed to, or is over: a refusal can be told from one of an attempt before. */
  private final CountDownLatch decided = new CountDownLatch(1);

  /** Absent until {@link #begin}: the listener may be called before the pull is known here. */
  @GuardedBy("this")
  private @Nullable Pull pull;

  /** Who is told what an attempt does not see to itself. */
  interface AttemptListener {
    /** Bytes came; on the walk's thread. */
    void progressed(MachineId id, long charged, long received);

    /** The provider confirmed the end of the deal. */
    void answered(MachineId id, PeerId provider, ProviderAnswer answer);

    /** The provider said no; on a worker. */
    void refused(RefusedAttempt attempt, MachineId id, ClientDeal deal, DealReason reason);
  }

  TransferAttempt(
      DealContext context,
      AttemptListener listener,
      MachineId id,
      ClientDeal deal,
      LocalContent local) {
    this.context = context;
    this.listener = listener;
    this.id = id;
    this.deal = deal;
    ClientLimits limits = context.limits();
    this.payments =
        new PlanRunner(
            context,
            id,
            deal,
            PaymentPlan.begin(
                new PlanRules(
                    deal.terms(),
                    limits.progressBytes(),
                    limits.answer(),
                    limits.stall(),
                    amount -> context.payments().shown(deal, amount)),
                new Arrived(local.charged(), deal.progress().received(), local.position()),
                deal.paid(),
                deal.progress().answered(),
                context.ticker().nanos()),
            this::giveUp);
  }

  /** Begins: the pull has been opened. */
  void begin(Pull opened) {
    synchronized (this) {
      pull = opened;
      if (closed) { // while it was being opened; whoever did it had no pull to close
        opened.close();
        return;
      }
    }
    payments.begin(opened);
  }

  // ---- what arrives

  /** A step of the walk; on the walk's thread, which never waits here. */
  @Override
  public void onVisit(VisitReport visit) {
    Arrived arrived =
        payments
            .change(
                plan ->
                    plan.visited(
                        visit.charged(),
                        visit.wireBytes(),
                        visit.number(),
                        context.ticker().nanos()))
            .arrived();
    context.metrics().received(visit.wireBytes());
    listener.progressed(id, arrived.charged(), arrived.bytes());
  }

  /** A message of the provider's, on the thread that its messages come on. */
  @Override
  public void onTransfer(TransferResponse response) {
    ProviderAnswer answer;
    try {
      answer = ProviderAnswer.of(response);
    } catch (ProtocolException e) {
      // What cannot be read asks for nothing and proves nothing; a refusal comes in other ways too.
      LOG.debug("{}: unreadable result", id, e);
      return;
    }
    answer.result().ifPresent(results::heard);
    if (response.type() == MessageType.CANCEL) {
      giveUp(new DealReason(DealCode.CANCELLED, "the provider called the deal off"));
    } else if (answer.isRefusal() || (response.isVoucherResult() && !response.accepted())) {
      refusedBecause(answer.reason());
    } else {
      goOn(response, answer);
    }
  }

  /** A pause, an acceptance, a demand or the last word: none of them ends the attempt. */
  private void goOn(TransferResponse response, ProviderAnswer answer) {
    if (response.type() == MessageType.NEW || response.type() == MessageType.RESTART) {
      synchronized (this) {
        accepted = true;
      }
      decided.countDown();
      payments.change(plan -> plan.answered(context.ticker().nanos()));
      context.report(id, ClientEvent.ACCEPTED, context.at());
    }
    if (ProviderAnswer.isLastWord(response)) {
      listener.answered(id, deal.order().provider(), answer);
    }
    if (deal.isFree()) {
      return; // whatever it asks for
    }
    answer
        .result()
        .flatMap(DealResult::shortfall)
        .filter(gap -> !gap.isZero())
        .ifPresent(gap -> context.onWorker(() -> topUp(gap)));
    if (answer.isDemand()) {
      payments.demanded(answer).ifPresent(this::giveUp);
    }
  }

  /**
   * While a deposit is on its way the provider has a reason to be silent, which must not look like
   * a stall; whatever becomes of the deposit, it counts as news when that is known.
   */
  private void topUp(TokenAmount gap) {
    payments.change(PaymentPlan::toppingUp);
    try {
      if (context.payments().cover(id, deal, gap).isEmpty()) {
        giveUp(
            new DealReason(
                DealCode.DEPOSIT_USED,
                "the provider wants more in the channel than the deal may cost"));
      }
    } catch (PaymentException e) {
      giveUp(FailureReasons.of(e));
    } catch (IOException e) {
      LOG.warn("{}: the channel could not be topped up: {}", id, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      payments.change(plan -> plan.toppedUp(context.ticker().nanos()));
    }
  }

  /**
   * GraphSync ended with a refusal. One that breaks off has a reason, which comes by data transfer
   * on a stream of its own, and decides what follows: it may have come already, even before the
   * acceptance that it takes back, or has a little time to arrive.
   */
  private void refusedBeneath(DealReason reason) {
    if (reason.code() != DealCode.CANCELLED) {
      refusedBecause(reason);
      return;
    }
    DealReason said;
    synchronized (this) {
      said = early;
    }
    if (said == null) {
      context.remind(RESULT_MAY_FOLLOW, () -> refusedBecause(reason));
    } else {
      refusedBecause(said);
    }
  }

  /** On a worker: a remedy waits for the ledger, and this is the thread that messages come on. */
  private void refusedBecause(DealReason reason) {
    boolean afterwards;
    synchronized (this) {
      if (refused || closed) {
        return;
      }
      refused = true;
      afterwards = accepted;
    }
    context.onWorker(
        () -> {
          if (afterwards || isOurs(reason)) {
            listener.refused(this, id, deal, reason);
          }
        });
  }

  /**
   * Whether a refusal is meant for this attempt. It names the transfer only, and an earlier attempt
   * was the same transfer: what was said to that one may come late. A provider that refuses ends
   * the request as well; one that agrees after all has not refused this one. Blocks until either is
   * known, or for a while.
   */
  private boolean isOurs(DealReason reason) throws InterruptedException {
    boolean unused = decided.await(RESULT_MAY_FOLLOW.toNanos(), TimeUnit.NANOSECONDS);
    synchronized (this) {
      refused = ended || !accepted;
      early = refused ? null : reason;
      return refused && !closed;
    }
  }

  @Override
  public synchronized boolean isAccepted() {
    return accepted;
  }

  /** On a worker: waits for the result that a refusal may bring with it. */
  @Override
  public Optional<DealResult> resultWith(DealCode code) throws InterruptedException {
    return results.with(code, RESULT_MAY_FOLLOW);
  }

  /** The walk is over, in whichever way. Nothing is decided on its thread that can wait. */
  @Override
  public void onEnd(RequestResult result) {
    boolean settled;
    synchronized (this) {
      settled = closed || refused;
      ended = true;
    }
    decided.countDown();
    payments.stop(); // what is left is paid by the state that the deal comes into
    payments.change(plan -> plan.ended(result.charged()));
    if (settled) { // the deal has been told already how this attempt came out
      return;
    }
    switch (result.outcome()) {
      case COMPLETED -> context.onWorker(this::allVerified);
      // The provider lacks some of it: what did come is paid for, and another may have the rest.
      case PARTIAL -> context.onWorker(() -> missing(result));
      case REFUSED -> refusedBeneath(FailureReasons.ofRefusal(result));
      // Wrong bytes are the provider's doing: it gets nothing for them, and no second chance.
      case VERIFICATION_FAILED ->
          giveUp(because(FailureReasons.ofViolation(result), result, "not what was asked for"));
      // No fault of the deal's: another attempt goes on from what is here.
      case NETWORK -> lost(because(DealCode.CONNECTION_LOST, result, "connection lost"));
      case FAILED ->
          giveUp(
              result
                  .error()
                  .map(error -> FailureReasons.ofDisk("", error))
                  .orElseGet(() -> new DealReason(DealCode.INTERNAL, "failed here")));
      case CANCELLED -> // not by us: something that came could not be read
          giveUp(
              new DealReason(
                  DealCode.VERIFICATION_FAILED, "the provider sent a message that is malformed"));
    }
  }

  /** What went wrong as the walk tells it, or in our words where it tells nothing. */
  private static DealReason because(DealCode code, RequestResult result, String otherwise) {
    return result
        .error()
        .map(error -> FailureReasons.of(code, error))
        .orElseGet(() -> new DealReason(code, otherwise));
  }

  /** Durable first: the last voucher, which follows, says that everything is here. */
  private void allVerified() {
    try {
      context.blocks().sync();
      CrashPoint.ALL_VERIFIED.reached();
      context.report(id, ClientEvent.ALL_VERIFIED, verified());
    } catch (IOException e) {
      giveUp(FailureReasons.ofDisk("the blocks could not be made durable: ", e));
    }
  }

  /** What did come is paid for when the deal is left, so it has to be on record before. */
  private void missing(RequestResult result) {
    try {
      context.blocks().sync();
      context.report(id, ClientEvent.PROGRESS, verified());
    } catch (IOException e) {
      LOG.warn("{}: the blocks could not be made durable", id, e);
    }
    DealReason reason = FailureReasons.ofMissing(result, deal.order().root());
    context.report(
        id,
        reason.code() == DealCode.NOT_FOUND ? ClientEvent.REFUSED : ClientEvent.BLOCKS_MISSING,
        context.stopped(reason));
  }

  /** How far the walk has come, as an event's input. */
  ClientInput.Verified verified() {
    return payments.verified();
  }

  // ---- ending: from here, whatever the provider does

  /** Looks whether anything still comes; called every now and then. */
  void watch() {
    synchronized (this) {
      if (closed || ended || refused) {
        return;
      }
    }
    payments.plan().stalled(context.ticker().nanos()).ifPresent(this::lost);
  }

  /** Not a failure of the deal: another attempt goes on from what is here. */
  @Override
  public void lost(DealReason reason) {
    close();
    context.report(id, ClientEvent.CONNECTION_LOST, context.stopped(reason));
  }

  /**
   * The deal ends, or waits until it can go on. Either way it is paid for from the record, so that
   * comes first.
   */
  private void giveUp(DealReason reason) {
    close();
    context.report(id, ClientEvent.PROGRESS, verified());
    context.report(id, DealContext.stop(reason), context.stopped(reason));
  }

  /** Stops paying and listening; the pull ends without a word beyond GraphSync's own. */
  void close() {
    Pull open;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      open = pull;
    }
    decided.countDown();
    payments.stop();
    if (open != null) {
      open.close();
    }
  }

  /**
   * As {@link #close}, and tells the provider that the deal is off; not one that has refused it:
   * what that knows by the deal's number may be another one, of a newer copy of this home.
   */
  void cancel() {
    Pull open;
    synchronized (this) {
      if (refused) {
        close();
        return;
      }
      closed = true;
      open = pull;
    }
    decided.countDown();
    payments.stop();
    if (open != null) {
      var unused = open.cancel().whenComplete((sent, failure) -> open.close());
    }
  }
}
