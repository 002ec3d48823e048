package io.sluice.node.client;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a deal: from the proposal or restart until the transfer ends or the connection is
 * lost. It turns what the provider sends into events of the deal, and pays.
 *
 * <p>Blocks are counted on the walk's thread, which never waits for money. A second thread makes
 * what came durable and pays for it: when half a window is unpaid, when asked, and at the end;
 * while it syncs and signs, more blocks arrive, and the next voucher covers them all.
 */
final class Conversation implements PullListener {
  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
  private static final Duration RESULT_MAY_FOLLOW = Duration.ofSeconds(3);

  /** A voucher that was sent so lately may just not have arrived when a demand was made. */
  private static final Duration RESEND_AFTER = Duration.ofMillis(250);

  /** The block that a gate lets through last, which may be as large as a message. */
  private static final long LAST_BLOCK = 4L << 20;

  private final ClientDesk desk;
  private final Hearer hearer;
  private final MachineId id;
  private final ClientDeal deal;
  private final Terms terms;

  // guarded by this
  private long charged;
  private long received;
  private long position;
  private long paidFor;
  private long recorded;
  private long recordedBytes;
  private boolean accepted;
  private boolean heardOf;
  private TokenAmount paid;
  private long wanted;
  private boolean resend;
  private long lastSent = System.nanoTime() - RESEND_AFTER.toNanos();
  private boolean closed;
  private boolean ended;
  private boolean refused;
  private long claimed;
  private int toppingUp;
  private long lastNews = System.nanoTime();
  private @Nullable DealResult lastResult;
  private @Nullable Pull pull;

  /** Who is told what a conversation does not see to itself. */
  interface Hearer {
    /** Bytes came; on the walk's thread. */
    void progressed(MachineId id, long charged, long received);

    /** The provider confirmed the end of the deal. */
    void answered(MachineId id);

    /** The provider said no; on a worker. */
    void refused(Conversation conversation, MachineId id, ClientDeal deal, Reason reason);
  }

  Conversation(ClientDesk desk, Hearer hearer, MachineId id, ClientDeal deal, LocalPart local) {
    this.desk = desk;
    this.hearer = hearer;
    this.id = id;
    this.deal = deal;
    this.terms = deal.terms().orElse(Terms.atPrice(TokenAmount.ZERO));
    this.charged = local.charged();
    this.position = local.position();
    this.recorded = local.position();
    this.received = deal.received();
    this.paidFor = deal.isFree() ? Long.MAX_VALUE : terms.paidBytes(deal.paid());
    this.paid = deal.paid();
    this.accepted = deal.answered();
  }

  /** Begins: the pull has been opened. */
  void begin(Pull opened) {
    synchronized (this) {
      pull = opened;
      if (closed) {
        opened.close();
        return;
      }
    }
    var unused = Thread.ofVirtual().name("pay-" + id).start(this::payAndRecord);
  }

  // ---- what arrives

  @Override
  public void onVisit(VisitReport visit) {
    synchronized (this) {
      charged = Math.max(charged, visit.charged()); // a restart passes what is here once more
      received += visit.wireBytes();
      position = Math.max(position, visit.number());
      lastNews = System.nanoTime();
      if (visit.wireBytes() > 0) {
        resend = false; // it goes on: nothing that was sent has been lost
      }
      if (isDue()) {
        notifyAll();
      }
    }
    desk.metrics().received(visit.wireBytes());
    hearer.progressed(id, charged, received);
  }

  @Override
  public void onTransfer(TransferResponse answer) {
    Verdict verdict;
    try {
      verdict = Verdict.of(answer);
    } catch (ProtocolException e) {
      LOG.debug("{}: unreadable result", id, e);
      return;
    }
    synchronized (this) {
      verdict.result().ifPresent(result -> lastResult = result);
      notifyAll();
    }
    if (answer.type() == MessageType.CANCEL) {
      giveUp(new Reason(DealCode.CANCELLED, "the provider called the deal off"));
    } else if (answer.isVoucherResult() && !answer.accepted()) {
      refusedBecause(verdict.reason());
    } else if (verdict.isRefusal()) {
      refusedBecause(verdict.reason());
    } else {
      goOn(answer, verdict);
    }
  }

