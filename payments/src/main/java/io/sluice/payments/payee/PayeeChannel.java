package io.sluice.payments.payee;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelQuery;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.payee.LaneCredits.Claim;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One channel that pays this home, in memory: its lanes, the deals on them, and what the ledger
 * said of it.
 *
 * <p>Two sums hold it together. Over the lanes, credit never exceeds the confirmed deposit; and a
 * block goes out only while <i>committed</i>, that is what is vouchered and what live deals owe,
 * stays below it. Both are judged again at every voucher, every ledger event and every end of a
 * deal, so each change ends in {@link #judge}.
 *
 * <p>The channel's own monitor guards all of it, lanes and deals included, and nobody else takes
 * that. Under it nothing is written, no ledger is asked, no signature is checked, nobody waited for
 * and nobody told: a listener may want to look at another channel.
 */
final class PayeeChannel {
  final Domain domain;
  final Bytes32 id;
  final EvmAddress payer;
  final EvmAddress signer;
  private final PayeeContext context;
  private final PayeeHistory history;

  @GuardedBy("this")
  private final LatestView view;

  @GuardedBy("this")
  private final LaneCredits lanes;

  @GuardedBy("this")
  private final ChannelDeals deals = new ChannelDeals();

  @GuardedBy("this")
  private final BlockGate gate;

  @GuardedBy("this")
  private final Unredeemed unredeemed;

  @GuardedBy("this")
  private final AgreedEnd end;

  @GuardedBy("this")
  private final PayeeFigures figures;

  PayeeChannel(
      Domain domain,
      Bytes32 id,
      EvmAddress payer,
      EvmAddress signer,
      long confirmations,
      PayeeContext context) {
    this.domain = domain;
    this.id = id;
    this.payer = payer;
    this.signer = signer;
    this.context = context;
    this.history = new PayeeHistory(domain, id, payer, signer);
    this.view = new LatestView(id, confirmations);
    this.lanes = new LaneCredits(view);
    this.gate = new BlockGate(payer, lanes, view, deals, context);
    this.unredeemed = new Unredeemed(lanes);
    this.end = new AgreedEnd(lanes, view);
    this.figures = new PayeeFigures(domain, id, payer, lanes, view);
  }

  /** Judges again what counts, and what that means for each deal. */
  @GuardedBy("this")
  private void judge() {
    // A payer that settles may have signed its deposit away twice: only what is redeemed counts.
    boolean reliable = view.isFresh() && !view.isEnding();
    lanes.judge(reliable ? view.confirmed() : TokenAmount.ZERO, context.policy().minimumStep());
    for (DealAccount account : deals.all()) {
      account.figures().freezeIfPaid();
      expose(account.figures());
    }
  }

  /** By differences, since payer and node sum over channels whose monitors are not held here. */
  private void expose(DealFigures deal) {
    context.exposure().add(payer, deal.exposureChange());
  }

  // for the deals' accounts

  /** One of a deal's figures; they belong to the channel, since its lanes and sums move them. */
  synchronized <F> F figure(DealFigures deal, Function<DealFigures, F> of) {
    return of.apply(deal);
  }

  synchronized void charge(DealFigures deal, long total) {
    deal.charge(total);
    expose(deal);
  }

  /** As {@link BlockGate#limit}. */
  synchronized long limit(DealFigures deal) {
    return gate.limit(deal);
  }

  /** As {@link BlockGate#pass}. */
  synchronized BlockPermit pass(DealFigures deal, long size) {
    return gate.pass(deal, size);
  }

  /** As {@link BlockGate#shortfall}. */
  synchronized TokenAmount shortfall(DealFigures deal) {
    return gate.shortfall(deal);
  }

  // openings

  /** What the payer left unpaid with earlier deals, on whichever channel. */
  synchronized void indebted(boolean is) {
    gate.indebted(is);
  }

  /**
   * Judges an opening whose signatures are good. If the deal gets the lane, the lane is bound from
   * here on: of two openings at once the second finds it busy.
   *
   * @param best the lane's best voucher as the opening has it
   * @param unpaid the payer's record, if it speaks against a new deal
   * @param elsewhere whether the deal has an account on another channel
   * @param bound hears of the new account once it is durable
   */
  synchronized OpeningDecision admit(
      OpenRequest request,
      Payee payee,
      Optional<SignedVoucher> best,
      Optional<OpeningRefused> unpaid,
      boolean elsewhere,
      Consumer<DealAccount> bound) {
    DealOpening open = request.open();
    Optional<OpeningDecision> known = deals.known(request, elsewhere);
    if (known.isPresent()) {
      return known.get();
    }
    DealFigures previous = lanes.dealOn(open.lane());
    if (previous != null && !previous.isFrozen() && best.isPresent()) {
      // What the opening's best brings above ours belongs to the deal that had the lane.
      Optional<Prepared<Credit>> paid = take(previous, best.get());
      if (paid.isPresent()) {
        return new OpeningDecision.PreviousPaid(previous.deal(), paid.get());
      }
    }
    if (end.isStanding()) {
      return OpeningRefused.of(DealCode.CHANNEL_CLOSING, "its end is agreed");
    }
    OpeningFacts facts = lanes.openingFacts(open.lane(), context.policy().maxLanes(), unpaid);
    Optional<OpeningRefused> refused = facts.refusal(payee, best);
    return refused.isPresent()
        ? refused.get()
        : new OpeningDecision.Admitted(bind(request, best, bound));
  }

  /**
   * Takes the lane at once and the money later: nobody else may have the lane while the record is
   * on its way to the disk, but nothing of it counts before it is there.
   */
  @GuardedBy("this")
  private Prepared<DealAccount> bind(
      OpenRequest request, Optional<SignedVoucher> best, Consumer<DealAccount> bound) {
    PayeeLane lane = lanes.lane(request.open().lane());
    TokenAmount base = best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
    Optional<SignedVoucher> news = best.filter(it -> base.exceeds(lane.vouchered()));
    DealFigures deal = new DealFigures(request.deal(), lane, base, request.open().terms());
    DealAccount account = new DealAccount(this, deal);
    lane.bind(request.deal());
    return new Prepared<>(
        account,
        Optional.of(history.bound(deal, news)),
        () -> {
          bound(account, news, context.now());
          bound.accept(account);
        },
        () -> unbind(lane));
  }

  private synchronized void unbind(PayeeLane lane) {
    lane.bind(null);
  }

  /** The account has its lane from now on. */
  private synchronized void bound(DealAccount account, Optional<SignedVoucher> news, Instant now) {
    DealFigures deal = account.figures();
    DealFigures before = deal.lane().deal();
    // Cut exactly at the new deal's base: what comes above is never the earlier deal's credit.
    if (before != null) {
      before.freeze(deal.base());
    }
    news.ifPresent(voucher -> keep(deal.lane(), voucher, now));
    deal.lane().pays(deal);
    deals.add(account);
    judge();
  }

  private synchronized void keep(PayeeLane lane, SignedVoucher voucher, Instant now) {
    take(lanes.claim(lane, voucher.amount()), voucher, now);
  }

  // vouchers

  /** Whether the voucher is above the best of the deal's lane. */
  synchronized boolean isNews(DealFigures deal, SignedVoucher voucher) {
    return voucher.amount().exceeds(deal.lane().vouchered());
  }

  /** Reserves what an authentic voucher makes count; empty if there is a better one by now. */
  synchronized Optional<Prepared<Credit>> take(DealFigures deal, SignedVoucher voucher) {
    if (!isNews(deal, voucher)) {
      return Optional.empty();
    }
    Claim claim = lanes.claim(deal.lane(), voucher.amount());
    // The record has to say now what will count then: the claim holds its share of the deposit.
    judge();
    TokenAmount credit = claim.credit();
    Instant now = context.now();
    return Optional.of(
        new Prepared<>(
            new Credit(deal.deal(), deal.share(credit), deal.share(voucher.amount())),
            Optional.of(
                new PaymentRecord.VoucherTaken(deal.deal(), voucher, credit, Optional.of(now))),
            () -> {
              take(claim, voucher, now);
              tellOthers(deal.deal());
            },
            () -> drop(claim)));
  }

  private synchronized void take(Claim claim, SignedVoucher voucher, Instant now) {
    if (lanes.take(claim, voucher)) {
      unredeemed.added(now);
    }
    judge();
  }

  private synchronized void drop(Claim claim) {
    lanes.drop(claim);
    judge();
  }

  /** The deal is over with so many charged bytes. */
  synchronized void end(DealFigures deal, long charged, Instant time) {
    deal.end(charged, time);
    deals.ended(deal.deal());
    expose(deal);
  }

  /** Drops accounts that nobody can ask about any more: a channel may pay for years. */
  synchronized List<DealRef> forgetOld() {
    return deals.forgetOld(context.clock().instant());
  }

  /** The other deals on the channel have to know. */
  void tellOthers(DealRef but) {
    // Told without the monitor: whoever listens may look at another channel.
    liveBut(but).forEach(context.listener()::changed);
  }

  private synchronized List<DealRef> liveBut(DealRef but) {
    return deals.live().stream().filter(deal -> !deal.equals(but)).toList();
  }

  // the ledger's view

  synchronized boolean isClosed() {
    return view.isClosed();
  }

  /** Whether it is time to ask the ledger again, though no event named the channel. */
  synchronized boolean isQueryDue() {
    // Quiet channels are looked at now and then too, long before their view is stale.
    return view.isQueryDue(context.policy().staleAfter().dividedBy(4), context.clock().instant());
  }

  /** What the ledger is to be asked next; about those lanes, too. */
  synchronized ChannelQuery nextQuery(Set<Long> more) {
    Set<Long> numbers = new LinkedHashSet<>(more);
    numbers.addAll(lanes.numbers());
    return view.nextQuery(numbers);
  }

  /** Takes over what the ledger said, and tells the deals on it if that is something new. */
  void see(ChannelView seen) {
    update(seen).forEach(context.listener()::changed);
  }

  private synchronized List<DealRef> update(ChannelView seen) {
    List<DealRef> waiting = deals.waiting();
    boolean news = view.see(seen);
    // A node of a chain that hangs goes on answering: by an old block nothing new counts either.
    unanswered();
    unredeemed.looked(context.now());
    judge();
    return news ? waiting : List.of();
  }

  /** Whether what is known of the ledger is young enough for anything new to count by it. */
  synchronized boolean isFresh() {
    return view.isFresh();
  }

  /** The ledger could not be asked: by what is known of it nothing new counts for long. */
  synchronized void unanswered() {
    view.unanswered(context.policy().staleAfter(), context.clock().instant());
  }

  /** A chain took the channel back, with its deposit. Its payer may see to it that it returns. */
  synchronized void gone() {
    view.gone();
  }

  // redeeming

  synchronized Redeemable redeemable() {
    return unredeemed.now(token(), view.isEnding(), deals.live().isEmpty());
  }

  /** The vouchers of a redemption, which counts as under way from now on; empty if it is idle. */
  synchronized List<SignedVoucher> beginRedemption(IntentId intent, int most) {
    return unredeemed.begin(intent, most);
  }

  /** An earlier run planned a redemption of all there was. */
  synchronized void redemptionPlanned(IntentId intent) {
    unredeemed.planned(intent);
  }

  /** As far as it was that redemption which is under way. */
  synchronized void redemptionEnded(IntentId intent) {
    unredeemed.ended(intent);
  }

  /** The best vouchers of all lanes that bring something, most valuable first. */
  synchronized List<SignedVoucher> toRedeem() {
    return view.view().filter(ChannelView::isChallengeOver).isPresent()
        ? List.of() // the ledger pays nothing for them any more
        : lanes.toRedeem();
  }

  /** {@code CHANNEL_IN_USE} if deals run on it. */
  synchronized void checkUnused() {
    if (!deals.live().isEmpty()) {
      throw new PaymentException(
          DealCode.CHANNEL_IN_USE, "channel %s pays %s".formatted(id, deals.live()));
    }
  }

  /** What it pays in. */
  synchronized EvmAddress token() {
    return view.channel().map(Channel::token).orElse(EvmAddress.ZERO);
  }

  /** The account that is paid. */
  synchronized EvmAddress payee() {
    return view.channel().map(Channel::payee).orElse(EvmAddress.ZERO);
  }

  // its end by consent

  /**
   * As {@link AgreedEnd#agree}. From here on until the deadline no deal begins on the channel: what
   * it paid would be lost if the consent is used.
   *
   * @return the payee that has to sign
   */
  synchronized Prepared<EvmAddress> agree(CloseConsent asked, long mostSeconds) {
    Optional<PaymentRecord> record = end.agree(asked, mostSeconds, !deals.live().isEmpty());
    return record.isEmpty()
        ? Prepared.unchanged(payee())
        : new Prepared<>(payee(), record, this::keepConsent, this::forgetConsent);
  }

  private synchronized void keepConsent() {
    end.keep();
  }

  private synchronized void forgetConsent() {
    end.forget();
  }

  // books and records

  /** The channel as it stands now. */
  synchronized ChannelBook book() {
    return figures.book();
  }

  /** As {@link PayeeFigures#standing}. */
  synchronized Optional<ChannelStanding> standing() {
    return figures.standing();
  }

  /** A deal had that lane; its account, unless it was known. */
  synchronized Optional<DealAccount> restore(PaymentRecord.DealBound record, Instant now) {
    if (deals.find(record.deal()) != null) {
      return Optional.empty();
    }
    PayeeLane lane = lanes.lane(record.lane());
    DealAccount account =
        new DealAccount(this, new DealFigures(record.deal(), lane, record.base(), record.terms()));
    bound(account, record.best(), now);
    return Optional.of(account);
  }

  /** Consent was given. */
  synchronized void restore(PaymentRecord.ConsentGiven given) {
    end.restore(given);
  }

  /** A voucher was taken; as much as counted then counts still, the rest is judged by and by. */
  synchronized void restore(PaymentRecord.VoucherTaken record, Instant unknown) {
    PayeeLane lane = lanes.lane(record.voucher().voucher().lane());
    lane.raiseCredit(record.credit());
    keep(lane, record.voucher(), record.time().orElse(unknown));
  }

  /** Everything needed to build it anew, in an order that it can be restored in. */
  synchronized void snapshot(List<PaymentRecord> into) {
    history.snapshot(deals, unredeemed, end, into);
  }
}
