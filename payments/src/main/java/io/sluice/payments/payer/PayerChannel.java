package io.sluice.payments.payer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelQuery;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * One channel that this home opened, in memory.
 *
 * <p>The sums that hold it together: <i>vouchered</i> is what all lanes have signed away,
 * <i>reserved</i> what live deals may still sign away. A deal gets a lane only while both and its
 * budget fit into the confirmed deposit, so whatever it signs within its budget is covered.
 *
 * <p>The channel's own monitor guards all of it, and nobody else takes that. Under it nothing is
 * written, no ledger is asked, nothing is signed and nobody waited for. What has to be durable
 * first comes out as a record or a {@link Prepared} change, reserved already, so that nobody else
 * gets the same money meanwhile.
 */
final class PayerChannel {
  final Domain domain;
  final Intent.Open open;
  final Bytes32 id;

  /** Whatever somebody may wait for: a view, the end of an intent, a deal that left. */
  private final ChangeSignal changes = new ChangeSignal();

  @GuardedBy("this")
  private final LanePool lanes = new LanePool();

  @GuardedBy("this")
  private final LatestView view;

  @GuardedBy("this")
  private final ChannelFunds funds;

  @GuardedBy("this")
  private final FundsWanted wanted;

  @GuardedBy("this")
  private final Refund refund;

  @GuardedBy("this")
  private final PayerHistory history;

  @GuardedBy("this")
  private final PayerFigures figures;

  /** A channel whose opening is planned. */
  PayerChannel(Domain domain, Intent.Open open, long confirmations) {
    this.domain = domain;
    this.open = open;
    this.id = open.channel(domain);
    this.view = new LatestView(id, confirmations);
    this.funds = new ChannelFunds(open.id(), view);
    this.wanted = new FundsWanted(domain, open, lanes, funds);
    this.refund = new Refund(domain, open, lanes, funds);
    this.history = new PayerHistory(domain, open, lanes, funds, refund);
    this.figures = new PayerFigures(domain, open, lanes, funds);
  }

  /** Whether new deals may use it, now or once it is there. */
  synchronized boolean isUsable() {
    return funds.isUsable();
  }

  /** Whether the deal can stay: a lane that it has is good also on a channel that ends. */
  synchronized boolean isGoodFor(DealRef deal) {
    return funds.isUsable() || isHeldBy(deal);
  }

  // lanes and budgets

  /** The deal's lane and budget, reserved, if the money is there. */
  synchronized Optional<Prepared<LaneTicket>> grant(FundsRequest request) {
    DealRef deal = request.deal();
    funds.throwFailure(deal);
    LaneHold held = lanes.find(deal);
    if (held != null && !request.budget().exceeds(held.budget())) {
      return Optional.of(Prepared.unchanged(held.ticket(domain, open)));
    }
    if (!wanted.isCovered(request)) {
      return Optional.empty();
    }
    // What it waited for has come; else the next top-up would pay for it once more.
    funds.waiting().remove(deal);
    if (held != null) {
      TokenAmount before = held.budget();
      held.budget(request.budget());
      return Optional.of(taken(held, () -> budget(held, before)));
    }
    return Optional.of(
        taken(lanes.give(deal, request.budget(), Set.of(), funds), () -> leave(deal)));
  }

  @GuardedBy("this")
  private Prepared<LaneTicket> taken(LaneHold hold, Runnable release) {
    LaneTicket ticket = hold.ticket(domain, open);
    return new Prepared<>(ticket, Optional.of(history.taken(hold)), () -> {}, release);
  }

  private synchronized void budget(LaneHold hold, TokenAmount budget) {
    hold.budget(budget);
  }

  /** Puts the deal into the queue for money; what has to be durable, if that is new. */
  synchronized Optional<PaymentRecord> ask(FundsRequest request, PayerPolicy policy) {
    return wanted.ask(request, policy);
  }

  /**
   * Waits until it is worth asking for the deal's lane again; {@code NOT_CONFIRMED} if there is no
   * patience left.
   *
   * @return how much of the patience is left, in nanoseconds
   */
  long awaitChance(FundsRequest request, long patience) throws InterruptedException {
    // Before looking: a change in between must end the wait, see ChangeSignal.
    long seen = changes.count();
    return canGoOn(request) ? patience : await(seen, patience);
  }

  private synchronized boolean canGoOn(FundsRequest request) {
    return wanted.canGoOn(request);
  }

  private long await(long seen, long patience) throws InterruptedException {
    if (patience <= 0) {
      throw notConfirmed();
    }
    return changes.await(seen, patience);
  }

  private synchronized PaymentException notConfirmed() {
    return wanted.notConfirmed();
  }

  /** The deal's lane, if it has one. */
  synchronized Optional<LaneTicket> ticket(DealRef deal) {
    return Optional.ofNullable(lanes.find(deal)).map(hold -> hold.ticket(domain, open));
  }