  private void goOn(TransferResponse answer, Verdict verdict) {
    if (answer.type() == MessageType.NEW || answer.type() == MessageType.RESTART) {
      synchronized (this) {
        if (!heardOf) {
          heardOf = true;
          lastNews = System.nanoTime();
        }
        accepted = true;
        notifyAll();
      }
      desk.report(id, ClientEvent.ACCEPTED, new ClientInput.At(desk.now()));
    }
    if (answer.type() == MessageType.COMPLETE && !answer.paused()) {
      hearer.answered(id);
    }
    verdict
        .result()
        .flatMap(DealResult::shortfall)
        .filter(gap -> !gap.isZero() && !deal.isFree())
        .ifPresent(gap -> desk.onWorker(() -> topUp(gap)));
    if (verdict.isDemand() && !deal.isFree()) {
      demand(verdict);
    }
  }

  private void demand(Verdict verdict) {
    Optional<String> excess;
    synchronized (this) {
      excess = excess(verdict);
      if (excess.isEmpty()) {
        claimed = Math.max(claimed, verdict.bytes());
        wanted = Math.max(wanted, wantedBy(verdict));
        resend = true;
        notifyAll();
      }
    }
    excess.ifPresent(text -> giveUp(new Reason(DealCode.OVERCHARGED, text)));
  }

  /**
   * Up to where a demand reaches; until that is paid, every byte is paid for as soon as it is
   * verified. A demand may overtake the blocks that it is for. One that names a sum alone is taken
   * to come on top of all that was paid, which it may overtake, too.
   */
  private long wantedBy(Verdict verdict) {
    return verdict
        .result()
        .flatMap(DealResult::bytes)
        .orElseGet(
            () ->
                terms.paidBytes(terms.due(paidFor).plus(verdict.owed().orElse(TokenAmount.ZERO))));
  }

  /**
   * What is wrong with a demand, if it can't be an honest one. Nothing was signed for more than has
   * been verified, and a gate lets one window and one block through beyond that; whatever else is
   * on its way does not matter.
   */
  private Optional<String> excess(Verdict verdict) {
    long paid = terms.paidBytes(terms.due(charged));
    long most =
        paid >= Terms.UNLIMITED - terms.window(paid) - LAST_BLOCK
            ? Terms.UNLIMITED
            : paid + terms.window(paid) + LAST_BLOCK;
    if (verdict.bytes() > most) {
      return Optional.of(
          "the provider asks to be paid for %d bytes, %d came".formatted(verdict.bytes(), charged));
    }
    long counted = verdict.result().flatMap(DealResult::bytes).orElse(most);
    TokenAmount due = terms.due(counted);
    return verdict
        .owed()
        .filter(owed -> owed.exceeds(due))
        .map(
            owed ->
                "the provider asks for %s, by the terms it can be %s at most".formatted(owed, due));
  }

  private void topUp(TokenAmount gap) {
    synchronized (this) {
      toppingUp++;
    }
    try {
      if (desk.money().cover(id, deal, gap, desk.limits().funds()).isEmpty()) {
        giveUp(
            new Reason(
                DealCode.DEPOSIT_USED,
                "the provider wants more in the channel than the deal may cost"));
      }
    } catch (PaymentException e) {
      giveUp(new Reason(Reason.codeOf(e), String.valueOf(e.getMessage())));
    } catch (IOException e) {
      LOG.warn("{}: the channel could not be topped up: {}", id, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        toppingUp--;
        lastNews = System.nanoTime();
        resend = true;
        notifyAll();
      }
    }
  }

  private void refusedBecause(Reason reason) {
    synchronized (this) {
      if (refused || closed) {
        return;
      }
      refused = true;
    }
    desk.onWorker(() -> hearer.refused(this, id, deal, reason));
  }

  /** Our own result may come behind the classic one; empty if it does not. */
  synchronized Optional<DealResult> resultWith(DealCode code) throws InterruptedException {
    long deadline = System.nanoTime() + RESULT_MAY_FOLLOW.toNanos();
    while (lastResult == null || lastResult.code() != code) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return Optional.empty();
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return Optional.of(lastResult);
  }

