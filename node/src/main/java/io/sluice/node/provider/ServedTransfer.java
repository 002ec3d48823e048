package io.sluice.node.provider;

import io.sluice.fsm.MachineId;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.datatransfer.ServedPull;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.ResponsePosition;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One transfer of one deal while it is under way: the gate beside its walk, and what becomes of it.
 *
 * <p>The gate asks the deal's account before each block that would be newly charged. Blocks up to
 * what was charged before are sent again without a question. A request that begins behind what is
 * paid is noticed at the first visit that it wants bytes for: everything before is skipped on the
 * wire, so nothing was sent by then.
 *
 * <p>What is charged is recorded before bytes beyond the last record and one mark more go out; the
 * record is begun half a mark earlier, so that the walk hardly ever waits for it.
 */
final class ServedTransfer implements BlockGate, ResponseListener {
  /** What a transfer tells the deal it belongs to. Must not block. */
  interface Owner {
    /** The time. */
    Instant now();

    /** The gate closed before a block. */
    void gateClosed(ServedTransfer transfer, BlockPermit why, long charged);

    /** So much is charged; the future says when that is durable. */
    CompletableFuture<?> progress(ServedTransfer transfer, long charged);

    /** The request begins before what is paid. */
    void behind(ServedTransfer transfer, long position);

    /** The last status is written. */
    void finished(ServedTransfer transfer, ResponseStatus status, long charged);

    /** Nothing more goes out, for that reason. */
    void stopped(ServedTransfer transfer, DealCode reason, String message);

    /** Bytes of blocks were written. */
    void sent(long bytes);
  }

  /**
   * The deal that is served.
   *
   * @param number the client's number for it
   * @param markBytes bytes that may be charged beyond what is recorded
   */
  record ServedDeal(MachineId id, long number, boolean free, long markBytes) {}

  /**
   * Where a transfer begins.
   *
   * @param exclusions what is never charged
   * @param position visits that the request wants no bytes for
   * @param charged bytes charged by earlier transfers of the deal
   */
  record TransferStart(Exclusions exclusions, long position, long charged) {}

  private final ServedDeal deal;
  private final TransferStart start;
  private final ServedPull pull;
  private final Owner owner;

  /** Whether the walk waits for {@link #goOn}. */
  private final AtomicBoolean waiting = new AtomicBoolean();

  /** Whether no record of the gate's opening is being made. */
  private final AtomicBoolean openingRecorded = new AtomicBoolean(true);

  /** Whether the end of this transfer has been told, or is of no interest any more. */
  private final AtomicBoolean over = new AtomicBoolean();

  private volatile Optional<DealAccount> account;
  private volatile long charged;
  private volatile long wanted = 1;
  private volatile Instant waitsSince = Instant.MAX;
  private volatile boolean checked;

  private String demanded = "";

  // The walk's own thread only.
  private long mark;
  private @Nullable CompletableFuture<?> marking;
  private long markingAt;

  /** A transfer that is about to be accepted. */
  ServedTransfer(
      ServedDeal deal,
      TransferStart start,
      ServedPull pull,
      Optional<DealAccount> account,
      Owner owner) {
    this.deal = deal;
    this.start = start;
    this.pull = pull;
    this.account = account;
    this.owner = owner;
    this.charged = start.charged();
    this.mark = start.charged();
  }

  MachineId deal() {
    return deal.id();
  }

  long number() {
    return deal.number();
  }

  ServedPull pull() {
    return pull;
  }

  PeerId peer() {
    return pull.channel().initiator();
  }

  Exclusions exclusions() {
    return start.exclusions();
  }

  long charged() {
    return charged;
  }

  /** The walk waits from now on: for an opening, a fee, or a voucher. */
  void startsWaiting() {
    waitsSince = owner.now();
    waiting.set(true);
  }

  /** The opening has come. */
  void paidBy(DealAccount by) {
    account = Optional.of(by);
  }

  /** Takes the one right to let a waiting walk go on. */
  boolean goOn() {
    return waiting.compareAndSet(true, false);
  }

  /** When the walk began to wait for the last time. */
  Instant waitsSince() {
    return waitsSince;
  }

  /** Size of the block that the gate is closed before. */
  long wanted() {
    return wanted;
  }