  /** Another lane, with what is left of the budget, for a deal whose lane is busy at the payee. */
  synchronized Prepared<LaneTicket> swap(DealRef deal) {
    LaneHold old = lanes.of(deal);
    TokenAmount left = old.left();
    // Durable or not, the old lane is useless to the deal; so there is nothing to undo.
    leave(deal);
    return taken(lanes.give(deal, left, old.busyLanes(), funds), () -> {});
  }

  /** Ends a deal's hold and its waiting. */
  synchronized void leave(DealRef deal) {
    history.leave(deal);
    changes.raise();
  }

  /** A deal is over. */
  synchronized void leave(PaymentRecord.DealLeft left) {
    history.restore(left);
    changes.raise();
  }

  /** {@code CHANNEL_IN_USE} if deals are on it. */
  synchronized void checkUnused() {
    if (!lanes.holds().isEmpty()) {
      throw new PaymentException(
          DealCode.CHANNEL_IN_USE, "channel %s pays for %s".formatted(id, lanes.holders()));
    }
  }

  // vouchers

  /**
   * A voucher that brings the deal's payments to {@code due}: the lane's best if that is worth it,
   * else a new one. It is reserved under the monitor and signed outside it, since signing is slow.
   */
  Prepared<SignedVoucher> pay(
      DealRef deal, TokenAmount due, Function<Voucher, SignedVoucher> sign) {
    return switch (choice(deal, due)) {
      case VoucherChoice.Kept kept -> Prepared.unchanged(kept.voucher());
      case VoucherChoice.ToSign next -> pay(deal, next, sign);
    };
  }

  private synchronized VoucherChoice choice(DealRef deal, TokenAmount due) {
    return VoucherChoice.of(deal, due, id, lanes, funds);
  }

  private Prepared<SignedVoucher> pay(
      DealRef deal, VoucherChoice.ToSign next, Function<Voucher, SignedVoucher> sign) {
    PayerLane lane = next.lane();
    SignedVoucher signed;
    try {
      signed = sign.apply(next.voucher());
    } catch (RuntimeException | Error e) {
      // Nothing was signed, so the nonce is free: the lane must not wait for it for ever.
      signed(lane, Optional.empty());
      throw e;
    }
    return new Prepared<>(
        signed,
        Optional.of(new PaymentRecord.VoucherGiven(deal, signed)),
        () -> signed(lane, Optional.of(signed)),
        () -> signed(lane, Optional.empty()));
  }

  /** For a deal that is over: if it has left, it holds its lane again until that is durable. */
  Prepared<SignedVoucher> payLate(LateDebt debt, Function<Voucher, SignedVoucher> sign) {
    if (isHeldBy(debt.deal())) { // its leave is on its way
      return pay(debt.deal(), debt.due(), sign);
    }
    Optional<SignedVoucher> enough = holdAgain(debt);
    if (enough.isPresent()) {
      return Prepared.unchanged(enough.get());
    }
    try {
      return pay(debt.deal(), debt.due(), sign).andThen(() -> leave(debt.deal()));
    } catch (PaymentException e) {
      leave(debt.deal());
      throw e;
    }
  }

  private synchronized boolean isHeldBy(DealRef deal) {
    return lanes.find(deal) != null;
  }

  private synchronized Optional<SignedVoucher> holdAgain(LateDebt debt) {
    return lanes.holdAgain(debt, view.confirmed());
  }

  private synchronized void signed(PayerLane lane, Optional<SignedVoucher> durable) {
    durable.ifPresent(lane::keep);
    lane.signed();
  }

  /** Whether a voucher of ours that the payee showed is better than what the lane has here. */
  boolean lacks(DealRef deal, SignedVoucher voucher) {
    boolean ours =
        voucher.domain().equals(domain)
            && voucher.voucher().channel().equals(id)
            && voucher.signedBy(open.signer());
    synchronized (this) {
      PayerLane lane = lanes.of(deal).lane();
      if (!ours || voucher.voucher().lane() != lane.number()) {
        throw new PaymentException(
            DealCode.NOT_OUR_VOUCHER,
            "not ours, or not for lane %d of %s".formatted(lane.number(), id));
      }
      return voucher.amount().exceeds(lane.vouchered());
    }
  }

  /** Takes over a voucher that is durable; the deal's base becomes its amount. */
  synchronized void adopt(DealRef deal, SignedVoucher voucher) {
    lanes.adopt(deal, voucher);
  }

  // the money behind it

  /**
   * What this payee asks of a channel holds for it from now on, also if it was opened with less.
   *
   * @return whether it has to be looked at again, since deposits have to lie deeper than before
   */
  synchronized boolean heed(Payee payee) {
    funds.raiseFloor(payee.minDeposit());
    return view.deepen(payee.confirmations());
  }