  @Override
  public void onEnd(RequestResult result) {
    boolean settled;
    synchronized (this) {
      settled = closed || refused;
      ended = true;
      charged = Math.max(charged, result.charged());
      notifyAll();
    }
    if (settled) {
      return;
    }
    switch (result.outcome()) {
      case COMPLETED -> desk.onWorker(this::allVerified);
      case PARTIAL -> desk.onWorker(() -> missing(result));
      case REFUSED -> refusedBecause(byStatus(result));
      case VERIFICATION_FAILED ->
          giveUp(new Reason(DealCode.VERIFICATION_FAILED, why(result, "not what was asked for")));
      case NETWORK -> lost(new Reason(DealCode.CONNECTION_LOST, why(result, "connection lost")));
      case FAILED -> giveUp(new Reason(DealCode.INTERNAL, why(result, "failed here")));
      case CANCELLED -> // not by us: something that came could not be read
          giveUp(
              new Reason(
                  DealCode.VERIFICATION_FAILED, "the provider sent a message that is malformed"));
    }
  }

  private static Reason byStatus(RequestResult result) {
    DealCode code =
        result
            .status()
            .map(
                status ->
                    switch (status) {
                      case NOT_FOUND -> DealCode.NOT_FOUND;
                      case BUSY -> DealCode.BUSY;
                      case CANCELLED -> DealCode.CANCELLED;
                      default -> DealCode.REFUSED;
                    })
            .orElse(DealCode.REFUSED);
    return new Reason(code, code.meaning());
  }

  private static String why(RequestResult result, String otherwise) {
    return result.error().map(e -> String.valueOf(e.getMessage())).orElse(otherwise);
  }

  private void allVerified() {
    try {
      desk.blocks().sync();
      CrashPoint.ALL_VERIFIED.reached();
      desk.report(id, ClientEvent.ALL_VERIFIED, verified());
    } catch (IOException e) {
      giveUp(new Reason(DealCode.INTERNAL, "the blocks could not be made durable: " + e));
    }
  }

  private void missing(RequestResult result) {
    boolean nothing = result.wireBlocks() == 0 && result.missing().contains(deal.root());
    try {
      desk.blocks().sync();
      desk.report(id, ClientEvent.PROGRESS, verified());
    } catch (IOException e) {
      LOG.warn("{}: the blocks could not be made durable", id, e);
    }
    Reason reason;
    if (result.unrequested() > 0) {
      reason =
          new Reason(
              DealCode.BLOCK_HASH_MISMATCH,
              "%d blocks are missing, the first is %s; others came in their place"
                  .formatted(result.missingBlocks(), result.missing().getFirst()));
    } else if (nothing) {
      reason = new Reason(DealCode.NOT_FOUND, "the provider does not have " + deal.root());
    } else {
      reason =
          new Reason(
              DealCode.PARTIAL,
              "the provider lacks %d of the blocks, the first is %s"
                  .formatted(result.missingBlocks(), result.missing().getFirst()));
    }
    desk.report(
        id,
        reason.code() == DealCode.NOT_FOUND ? ClientEvent.REFUSED : ClientEvent.BLOCKS_MISSING,
        desk.stopped(reason.code(), reason.message()));
  }

  private synchronized ClientInput.Verified verified() {
    return new ClientInput.Verified(desk.now(), charged, received, position);
  }

  // ---- paying and recording

  /** Whether something has to be paid or recorded. Called with the lock held. */
  private boolean isDue() {
    if (position - recorded > 0 && received - recordedBytes >= desk.limits().progressBytes()) {
      return true;
    }
    if (deal.isFree() || !accepted) {
      return false;
    }
    if ((resend && resendIn() <= 0) || (charged > paidFor && wanted > paidFor)) {
      return true;
    }
    return charged > paidFor && charged - paidFor >= Math.max(1, terms.window(paidFor) / 2);
  }

  /** Nanoseconds until the last voucher may go out again. Called with the lock held. */
  private long resendIn() {
    return lastSent + RESEND_AFTER.toNanos() - System.nanoTime();
  }