  /** Whether a demand of that kind has yet to be made; it then counts as made. */
  synchronized boolean mayDemand(BlockPermit why, long at) {
    String next = why + " " + at;
    boolean news = !next.equals(demanded);
    demanded = next;
    return news;
  }

  /** Takes the right to record that the gate is open again; one such record at a time. */
  boolean mayRecordOpening() {
    return openingRecorded.compareAndSet(true, false);
  }

  /** The record is made, or refused. */
  void openingIsRecorded() {
    openingRecorded.set(true);
  }

  /** The last demand may have been lost: it is made again. */
  synchronized void demandAgain() {
    demanded = "";
  }

  /** From now on nothing of this transfer is told any more; true the first time. */
  boolean abandon() {
    return over.compareAndSet(false, true);
  }

  @Override
  public GateDecision before(BlockVisit visit) {
    if (over.get()) {
      return GateDecision.pause(Map.of());
    }
    if (!checked && visit.number() > start.position()) {
      checked = true;
      if (account
          .filter(by -> isBehind(by.terms(), by.credit(), visit.chargedBefore()))
          .isPresent()) {
        // Not waiting for anything: whoever looks at the deal now must not let this walk go on.
        owner.behind(this, start.position());
        return GateDecision.pause(Map.of());
      }
    }
    if (visit.chargedAfter() <= charged) {
      return GateDecision.PASS;
    }
    Optional<DealAccount> payer = account;
    BlockPermit pass =
        deal.free()
            ? BlockPermit.OPEN
            : payer.map(by -> by.pass(visit.charge())).orElse(BlockPermit.PAYMENT_NEEDED);
    if (pass != BlockPermit.OPEN) {
      wanted = visit.charge();
      startsWaiting();
      owner.gateClosed(this, pass, charged);
      return pull.demand(demands(pass));
    }
    keepMark(visit.chargedAfter());
    return GateDecision.PASS;
  }

  /**
   * Only now is the block charged: it was read and is what its CID says. One that is damaged on the
   * disk is found out by reading it, which comes after the gate; it is not sent, and costs nothing.
   */
  @Override
  public void after(BlockVisit visit) {
    if (visit.chargedAfter() > charged) {
      charged = visit.chargedAfter();
      account.ifPresent(by -> by.charged(visit.chargedAfter()));
    }
  }

  /** Goes with the last block, so that a gate which closes all the time costs no messages. */
  private List<TypedVoucher> demands(BlockPermit pass) {
    Optional<DealAccount> payer = account;
    if (pass != BlockPermit.PAYMENT_NEEDED || payer.isEmpty() || !mayDemand(pass, charged)) {
      return List.of();
    }
    return ClientNotices.demands(deal.number(), payer.get().owed(), charged);
  }

  /**
   * Whether a request begins before what is paid: less is due at its position than counts as
   * credit. Vouchers that do not count yet are no reason to refuse: nothing was let out for them.
   */
  static boolean isBehind(Terms terms, TokenAmount credit, long chargedAtPosition) {
    return credit.exceeds(terms.due(chargedAtPosition));
  }

  private void keepMark(long after) {
    if (marking != null && marking.isDone()) {
      mark = markingAt;
      marking = null;
    }
    if (marking == null && after - mark > deal.markBytes() / 2) {
      markingAt = charged;
      marking = owner.progress(this, charged);
    }
    if (!deal.free() && after - mark > deal.markBytes() && marking != null) {
      // Rare: the record was asked for half a mark ago. Short: one sync of the journal.
      marking.handle((done, failure) -> failure == null).join();
      mark = markingAt;
      marking = null;
    }
  }

  @Override
  public void onSent(int blocks, long bytes) {
    owner.sent(bytes);
  }

  @Override
  public void onWalkEnded(ResponseStatus status, ResponsePosition end) {
    charged = Math.max(charged, end.charged());
  }

  @Override
  public void onFinished(ResponseStatus status) {
    if (abandon()) {
      owner.finished(this, status, charged);
    }
  }

  @Override
  public void onCancelledByPeer() {
    if (abandon()) {
      owner.stopped(this, DealCode.CONNECTION_LOST, "the client stopped the transfer");
    }
  }

  @Override
  public void onNetworkError(IOException cause) {
    if (abandon()) {
      owner.stopped(this, DealCode.CONNECTION_LOST, "" + cause.getMessage());
    }
  }
}