  /** One top-up for all that wait, if something is missing and nothing is on its way. */
  synchronized Optional<Intent.TopUp> planTopUp(SecureRandom random) {
    return wanted.planTopUp(random);
  }

  /** The deal waits for a deposit that is larger by what its payee misses. */
  synchronized TokenAmount aim(DealRef deal, TokenAmount shortfall, PayerPolicy policy) {
    return wanted.aim(deal, shortfall, policy);
  }

  /** It waits no longer. */
  synchronized void aimed(DealRef deal) {
    funds.aimed(deal);
  }

  /**
   * Waits until so much is confirmed, or another top-up has to be sent.
   *
   * @return how much of the patience is left, in nanoseconds; empty once it is confirmed
   */
  OptionalLong awaitConfirmed(DealRef deal, TokenAmount target, long patience)
      throws InterruptedException {
    long seen = changes.count();
    if (isConfirmed(deal, target)) {
      return OptionalLong.empty();
    }
    if (patience <= 0) {
      throw notConfirmed();
    }
    return OptionalLong.of(canTopUp() ? patience : changes.await(seen, patience));
  }

  private synchronized boolean isConfirmed(DealRef deal, TokenAmount target) {
    return wanted.isConfirmed(deal, target);
  }

  private synchronized boolean canTopUp() {
    return wanted.canTopUp();
  }

  /**
   * Hears what became of an intent about this channel.
   *
   * @param refusal the ledger's, if it refused
   * @return whether there is such a channel, as far as is known
   */
  synchronized boolean ended(Intent intent, Outcome outcome, Optional<PaymentException> refusal) {
    funds.ended(intent, outcome, refusal);
    changes.raise();
    return !funds.isRefused();
  }

  // what comes back

  /** As {@link Refund#seenIdle}. */
  synchronized Optional<PaymentRecord> seenIdle(Instant now) {
    return refund.seenIdle(now);
  }

  /** As {@link Refund#idleFunds}. */
  synchronized Optional<IdleFunds> idleFunds() {
    return refund.idleFunds();
  }

  /** As {@link Refund#planSettle}. */
  synchronized Optional<Intent.Settle> planSettle(SecureRandom random) {
    return refund.planSettle(random);
  }

  /** As {@link Refund#planCollect}. */
  synchronized Optional<Intent.Collect> planCollect(EvmAddress sender, SecureRandom random) {
    return refund.planCollect(sender, random);
  }

  /** As {@link Refund#planOfCollecting}. */
  synchronized Optional<PlannedAct> planOfCollecting() {
    return refund.planOfCollecting();
  }

  /**
   * What the payee is to consent to. Nothing is promised on the channel from here on, until {@link
   * #reopen} or the end of the closing.
   *
   * @param deadline seconds of the ledger's time since 1970
   * @throws PaymentException {@code CHANNEL_IN_USE} if a deal uses it, {@code CHANNEL_CLOSING} if
   *     it ends already
   */
  synchronized CloseConsent proposeClose(long deadline) {
    checkUnused();
    return refund.proposeClose(deadline);
  }

  /** The payee did not consent, or its consent is not used: deals that waited may come again. */
  synchronized void reopen() {
    funds.closing(false);
    changes.raise();
  }

  /** As {@link Refund#planClose}. */
  synchronized Intent.CloseByConsent planClose(
      CloseConsent consent, Signature payees, SecureRandom random) {
    return refund.planClose(consent, payees, random);
  }

  // the ledger's view

  /** Whether the ledger may have something to say though no event named this channel. */
  synchronized boolean isUnsettled() {
    return view.view().isEmpty() || view.isUnconfirmed() || (view.isEnding() && !view.isClosed());
  }

  /** What the ledger is to be asked next. */
  synchronized ChannelQuery nextQuery() {
    return view.nextQuery(lanes.numbers());
  }

  /** Takes over what the ledger said; a view older than the one here is left. */
  synchronized void see(ChannelView seen) {
    if (view.see(seen)) {
      changes.raise();
    }
  }

  // books and records

  /** As {@link PayerFigures#free}. */
  synchronized TokenAmount free() {
    return figures.free();
  }

  /** The channel as it stands now. */
  synchronized ChannelBook book() {
    return figures.book();
  }

  /** As {@link PayerFigures#standing}. */
  synchronized Optional<ChannelStanding> standing() {
    return figures.standing();
  }

  /** Applies one record of an earlier run that is about this channel. */
  synchronized void restore(PaymentRecord record) {
    history.restore(record);
  }

  /** After the last record. */
  synchronized void restored() {
    lanes.restored();
  }

  /** Everything needed to build it anew, in an order that {@link #restore} takes. */
  synchronized void snapshot(List<PaymentRecord> into) {
    history.snapshot(into);
  }
}