  private void payAndRecord() {
    try {
      while (true) {
        long upTo;
        ClientInput.Verified progress;
        boolean again;
        synchronized (this) {
          while (!closed && !ended && !isDue()) {
            wait(resend && accepted ? Math.max(1, resendIn() / 1_000_000 + 1) : 0);
          }
          if (closed || ended) {
            return; // what is left is paid by the state that the deal comes into
          }
          upTo = charged;
          progress = verified();
          again = resend;
          resend = false;
        }
        desk.blocks().sync();
        record(progress);
        if (!deal.isFree()) {
          pay(upTo, again);
        }
      }
    } catch (PaymentException e) {
      giveUp(new Reason(Reason.codeOf(e), String.valueOf(e.getMessage())));
    } catch (IOException e) {
      LOG.warn("{}: cannot pay", id, e);
      giveUp(new Reason(DealCode.INTERNAL, "cannot pay: " + e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void record(ClientInput.Verified progress) {
    boolean worthIt;
    synchronized (this) {
      worthIt = progress.received() - recordedBytes >= desk.limits().progressBytes();
      if (worthIt) {
        recordedBytes = progress.received();
        recorded = progress.position();
      }
    }
    if (worthIt) {
      desk.report(id, ClientEvent.PROGRESS, progress);
    }
  }

  private void pay(long upTo, boolean again) throws IOException, InterruptedException {
    boolean news;
    synchronized (this) {
      news = upTo > paidFor || terms.due(upTo).exceeds(paid);
    }
    if (!news && !again) {
      return;
    }
    Optional<SignedVoucher> voucher = desk.money().pay(desk.machines(), id, deal, upTo);
    if (voucher.isEmpty()) {
      return;
    }
    Pull open;
    synchronized (this) {
      paidFor = Math.max(paidFor, upTo);
      lastSent = System.nanoTime();
      TokenAmount now = voucher.get().amount().minusOrZero(deal.base());
      if (now.exceeds(paid)) {
        paid = now;
        lastNews = lastSent;
      }
      open = pull;
    }
    if (open != null) {
      var unused =
          open.sendVoucher(
                  new TypedVoucher(
                      RetrievalNames.PAYMENT,
                      voucher.get().payment(deal.id(), upTo, false).toNode()))
              .thenRun(CrashPoint.VOUCHER_SENT::reached);
    }
  }

  // ---- ending

  /**
   * Looks whether anything still comes; called every now and then. Words alone do not count: a
   * provider that only talks would hold the deal up for ever.
   */
  void watch() {
    long quiet;
    boolean waiting;
    Reason reason;
    synchronized (this) {
      if (closed || ended || refused || toppingUp > 0) {
        return;
      }
      quiet = System.nanoTime() - lastNews;
      waiting = !accepted;
      reason =
          claimed > charged
              ? new Reason(
                  DealCode.OVERCHARGED,
                  "the provider asks to be paid for %d bytes, %d came".formatted(claimed, charged))
              : new Reason(DealCode.TIMEOUT, "nothing came for " + quiet / 1_000_000_000 + " s");
    }
    if (quiet > (waiting ? desk.limits().answer() : desk.limits().stall()).toNanos()) {
      lost(reason);
    }
  }

  void lost(Reason reason) {
    close();
    desk.report(id, ClientEvent.CONNECTION_LOST, desk.stopped(reason.code(), reason.message()));
  }

  void giveUp(Reason reason) {
    close();
    desk.report(id, ClientEvent.PROGRESS, verified());
    desk.report(id, ClientEvent.GIVE_UP, desk.stopped(reason.code(), reason.message()));
  }

  synchronized ClientInput.Verified standing() {
    return verified();
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
      notifyAll();
    }
    if (open != null) {
      open.close();
    }
  }

  /** As {@link #close}, and tells the provider that the deal is off. */
  void cancel() {
    Pull open;
    synchronized (this) {
      closed = true;
      open = pull;
      notifyAll();
    }
    if (open != null) {
      var unused = open.cancel().whenComplete((sent, failure) -> open.close());
    }
  }
}
