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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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

  @GuardedBy("this")
  private final LatestView view;

  @GuardedBy("this")
  private final LaneCredits lanes;

  @GuardedBy("this")
  private final Map<DealRef, DealAccount> accounts = new LinkedHashMap<>();

  /** The deals that have not ended: what a gate goes through for each block. */
  @GuardedBy("this")
  private final Map<DealRef, DealFigures> live = new LinkedHashMap<>();

  /** Whether the payer has debts of earlier deals, on whichever channel. */
  @GuardedBy("this")
  private boolean indebted;

  @GuardedBy("this")
  private final Unredeemed unredeemed;

  /** Until it is over, or the channel is closed by it, nothing new may be promised here. */
  @GuardedBy("this")
  private Optional<CloseConsent> consent = Optional.empty();

  /** Whether that is durable, so that it may be signed again for who asks again. */
  @GuardedBy("this")
  private boolean consentKept;

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
    this.view = new LatestView(id, confirmations);
    this.lanes = new LaneCredits(view);
    this.unredeemed = new Unredeemed(lanes);
  }

  /** What the deposit has to be larger than for a block to go. */
  @GuardedBy("this")
  private TokenAmount committed() {
    TokenAmount sum = lanes.vouchered();
    for (DealFigures deal : live.values()) {
      sum = sum.plus(deal.owed());
    }
    return sum;
  }

  /** Judges again what counts, and what that means for each deal. */
  @GuardedBy("this")
  private void judge() {
    // A payer that settles may have signed its deposit away twice: only what is redeemed counts.
    boolean reliable = view.isFresh() && !view.isEnding();
    lanes.judge(reliable ? view.confirmed() : TokenAmount.ZERO, context.policy().minimumStep());
    for (DealAccount account : accounts.values()) {
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

  /**
   * Below how many charged bytes a block may start; windows shrink when the node trusts too much.
   */
  synchronized long limit(DealFigures deal) {
    TokenAmount credit = deal.credit();
    // Windows shrink, never to nothing: a node that trusts too many still serves who pays at once.
    if (context.exposure().total() < context.policy().nodeUnpaidBytes()) {
      return deal.terms().limit(credit);
    }
    return indebted
        ? deal.terms().paidBytes(credit)
        : deal.terms().limit(credit, deal.terms().interval());
  }

  /** Whether a block of that size may go that would be newly charged. */
  synchronized BlockPermit pass(DealFigures deal, long size) {
    long charged = deal.charged();
    // The block that crosses the limit still goes: what is left open is a window and a block.
    if (charged >= limit(deal)) {
      return closed(deal, BlockPermit.DEPOSIT_USED);
    }
    // What costs nothing more, by rounding, needs no deposit: an exactly funded deal has to end.
    boolean costs = deal.terms().due(charged + size).exceeds(deal.due());
    if (costs && !view.confirmed().exceeds(committed())) {
      return closed(deal, BlockPermit.DEPOSIT_USED);
    }
    if (costs && context.exposure().of(payer) >= context.policy().payerUnpaidBytes()) {
      return closed(deal, BlockPermit.PAYER_LIMIT);
    }
    return BlockPermit.OPEN;
  }

  /** A client that owes nothing has to do something else than pay. */
  private static BlockPermit closed(DealFigures deal, BlockPermit otherwise) {
    return deal.owed().isZero() ? otherwise : BlockPermit.PAYMENT_NEEDED;
  }

  /** By how much the deposit is too small for the deal to go on for a window; at least 1. */
  synchronized TokenAmount shortfall(DealFigures deal) {
    long ahead = deal.charged() + deal.terms().window(deal.charged());
    return committed()
        .plus(deal.terms().due(ahead))
        .minus(deal.due())
        .minusOrZero(view.confirmed())
        .max(TokenAmount.of(1));
  }

  // openings

  /** What the payer left unpaid with earlier deals, on whichever channel. */
  synchronized void indebted(boolean is) {
    indebted = is;
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
    // The same opening again is a client that lost our answer, or a restart: it gets the same.
    DealAccount known = accounts.get(request.deal());
    if (known != null && known.lane() == open.lane() && known.terms().equals(open.terms())) {
      return new OpeningDecision.Admitted(Prepared.unchanged(known));
    }
    if (known != null || elsewhere) {
      return OpeningRefused.of(
          DealCode.DEAL_ID_TAKEN, request.deal() + " is bound to another opening");
    }
    PayeeLane lane = lanes.find(open.lane());
    DealFigures previous = lane == null ? null : lane.deal();
    if (previous != null && !previous.isFrozen() && best.isPresent()) {
      // What the opening's best brings above ours belongs to the deal that had the lane.
      Optional<Prepared<Credit>> paid = take(previous, best.get());
      if (paid.isPresent()) {
        return new OpeningDecision.PreviousPaid(previous.deal(), paid.get());
      }
    }
    if (isAgreedToEnd()) {
      return OpeningRefused.of(DealCode.CHANNEL_CLOSING, "its end is agreed");
    }
    boolean full = lane == null && lanes.all().size() >= context.policy().maxLanes();
    OpeningFacts facts =
        OpeningFacts.of(
            view.view().orElseThrow(), lanes.vouchered(), full, open.lane(), lane, unpaid);
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
        Optional.of(record(deal, news)),
        () -> {
          bound(account, news, context.now());
          bound.accept(account);
        },
        () -> unbind(lane));
  }

  private PaymentRecord record(DealFigures deal, Optional<SignedVoucher> news) {
    return new PaymentRecord.DealBound(
        deal.deal(),
        domain,
        id,
        deal.lane().number(),
        deal.base(),
        payer,
        signer,
        deal.terms(),
        news);
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
    accounts.put(deal.deal(), account);
    live.put(deal.deal(), deal);
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
    live.remove(deal.deal());
    expose(deal);
  }

  /** Drops accounts that nobody can ask about any more: a channel may pay for years. */
  synchronized List<DealRef> forgetOld() {
    Instant now = context.clock().instant();
    List<DealRef> forgotten = new ArrayList<>();
    for (DealAccount account : List.copyOf(accounts.values())) {
      if (account.figures().isForgettable(now)) {
        accounts.remove(account.deal());
        forgotten.add(account.deal());
      }
    }
    return forgotten;
  }

  /** A copy, to be told without the monitor. */
  private synchronized List<DealRef> liveDeals() {
    return List.copyOf(live.keySet());
  }

  /** The other deals on the channel have to know. */
  void tellOthers(DealRef but) {
    for (DealRef deal : liveDeals()) {
      if (!deal.equals(but)) {
        context.listener().changed(deal);
      }
    }
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
    List<DealRef> waiting = dealsWaiting();
    boolean news = view.see(seen);
    // A node of a chain that hangs goes on answering: by an old block nothing new counts either.
    unanswered();
    unredeemed.looked(context.now());
    judge();
    return news ? waiting : List.of();
  }

  /** The live deals, and those that ended with something that does not count yet. */
  @GuardedBy("this")
  private List<DealRef> dealsWaiting() {
    return accounts.values().stream()
        .map(DealAccount::figures)
        .filter(deal -> deal.isLive() || !deal.isSettled())
        .map(DealFigures::deal)
        .toList();
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
    return new Redeemable(
        token(), lanes.redeemable(), view.isEnding(), live.isEmpty(), unredeemed.since());
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
    if (!live.isEmpty()) {
      throw new PaymentException(
          DealCode.CHANNEL_IN_USE, "channel %s pays %s".formatted(id, live.keySet()));
    }
  }

  /** The account that is paid. */
  synchronized EvmAddress token() {
    return view.channel().map(Channel::token).orElse(EvmAddress.ZERO);
  }

  synchronized EvmAddress payee() {
    return view.channel().map(Channel::payee).orElse(EvmAddress.ZERO);
  }

  // its end by consent

  /**
   * Agrees to the channel's end at the total that its payer asks for, if that is all that was
   * promised here and nothing is being promised. From here on until the deadline is over no deal
   * begins on it: what it paid would be lost if the consent is used.
   *
   * @param mostSeconds longest time that the consent may be good for
   * @return the payee that has to sign
   */
  synchronized Prepared<EvmAddress> agree(CloseConsent asked, long mostSeconds) {
    ChannelView seen =
        view.view()
            .filter(it -> !it.channel().closed())
            .orElseThrow(() -> new PaymentException(DealCode.CHANNEL_UNKNOWN, "not open: " + id));
    long now = seen.head().time().getEpochSecond();
    Optional<CloseConsent> given = consent.filter(it -> it.deadline() >= now);
    if (given.isPresent()) {
      // Of two consents the payer could use the lower one.
      require(given.get().equals(asked), "another consent is good until " + given.get().deadline());
      require(consentKept, "it is being agreed to already");
      return Prepared.unchanged(seen.channel().payee());
    }
    require(
        live.isEmpty() && lanes.all().stream().allMatch(lane -> lane.binding().isEmpty()),
        "a deal runs on it");
    require(
        asked.finalRedeemed().equals(lanes.vouchered().max(seen.channel().redeemed())),
        "the vouchers here come to another total than the request says");
    require(
        !asked.finalRedeemed().exceeds(seen.channel().deposit()), "the deposit is less than that");
    require(
        asked.deadline() >= now && asked.deadline() - now <= mostSeconds,
        "the deadline has to be at most %d s from the ledger's time".formatted(mostSeconds));
    consent = Optional.of(asked);
    consentKept = false;
    return new Prepared<>(
        seen.channel().payee(),
        Optional.of(new PaymentRecord.ConsentGiven(id, asked.finalRedeemed(), asked.deadline())),
        this::keepConsent,
        this::forgetConsent);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new PaymentException(DealCode.CLOSE_REFUSED, otherwise);
    }
  }

  private synchronized void keepConsent() {
    consentKept = true;
  }

  private synchronized void forgetConsent() {
    consent = Optional.empty();
  }

  /** By the ledger's time as it was last seen: never too early. */
  @GuardedBy("this")
  private boolean isAgreedToEnd() {
    return consent
        .filter(
            it ->
                view.view()
                    .filter(seen -> seen.head().time().getEpochSecond() > it.deadline())
                    .isEmpty())
        .isPresent();
  }

  // books and records

  /** The channel as it stands now. */
  synchronized ChannelBook book() {
    Optional<Channel> channel = view.channel();
    return new ChannelBook(
        id,
        ChannelBook.Role.PAYEE,
        domain,
        payer,
        channel.map(Channel::token).orElse(EvmAddress.ZERO),
        view.deposit(),
        view.confirmed(),
        lanes.vouchered(),
        TokenAmount.ZERO,
        channel.map(Channel::redeemed).orElse(TokenAmount.ZERO),
        channel.map(Channel::state).orElse("unknown"),
        channel.flatMap(Channel::settleAt),
        lanes.books());
  }

  /** What lies in it, and how much of that vouchers are over; empty unless it is known open. */
  synchronized Optional<ChannelStanding> standing() {
    return view.channel()
        .filter(channel -> !channel.closed())
        .map(
            channel ->
                new ChannelStanding(
                    id,
                    ChannelBook.Role.PAYEE,
                    domain,
                    channel.token(),
                    channel.headroom(),
                    lanes.redeemable(),
                    channel.settleAt()));
  }

  /** A deal had that lane; its account, unless it was known. */
  synchronized Optional<DealAccount> restore(PaymentRecord.DealBound record, Instant now) {
    if (accounts.containsKey(record.deal())) {
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
    consent = Optional.of(new CloseConsent(id, given.total(), given.deadline()));
    consentKept = true;
  }

  /** A voucher was taken; as much as counted then counts still, the rest is judged by and by. */
  synchronized void restore(PaymentRecord.VoucherTaken record, Instant unknown) {
    PayeeLane lane = lanes.lane(record.voucher().voucher().lane());
    lane.raiseCredit(record.credit());
    keep(lane, record.voucher(), record.time().orElse(unknown));
  }

  /** Everything needed to build it anew, in an order that it can be restored in. */
  synchronized void snapshot(List<PaymentRecord> into) {
    for (DealAccount account : accounts.values()) {
      DealFigures deal = account.figures();
      PayeeLane lane = deal.lane();
      into.add(record(deal, Optional.empty()));
      // Only the lane's newest deal: earlier ones are cut at bases, and all vouchers are
      // cumulative.
      if (lane.deal() == deal && lane.best().isPresent()) {
        into.add(
            new PaymentRecord.VoucherTaken(
                deal.deal(), lane.best().get(), lane.credit(), unredeemed.since()));
      }
      deal.endRecord().ifPresent(into::add);
    }
    consent.ifPresent(
        it -> into.add(new PaymentRecord.ConsentGiven(id, it.finalRedeemed(), it.deadline())));
  }
}
