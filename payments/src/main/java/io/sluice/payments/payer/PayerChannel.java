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
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.token.AmountMessage;
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

  /** Since when it was seen without a deal; deals that come and leave let it begin anew. */
  @GuardedBy("this")
  private Optional<Instant> idleSince = Optional.empty();

  /** A channel whose opening is planned. */
  PayerChannel(Domain domain, Intent.Open open, long confirmations) {
    this.domain = domain;
    this.open = open;
    this.id = open.channel(domain);
    this.view = new LatestView(id, confirmations);
    this.funds = new ChannelFunds(open.id(), view);
  }

  /** Whether new deals may use it, now or once it is there. */
  synchronized boolean isUsable() {
    return funds.isUsable();
  }

  /** Whether the deal can stay: a lane that it has is good also on a channel that ends. */
  synchronized boolean isGoodFor(DealRef deal) {
    return funds.isUsable() || lanes.find(deal) != null;
  }

  // lanes and budgets

  /** The deal's lane and budget, reserved, if the money is there. */
  synchronized Optional<Prepared<LaneTicket>> grant(FundsRequest request) {
    DealRef deal = request.deal();
    funds.throwFailure(deal);
    LaneHold held = lanes.find(deal);
    if (held != null && !request.budget().exceeds(held.budget())) {
      return Optional.of(Prepared.unchanged(ticket(held)));
    }
    if (!funds.covers(lanes.committed().plus(missing(request)))) {
      return Optional.empty();
    }
    // What it waited for has come; else the next top-up would pay for it once more.
    funds.waiting().remove(deal);
    if (held != null) {
      TokenAmount before = held.budget();
      held.budget(request.budget());
      return Optional.of(taken(held, () -> budget(held, before)));
    }
    return Optional.of(taken(give(deal, request.budget(), Set.of()), () -> leave(deal)));
  }

  @GuardedBy("this")
  private LaneHold give(DealRef deal, TokenAmount budget, Set<Long> avoid) {
    return lanes.give(deal, budget, avoid, funds);
  }

  private Prepared<LaneTicket> taken(LaneHold hold, Runnable release) {
    return new Prepared<>(ticket(hold), Optional.of(record(hold)), () -> {}, release);
  }

  private synchronized void budget(LaneHold hold, TokenAmount budget) {
    hold.budget(budget);
  }

  @GuardedBy("this")
  private TokenAmount missing(FundsRequest request) {
    LaneHold hold = lanes.find(request.deal());
    return hold == null ? request.budget() : request.budget().minusOrZero(hold.budget());
  }

  /** Puts the deal into the queue for money; what has to be durable, if that is new. */
  synchronized Optional<PaymentRecord> ask(FundsRequest request, PayerPolicy policy) {
    DealRef deal = request.deal();
    TokenAmount missing = missing(request);
    // The queue is durable already as it stands: asking again writes nothing.
    if (missing.equals(funds.waiting().get(deal))) {
      return Optional.empty();
    }
    policy.checkDeposit(open.token(), lanes.reserved().plus(funds.asked()).plus(missing));
    funds.waiting().put(deal, missing);
    return Optional.of(new PaymentRecord.FundsAsked(deal, id, missing));
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
    funds.throwFailure(request.deal());
    TokenAmount committed = lanes.committed();
    return !funds.isUsable()
        || funds.covers(committed.plus(missing(request)))
        || funds.canTopUp(committed);
  }

  private long await(long seen, long patience) throws InterruptedException {
    if (patience <= 0) {
      throw notConfirmed();
    }
    return changes.await(seen, patience);
  }

  private synchronized PaymentException notConfirmed() {
    return new PaymentException(
        DealCode.NOT_CONFIRMED,
        AmountMessage.of(
            "channel " + id + ": %s of %s confirmed", view.confirmed(), funds.deposit()));
  }

  /** The deal's lane, if it has one. */
  synchronized Optional<LaneTicket> ticket(DealRef deal) {
    LaneHold hold = lanes.find(deal);
    return hold == null ? Optional.empty() : Optional.of(ticket(hold));
  }

  private LaneTicket ticket(LaneHold hold) {
    return new LaneTicket(
        hold.deal(),
        domain,
        id,
        open.signer(),
        hold.lane().number(),
        hold.base(),
        hold.budget(),
        hold.lane().best());
  }

  private PaymentRecord record(LaneHold hold) {
    return new PaymentRecord.LaneTaken(
        hold.deal(), id, hold.lane().number(), hold.base(), hold.budget());
  }

  /** Another lane, with what is left of the budget, for a deal whose lane is busy at the payee. */
  synchronized Prepared<LaneTicket> swap(DealRef deal) {
    LaneHold old = lanes.of(deal);
    TokenAmount left = old.left();
    // Durable or not, the old lane is useless to the deal; so there is nothing to undo.
    leave(deal);
    return taken(give(deal, left, old.busyLanes()), () -> {});
  }

  /** Ends a deal's hold and its waiting. */
  synchronized void leave(DealRef deal) {
    funds.leave(deal);
    lanes.leave(deal);
    idleSince = Optional.empty();
    changes.raise();
  }

  /** A deal is over. */
  synchronized void leave(PaymentRecord.DealLeft left) {
    if (left.mayOwe()) {
      lanes.keepForDebt(left.deal());
    }
    leave(left.deal());
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
    PayerLane lane;
    Voucher next;
    synchronized (this) {
      LaneHold hold = lanes.of(deal);
      lane = hold.lane();
      TokenAmount total = hold.base().plus(due);
      // Sent again as it is stored: a second signature over the same sum is one too many to check.
      if (lane.best().isPresent() && !total.exceeds(lane.vouchered())) {
        return Prepared.unchanged(lane.best().get());
      }
      hold.checkBudget(due);
      if (view.isClosed() || funds.isClosing()) {
        throw new PaymentException(DealCode.CHANNEL_CLOSING, "channel %s".formatted(id));
      }
      lanes.checkCovered(lane, total, view.confirmed());
      next = lane.next(id, total);
    }
    SignedVoucher signed;
    try {
      signed = sign.apply(next);
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
    lanes.lane(voucher.voucher().lane()).keep(voucher);
    LaneHold hold = lanes.find(deal);
    if (hold != null) {
      hold.raiseBase(voucher.amount());
    }
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
    TokenAmount committed = lanes.committed();
    if (!funds.canTopUp(committed)) {
      return Optional.empty();
    }
    Intent.TopUp topUp =
        new Intent.TopUp(IntentId.random(random), open.sender(), id, funds.gap(committed));
    funds.begun(topUp.id());
    return Optional.of(topUp);
  }

  /** The collection of what is left, if the challenge period is over. */
  synchronized Optional<Intent.Collect> planCollect(EvmAddress sender, SecureRandom random) {
    if (!funds.isIdle() || view.view().filter(ChannelView::isChallengeOver).isEmpty()) {
      return Optional.empty();
    }
    Intent.Collect collect = new Intent.Collect(IntentId.random(random), sender, id);
    funds.begun(collect.id());
    return Optional.of(collect);
  }

  /** When its rest will be taken back, if it is settling. */
  synchronized Optional<PlannedAct> planOfCollecting() {
    return view.channel()
        .filter(it -> !it.closed())
        .flatMap(Channel::settleAt)
        .map(
            at ->
                new PlannedAct(
                    PlannedAct.Kind.COLLECT,
                    domain,
                    Optional.of(id),
                    open.token(),
                    view.channel().map(Channel::headroom).orElse(TokenAmount.ZERO),
                    Optional.of(at),
                    "the payee may redeem until then"));
  }

  /** It is seen without a deal; what has to be durable if that is new. */
  synchronized Optional<PaymentRecord> seenIdle(Instant now) {
    if (idleSince.isPresent() || !isIdle()) {
      return Optional.empty();
    }
    idleSince = Optional.of(now);
    return Optional.of(new PaymentRecord.ChannelIdle(id, now));
  }

  @GuardedBy("this")
  private boolean isIdle() {
    return lanes.holds().isEmpty() && funds.waiting().isEmpty() && funds.isIdle();
  }

  /**
   * What there is to get back from it, and since when nobody has used it; empty while it is used.
   */
  synchronized Optional<IdleFunds> idleFunds() {
    return isIdle() && funds.isUsable() && view.view().isPresent()
        ? idleSince.map(
            since -> new IdleFunds(since, view.deposit().minusOrZero(lanes.vouchered())))
        : Optional.empty();
  }

  /** The beginning of its end, unless it is used by now. */
  synchronized Optional<Intent.Settle> planSettle(SecureRandom random) {
    if (idleFunds().isEmpty()) {
      return Optional.empty();
    }
    Intent.Settle settle = new Intent.Settle(IntentId.random(random), open.sender(), id);
    funds.begun(settle.id());
    return Optional.of(settle);
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
    if (!isIdle() || funds.isClosing() || view.isClosed()) {
      throw new PaymentException(DealCode.CHANNEL_CLOSING, "channel %s".formatted(id));
    }
    funds.closing(true);
    return new CloseConsent(id, lanes.vouchered(), deadline);
  }

  /** The payee did not consent, or its consent is not used. */
  synchronized void reopen() {
    funds.closing(false);
    changes.raise();
  }

  /** The channel's end at what its payee consented to. */
  synchronized Intent.CloseByConsent planClose(
      CloseConsent consent, Signature payees, SecureRandom random) {
    Intent.CloseByConsent close =
        new Intent.CloseByConsent(IntentId.random(random), open.sender(), consent, payees);
    funds.begun(close.id());
    return close;
  }

  /** The deal waits for a deposit that is larger by what its payee misses. */
  synchronized TokenAmount aim(DealRef deal, TokenAmount shortfall, PayerPolicy policy) {
    TokenAmount target = view.confirmed().plus(shortfall);
    policy.checkDeposit(open.token(), target.max(funds.deposit()).minusOrZero(lanes.vouchered()));
    funds.aim(deal, target);
    return target;
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
    funds.throwFailure(deal);
    if (!target.exceeds(view.confirmed())) {
      return true;
    }
    if (!funds.isUsable()) {
      throw new PaymentException(DealCode.CHANNEL_CLOSING, "channel " + id);
    }
    return false;
  }

  private synchronized boolean canTopUp() {
    return funds.canTopUp(lanes.committed());
  }

  /**
   * Hears what became of an intent about this channel.
   *
   * @param refusal the ledger's, if it refused
   * @return whether there is such a channel, as far as is known
   */
  synchronized boolean ended(Intent intent, Outcome outcome, Optional<PaymentException> refusal) {
    funds.ended(intent.id());
    if (intent instanceof Intent.CloseByConsent) {
      funds.closing(false);
    }
    if (refusal.isPresent() && intent instanceof Intent.Open) {
      funds.refuse(refusal.get());
    } else if (refusal.isPresent() && intent instanceof Intent.TopUp) {
      funds.fail(refusal.get());
    }
    if (outcome instanceof Outcome.Included included) {
      funds.note(included);
    }
    changes.raise();
    return !funds.isRefused();
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

  /** What further deals may use of it; nothing of a channel that ends. */
  synchronized TokenAmount free() {
    return view.isEnding()
        ? TokenAmount.ZERO
        : view.confirmed().minusOrZero(lanes.vouchered().plus(lanes.reserved()));
  }

  /** The channel as it stands now. */
  synchronized ChannelBook book() {
    Optional<Channel> channel = view.channel();
    return new ChannelBook(
        id,
        ChannelBook.Role.PAYER,
        domain,
        open.payee(),
        open.token(),
        funds.deposit(),
        view.confirmed(),
        lanes.vouchered(),
        lanes.reserved(),
        channel.map(Channel::redeemed).orElse(TokenAmount.ZERO),
        channel.map(Channel::state).orElse("planned"),
        channel.flatMap(Channel::settleAt),
        lanes.books());
  }

  /** What lies in it, and how much of that was not signed away; empty unless it is known open. */
  synchronized Optional<ChannelStanding> standing() {
    return view.channel()
        .filter(channel -> !channel.closed())
        .map(
            channel ->
                new ChannelStanding(
                    id,
                    ChannelBook.Role.PAYER,
                    domain,
                    open.token(),
                    channel.headroom(),
                    channel.deposit().minusOrZero(lanes.vouchered().max(channel.redeemed())),
                    channel.settleAt()));
  }

  /** Applies one record of an earlier run that is about this channel. */
  synchronized void restore(PaymentRecord record) {
    switch (record) {
      case PaymentRecord.IntentPlanned planned -> {
        funds.begun(planned.intent().id());
        funds.closing(planned.intent() instanceof Intent.CloseByConsent);
      }
      case PaymentRecord.IntentEnded ended -> {
        if (funds.isOnItsWay(ended.id())) {
          funds.closing(false);
        }
        funds.ended(ended.id());
      }
      case PaymentRecord.FundsAsked asked -> funds.waiting().put(asked.deal(), asked.amount());
      case PaymentRecord.LaneTaken taken -> {
        leave(taken.deal());
        lanes.restore(taken.deal(), taken.lane(), taken.base(), taken.budget());
      }
      case PaymentRecord.VoucherGiven given ->
          lanes.lane(given.voucher().voucher().lane()).keep(given.voucher());
      case PaymentRecord.VoucherAdopted adopted -> adopt(adopted.deal(), adopted.voucher());
      case PaymentRecord.DealLeft left -> leave(left);
      case PaymentRecord.ChannelIdle idle -> idleSince = Optional.of(idle.since());
      case PaymentRecord.CreditGathers gathers -> {}
      case PaymentRecord.ConsentGiven given -> {}
      case PaymentRecord.DealBound bound -> {}
      case PaymentRecord.VoucherTaken taken -> {}
      case PaymentRecord.DealEnded ended -> {}
    }
  }

  /** After the last record. */
  synchronized void restored() {
    lanes.restored();
  }

  /** Everything needed to build it anew, in an order that {@link #restore} takes. */
  synchronized void snapshot(List<PaymentRecord> into) {
    into.add(new PaymentRecord.IntentPlanned(domain, open));
    if (!funds.isOnItsWay(open.id())) {
      into.add(new PaymentRecord.IntentEnded(open.id(), Optional.empty()));
    }
    funds
        .waiting()
        .forEach((deal, amount) -> into.add(new PaymentRecord.FundsAsked(deal, id, amount)));
    for (PayerLane lane : lanes.all()) {
      // Its best voucher stays with a lane whose deals have left.
      lane.best().ifPresent(best -> into.add(new PaymentRecord.VoucherGiven(nobody(lane), best)));
      lane.debtor()
          .filter(deal -> lane.hold() == null)
          .ifPresent(
              deal -> {
                into.add(
                    new PaymentRecord.LaneTaken(
                        deal, id, lane.number(), lane.vouchered(), TokenAmount.ZERO));
                into.add(new PaymentRecord.DealLeft(deal, true));
              });
    }
    lanes.holds().forEach(hold -> into.add(record(hold)));
    idleSince.ifPresent(since -> into.add(new PaymentRecord.ChannelIdle(id, since)));
  }

  /** Stands for the deals that have left a lane; one name a lane, for stores that go by deal. */
  private DealRef nobody(PayerLane lane) {
    return new DealRef("-%s/%d".formatted(id, lane.number()));
  }
}
