package io.sluice.payments;

import io.sluice.payments.PayeeChannel.Claim;
import io.sluice.payments.PayeeChannel.Lane;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Signatures;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Open;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The paid side of this home: which openings it takes, what vouchers are worth, when to redeem.
 *
 * <p>What it promises: no authentic voucher is ever lost or counted twice, credit never exceeds the
 * deposit that the ledger has confirmed, and once a payer settles everything is redeemed at once.
 *
 * <p>Methods may be called from any thread. {@link #receive} and the accounts wait for nothing but
 * a short lock; {@link #open}, redeeming and {@link #poll} block on the ledger, without a lock.
 */
public final class PayeeSide {
  private static final Logger LOG = LoggerFactory.getLogger(PayeeSide.class);

  /** Whatever may be old is redeemed as if it were. */
  private static final Instant UNKNOWN_AGE = Instant.EPOCH;

  private final PayeePolicy policy;
  private final Map<Domain, ChannelLedger> ledgers;
  private final Clock clock;
  private final PayeeListener listener;
  private final Redeemer redeemer;
  private final Exposure exposure = new Exposure();

  /** Guards both maps, never held together with a wait or a write. */
  private final Object desk = new Object();

  private final Map<Bytes32, PayeeChannel> channels = new LinkedHashMap<>();
  private final Map<DealRef, DealAccount> accounts = new LinkedHashMap<>();

  PayeeSide(
      PayeePolicy policy,
      Map<Domain, ChannelLedger> ledgers,
      Outbox outbox,
      Clock clock,
      SecureRandom random,
      PayeeListener listener) {
    this.policy = policy;
    this.ledgers = Map.copyOf(ledgers);
    this.clock = clock;
    this.listener = listener;
    this.redeemer =
        new Redeemer(policy, this.ledgers, outbox, clock, random, this::refresh, this::all);
  }

  /** Where this home may be paid: goes into its offers. */
  public List<Payee> payees() {
    return policy.payees();
  }

  // openings

  /**
   * Judges an opening: first its signature, then the channel, the payer's record, the lane. The
   * same opening for the same deal is admitted again without a change. Blocks on the ledger.
   *
   * <p>Terms are not looked at: whether they are, or lately were, on offer is the caller's to know.
   */
  public Opening open(OpenRequest request) {
    Open open = request.open();
    Optional<Payee> payee = ours(open.payee());
    if (payee.isEmpty()) {
      return Opening.Refused.of(
          PaymentCode.CHANNEL_UNACCEPTABLE, "not a payee of ours: " + open.payee());
    }
    Domain domain = new Domain(open.payee().chainId(), open.payee().contract());
    PayeeChannel channel;
    try {
      channel = look(domain, open.channel(), payee.get(), Set.of(open.lane()));
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", domain, e.toString());
      return Opening.Refused.of(PaymentCode.CHAIN_STALE, "the ledger does not answer");
    }
    if (channel == null) {
      return Opening.Refused.of(
          PaymentCode.CHANNEL_UNACCEPTABLE, "unknown channel " + open.channel());
    }
    if (!Signatures.by(channel.signer, open.signature(), request.claim().digest(domain))) {
      return Opening.Refused.of(
          PaymentCode.OPEN_BAD_SIGNATURE, "not signed by " + channel.signer + " for this deal");
    }
    Optional<SignedVoucher> best;
    try {
      best = open.best().map(SignedVoucher::of);
    } catch (ProtocolException e) {
      return Opening.Refused.of(PaymentCode.VOUCHER_MALFORMED, "" + e.getMessage());
    }
    if (best.isPresent()) {
      Optional<Judgement.Refused> wrong = wrong(channel, open.lane(), best.get());
      if (wrong.isPresent()) {
        return Opening.Refused.of(wrong.get().code(), wrong.get().message());
      }
    }
    if (crowded(channel)) {
      return Opening.Refused.of(
          PaymentCode.CHANNEL_UNACCEPTABLE, channel.payer + " has too many channels here");
    }
    return admit(request, payee.get(), remembered(channel), best);
  }

  /** One object a channel, also if two openings bring it at once. */
  private PayeeChannel remembered(PayeeChannel channel) {
    synchronized (desk) {
      PayeeChannel before = channels.putIfAbsent(channel.id, channel);
      return before == null ? channel : before;
    }
  }

  private Optional<Payee> ours(Payee offered) {
    return policy.payees().stream()
        .filter(
            mine ->
                mine.chainId() == offered.chainId()
                    && mine.contract().equals(offered.contract())
                    && mine.token().equals(offered.token())
                    && mine.address().equals(offered.address()))
        .findFirst();
  }

  /** The channel as the ledger has it now; null if there is none for us. */
  private @Nullable PayeeChannel look(
      Domain domain, Bytes32 id, Payee payee, Collection<Long> lanes) throws IOException {
    ChannelLedger ledger = ledgers.get(domain);
    if (ledger == null) {
      return null;
    }
    PayeeChannel known;
    synchronized (desk) {
      known = channels.get(id);
    }
    long turn = 0;
    if (known != null) {
      turn = turn(known);
      lanes = new LinkedHashSet<>(lanes);
      lanes.addAll(laneNumbers(known));
    }
    Optional<ChannelView> seen = ChannelView.read(ledger, id, payee.confirmations(), lanes, turn);
    if (seen.isEmpty() || !seen.get().channel().payee().equals(payee.address())) {
      return null;
    }
    Channel facts = seen.get().channel();
    PayeeChannel channel =
        known == null
            ? new PayeeChannel(
                domain, id, facts.payer(), facts.signer(), policy, payee.confirmations())
            : known;
    // It is remembered once an opening proves to be its signer's, not for being asked about.
    see(channel, seen.get());
    return channel;
  }

  private static long turn(PayeeChannel channel) {
    channel.lock.lock();
    try {
      return ++channel.turns;
    } finally {
      channel.lock.unlock();
    }
  }

  private static Collection<Long> laneNumbers(PayeeChannel channel) {
    channel.lock.lock();
    try {
      return new ArrayList<>(channel.lanes.keySet());
    } finally {
      channel.lock.unlock();
    }
  }

  private Opening admit(
      OpenRequest request, Payee payee, PayeeChannel channel, Optional<SignedVoucher> best) {
    Optional<Opening.Refused> unpaid = unpaid(channel, request.open().terms());
    channel.lock.lock();
    try {
      Open open = request.open();
      DealAccount bound = channel.accounts.get(request.deal());
      if (bound != null && bound.lane.number == open.lane() && bound.terms.equals(open.terms())) {
        return new Opening.Admitted(Prepared.unchanged(bound));
      }
      if (bound != null || account(request.deal()).isPresent()) {
        return Opening.Refused.of(
            PaymentCode.DEAL_ID_TAKEN, request.deal() + " is bound to another opening");
      }
      Optional<Opening> previous = previousPaid(channel, open.lane(), best);
      if (previous.isPresent()) {
        return previous.get();
      }
      Optional<Opening.Refused> refused =
          unacceptable(channel, payee, open, best)
              .or(() -> unpaid)
              .or(() -> busy(channel, open, best));
      if (refused.isPresent()) {
        return refused.get();
      }
      return new Opening.Admitted(bind(request, channel, best));
    } finally {
      channel.lock.unlock();
    }
  }

  /** A payer's record is about the payer, whichever channel and peer it comes with now. */
  private Optional<Opening.Refused> unpaid(PayeeChannel channel, Terms terms) {
    Instant now = clock.instant();
    long sum = 0;
    DealAccount worst = null;
    long most = 0;
    for (DealAccount account : accountsOf(channel.payer)) {
      long debt;
      account.channel.lock.lock();
      try {
        debt = account.debt(now);
      } finally {
        account.channel.lock.unlock();
      }
      sum += debt;
      if (debt > most) {
        most = debt;
        worst = account;
      }
    }
    channel.indebted = sum > 0;
    if (worst == null || sum <= terms.interval()) {
      return Optional.empty();
    }
    return Optional.of(
        new Opening.Refused(
            PaymentCode.UNPAID,
            "%s left %d bytes unpaid, most of it in %s".formatted(channel.payer, sum, worst.deal()),
            Optional.empty(),
            Optional.of(worst.owed()),
            Optional.of(worst.deal())));
  }

  private boolean crowded(PayeeChannel channel) {
    synchronized (desk) {
      return !channels.containsKey(channel.id)
          && channels.values().stream()
                  .filter(other -> other.payer.equals(channel.payer) && !closed(other))
                  .count()
              >= policy.maxChannels();
    }
  }

  private static boolean closed(PayeeChannel channel) {
    return channel.view.filter(seen -> seen.channel().closed()).isPresent();
  }

  /** What the opening's best brings above ours belongs to the deal that had the lane. */
  private Optional<Opening> previousPaid(
      PayeeChannel channel, long number, Optional<SignedVoucher> best) {
    Lane lane = channel.lanes.get(number);
    if (lane == null || lane.account == null || lane.account.frozen() || best.isEmpty()) {
      return Optional.empty();
    }
    if (!best.get().amount().exceeds(lane.amount())) {
      return Optional.empty();
    }
    return Optional.of(
        new Opening.PreviousPaid(lane.account.deal(), taking(lane.account, best.get())));
  }

  private Optional<Opening.Refused> unacceptable(
      PayeeChannel channel, Payee payee, Open open, Optional<SignedVoucher> best) {
    Channel facts = channel.view.orElseThrow().channel();
    if (!facts.token().equals(payee.token())) {
      return Optional.of(
          Opening.Refused.of(PaymentCode.CHANNEL_UNACCEPTABLE, "pays in " + facts.token()));
    }
    if (facts.challengeSeconds() < payee.minChallenge()) {
      return Optional.of(
          Opening.Refused.of(
              PaymentCode.CHANNEL_UNACCEPTABLE,
              "challenge of %d s, at least %d s are needed"
                  .formatted(facts.challengeSeconds(), payee.minChallenge())));
    }
    if (channel.ending()) {
      return Optional.of(
          Opening.Refused.of(PaymentCode.CHANNEL_CLOSING, "the channel is " + facts.state()));
    }
    Lane lane = channel.lanes.get(open.lane());
    TokenAmount news =
        best.map(SignedVoucher::amount)
            .orElse(TokenAmount.ZERO)
            .minusOrZero(lane == null ? TokenAmount.ZERO : lane.amount());
    TokenAmount needed = payee.minDeposit().max(channel.best().plus(news).plus(TokenAmount.of(1)));
    if (needed.exceeds(channel.counted())) {
      return Optional.of(
          Opening.Refused.of(
              PaymentCode.INSUFFICIENT_DEPOSIT,
              "%s of the deposit count, %s are needed".formatted(channel.counted(), needed),
              needed.minus(channel.counted())));
    }
    if (lane == null && channel.lanes.size() >= policy.maxLanes()) {
      return Optional.of(
          Opening.Refused.of(PaymentCode.TOO_MANY_LANES, "use a lane that is free again"));
    }
    return Optional.empty();
  }

  private static Optional<Opening.Refused> busy(
      PayeeChannel channel, Open open, Optional<SignedVoucher> best) {
    Lane lane = channel.lanes.get(open.lane());
    if (lane != null && lane.binding != null) {
      return Optional.of(
          Opening.Refused.of(PaymentCode.LANE_BUSY, "being taken by another", lane.binding));
    }
    if (lane != null && lane.account != null && lane.account.live()) {
      return Optional.of(
          Opening.Refused.of(
              PaymentCode.LANE_BUSY, "the lane's deal has not ended", lane.account.deal()));
    }
    TokenAmount stored = lane == null ? TokenAmount.ZERO : lane.amount();
    TokenAmount redeemed = channel.view.orElseThrow().redeemed(open.lane());
    TokenAmount theirs = best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
    if (stored.max(redeemed).exceeds(theirs)) {
      return Optional.of(
          new Opening.Refused(
              PaymentCode.LANE_BEHIND,
              "the lane stands at %s, the opening says %s".formatted(stored.max(redeemed), theirs),
              lane == null ? Optional.empty() : lane.best,
              Optional.empty(),
              Optional.empty()));
    }
    return Optional.empty();
  }

  private Prepared<DealAccount> bind(
      OpenRequest request, PayeeChannel channel, Optional<SignedVoucher> best) {
    Open open = request.open();
    Lane lane = channel.lane(open.lane());
    TokenAmount base = best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
    Optional<SignedVoucher> news = best.filter(voucher -> base.exceeds(lane.amount()));
    PaymentRecord.DealBound record =
        new PaymentRecord.DealBound(
            request.deal(),
            channel.domain,
            channel.id,
            open.lane(),
            base,
            channel.payer,
            channel.signer,
            open.terms(),
            news);
    DealAccount account = account(record, channel, lane);
    lane.binding = request.deal();
    return new Prepared<>(
        account,
        Optional.of(record),
        () -> bound(channel, account, news, now()),
        () -> locked(channel, () -> lane.binding = null));
  }

  private DealAccount account(PaymentRecord.DealBound record, PayeeChannel channel, Lane lane) {
    return new DealAccount(
        record.deal(), channel, lane, record.base(), record.terms(), policy, exposure);
  }

  private void bound(
      PayeeChannel channel, DealAccount account, Optional<SignedVoucher> news, Instant now) {
    channel.lock.lock();
    try {
      Lane lane = account.lane;
      lane.binding = null;
      if (lane.account != null) {
        lane.account.freeze(account.base);
      }
      if (news.isPresent()) {
        channel.take(channel.claim(lane, news.get()), news.get(), now);
      }
      lane.account = account;
      channel.accounts.put(account.deal(), account);
      channel.live.put(account.deal(), account);
      channel.judge();
    } finally {
      channel.lock.unlock();
    }
    synchronized (desk) {
      accounts.put(account.deal(), account);
    }
  }

  // vouchers

  /**
   * Judges a payment for a deal. Authentic ones are kept: better than all before, they come with a
   * record that has to be durable before they count; else they change nothing, and their signature
   * is not even looked at. Takes a millisecond when there is one to look at, and waits for nothing.
   */
  public Judgement receive(DealRef deal, Payment payment) {
    DealAccount account;
    synchronized (desk) {
      account = accounts.get(deal);
    }
    if (account == null) {
      return new Judgement.Refused(PaymentCode.VOUCHER_UNEXPECTED, "no account of " + deal);
    }
    SignedVoucher voucher;
    try {
      voucher = SignedVoucher.of(payment);
    } catch (ProtocolException e) {
      return new Judgement.Refused(PaymentCode.VOUCHER_MALFORMED, "" + e.getMessage());
    }
    PayeeChannel channel = account.channel;
    Optional<Judgement.Refused> foreign = foreign(channel, account.lane.number, voucher);
    if (foreign.isPresent()) {
      return foreign.get();
    }
    if (isNews(account, voucher)) {
      if (!voucher.signedBy(channel.signer)) {
        return forged(channel);
      }
      channel.lock.lock();
      try {
        if (voucher.amount().exceeds(account.lane.amount())) {
          return new Judgement.Kept(taking(account, voucher));
        }
      } finally {
        channel.lock.unlock();
      }
    }
    return new Judgement.Kept(Prepared.unchanged(account.figures()));
  }

  private static boolean isNews(DealAccount account, SignedVoucher voucher) {
    account.channel.lock.lock();
    try {
      return voucher.amount().exceeds(account.lane.amount());
    } finally {
      account.channel.lock.unlock();
    }
  }

  private static Optional<Judgement.Refused> foreign(
      PayeeChannel channel, long lane, SignedVoucher voucher) {
    if (!voucher.domain().equals(channel.domain)
        || !voucher.voucher().channel().equals(channel.id)) {
      return Optional.of(
          new Judgement.Refused(
              PaymentCode.VOUCHER_WRONG_CHANNEL,
              "for %s of %s, not %s of %s"
                  .formatted(
                      voucher.voucher().channel(), voucher.domain(), channel.id, channel.domain)));
    }
    if (voucher.voucher().lane() != lane) {
      return Optional.of(
          new Judgement.Refused(
              PaymentCode.VOUCHER_WRONG_LANE,
              "for lane %d, not %d".formatted(voucher.voucher().lane(), lane)));
    }
    return Optional.empty();
  }

  private static Judgement.Refused forged(PayeeChannel channel) {
    return new Judgement.Refused(
        PaymentCode.VOUCHER_BAD_SIGNATURE, "not signed by " + channel.signer);
  }

  private static Optional<Judgement.Refused> wrong(
      PayeeChannel channel, long lane, SignedVoucher voucher) {
    return foreign(channel, lane, voucher)
        .or(
            () ->
                voucher.signedBy(channel.signer) ? Optional.empty() : Optional.of(forged(channel)));
  }

  /** Reserves what the voucher makes count; under the channel's lock. */
  private Prepared<Credit> taking(DealAccount account, SignedVoucher voucher) {
    PayeeChannel channel = account.channel;
    Claim claim = channel.claim(account.lane, voucher);
    TokenAmount counts = account.lane.counted.max(claim.granted);
    Instant now = now();
    return new Prepared<>(
        new Credit(account.deal(), account.share(counts), account.share(voucher.amount())),
        Optional.of(
            new PaymentRecord.VoucherTaken(account.deal(), voucher, counts, Optional.of(now))),
        () -> {
          locked(channel, () -> channel.take(claim, voucher, now));
          tellOthers(channel, account.deal());
        },
        () -> locked(channel, () -> channel.drop(claim)));
  }

  /** The deal's account, as long as it is remembered. */
  public Optional<DealAccount> account(DealRef deal) {
    synchronized (desk) {
      return Optional.ofNullable(accounts.get(deal));
    }
  }

  /**
   * Ends a deal: its lane can be taken by another, and what it left unpaid is remembered. It can
   * still be paid. Nothing changes for a deal without account, or that has ended before.
   *
   * @param charged all the bytes that were charged
   */
  public Prepared<DealRef> ended(DealRef deal, long charged) {
    Optional<DealAccount> found = account(deal);
    if (found.isEmpty()) {
      return Prepared.unchanged(deal);
    }
    DealAccount account = found.get();
    PayeeChannel channel = account.channel;
    channel.lock.lock();
    try {
      if (!account.live()) {
        return Prepared.unchanged(deal);
      }
    } finally {
      channel.lock.unlock();
    }
    Instant now = now();
    return new Prepared<>(
        deal,
        Optional.of(new PaymentRecord.DealEnded(deal, charged, now)),
        () -> {
          locked(channel, () -> account.ended(charged, now));
          forgetOld(channel);
          tellOthers(channel, deal);
        },
        () -> {});
  }

  /** Drops accounts that nobody can ask about: paid, off their lane, and two deals ago. */
  private void forgetOld(PayeeChannel channel) {
    Instant now = clock.instant();
    List<DealRef> forgotten = new ArrayList<>();
    channel.lock.lock();
    try {
      channel
          .accounts
          .values()
          .removeIf(
              account -> {
                boolean old =
                    !account.live()
                        && account.frozen()
                        && account.lane.account != account
                        && account.debt(now) == 0;
                if (old) {
                  forgotten.add(account.deal());
                }
                return old;
              });
    } finally {
      channel.lock.unlock();
    }
    synchronized (desk) {
      forgotten.forEach(accounts::remove);
    }
  }

  private void tellOthers(PayeeChannel channel, DealRef but) {
    List<DealRef> live;
    channel.lock.lock();
    try {
      live = channel.liveDeals();
    } finally {
      channel.lock.unlock();
    }
    live.stream().filter(deal -> !deal.equals(but)).forEach(listener::changed);
  }

  // redeeming

  /** Redeems the best voucher of every lane; empty if that would bring nothing. By hand. */
  public Optional<Outcome> redeem(Bytes32 id) throws IOException {
    PayeeChannel channel = channel(id);
    refresh(channel);
    return redeemer.redeem(channel);
  }

  /**
   * Redeems everything and ends the channel at once. By hand.
   *
   * @param evenInUse also while deals are paid on it
   * @throws PaymentException {@code CHANNEL_UNKNOWN}, {@code CHANNEL_IN_USE}
   */
  public Outcome close(Bytes32 id, boolean evenInUse) throws IOException {
    PayeeChannel channel = channel(id);
    refresh(channel);
    return redeemer.close(channel, evenInUse);
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  void ended(Intent intent, Outcome outcome) {
    redeemer.ended(intent, outcome);
  }

  // books and upkeep

  /** All channels that pay this home, as they stand now. */
  public List<ChannelBook> books() {
    List<ChannelBook> books = new ArrayList<>();
    for (PayeeChannel channel : all()) {
      channel.lock.lock();
      try {
        EvmAddress token = channel.view.map(seen -> seen.channel().token()).orElse(EvmAddress.ZERO);
        books.add(channel.book(token));
      } finally {
        channel.lock.unlock();
      }
    }
    return books;
  }

  /** Looks at channels anew, judges what counts, and redeems where it is time to. */
  void poll(Set<Bytes32> touched) throws IOException {
    for (PayeeChannel channel : all()) {
      boolean due;
      channel.lock.lock();
      try {
        due =
            touched.contains(channel.id)
                || !channel.fresh
                || channel.view.filter(ChannelView::unconfirmed).isPresent()
                || channel.view.filter(this::aging).isPresent();
      } finally {
        channel.lock.unlock();
      }
      if (due) {
        refresh(channel);
      }
      if (redeemer.timeFor(channel)) {
        redeemer.redeem(channel);
      }
    }
  }

  /** Quiet channels are looked at now and then too, long before their view is stale. */
  private boolean aging(ChannelView seen) {
    Duration age = Duration.between(seen.head().time(), clock.instant());
    return age.compareTo(policy.staleAfter().dividedBy(4)) > 0;
  }

  void refreshAll() {
    for (PayeeChannel channel : all()) {
      refresh(channel);
    }
  }

  private void refresh(PayeeChannel channel) {
    ChannelLedger ledger = ledgers.get(channel.domain);
    if (ledger == null) {
      return;
    }
    long turn = turn(channel);
    try {
      ChannelView.read(ledger, channel.id, channel.confirmations, laneNumbers(channel), turn)
          .ifPresent(seen -> see(channel, seen));
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", channel.domain, e.toString());
      locked(channel, () -> outdated(channel));
    }
  }

  private void outdated(PayeeChannel channel) {
    boolean stale =
        channel
            .view
            .filter(
                seen ->
                    Duration.between(seen.head().time(), clock.instant())
                            .compareTo(policy.staleAfter())
                        > 0)
            .isPresent();
    if (stale) {
      channel.fresh = false;
    }
  }

  private void see(PayeeChannel channel, ChannelView seen) {
    List<DealRef> live;
    boolean same;
    channel.lock.lock();
    try {
      Optional<ChannelView> before = channel.view;
      channel.see(seen, now());
      same =
          before
              .filter(
                  old ->
                      old.channel().equals(seen.channel()) && old.counted().equals(seen.counted()))
              .isPresent();
      live = channel.liveDeals();
    } finally {
      channel.lock.unlock();
    }
    if (!same) {
      live.forEach(listener::changed);
    }
  }

  // rebuilding

  /** Applies one record of an earlier run. */
  void restore(PaymentRecord record) {
    switch (record) {
      case PaymentRecord.DealBound bound -> restore(bound);
      case PaymentRecord.VoucherTaken taken -> restore(taken);
      case PaymentRecord.DealEnded ended ->
          account(ended.deal())
              .ifPresent(
                  account ->
                      locked(account.channel, () -> account.ended(ended.charged(), ended.time())));
      case PaymentRecord.IntentPlanned planned -> {
        if (planned.intent() instanceof Intent.Redeem redeem) {
          redeem.vouchers().stream()
              .map(voucher -> channels.get(voucher.voucher().channel()))
              .filter(Objects::nonNull)
              .forEach(channel -> locked(channel, () -> channel.redemptionPlanned(redeem.id())));
        }
      }
      case PaymentRecord.IntentEnded ended -> {
        for (PayeeChannel channel : all()) {
          if (channel.redeeming.filter(ended.id()::equals).isPresent()) {
            locked(channel, () -> channel.redeeming = Optional.empty());
          }
        }
      }
      case PaymentRecord.FundsAsked asked -> {}
      case PaymentRecord.LaneTaken taken -> {}
      case PaymentRecord.VoucherGiven given -> {}
      case PaymentRecord.VoucherAdopted adopted -> {}
      case PaymentRecord.DealLeft left -> {}
    }
  }

  private void restore(PaymentRecord.DealBound bound) {
    PayeeChannel channel =
        channels.computeIfAbsent(
            bound.channel(),
            id ->
                new PayeeChannel(
                    bound.domain(),
                    id,
                    bound.payer(),
                    bound.signer(),
                    policy,
                    confirmations(bound)));
    if (channel.accounts.containsKey(bound.deal())) {
      return;
    }
    DealAccount account = account(bound, channel, channel.lane(bound.lane()));
    bound(channel, account, bound.best(), UNKNOWN_AGE);
  }

  private long confirmations(PaymentRecord.DealBound bound) {
    return policy.payees().stream()
        .filter(payee -> new Domain(payee.chainId(), payee.contract()).equals(bound.domain()))
        .mapToLong(Payee::confirmations)
        .max()
        .orElse(0);
  }

  private void restore(PaymentRecord.VoucherTaken taken) {
    SignedVoucher voucher = taken.voucher();
    PayeeChannel channel = channels.get(voucher.voucher().channel());
    if (channel == null) {
      return;
    }
    locked(
        channel,
        () -> {
          Lane lane = channel.lane(voucher.voucher().lane());
          // As much as counted then counts still; the rest is judged when the ledger was asked.
          lane.counted = lane.counted.max(taken.counted());
          Instant since = taken.time().orElse(UNKNOWN_AGE);
          channel.take(channel.claim(lane, voucher), voucher, since);
        });
  }

  /** Everything needed to build this side anew, in an order that {@link #restore} takes. */
  void snapshot(List<PaymentRecord> into) {
    for (PayeeChannel channel : all()) {
      channel.lock.lock();
      try {
        for (DealAccount account : channel.accounts.values()) {
          Lane lane = account.lane;
          boolean current = lane.account == account;
          into.add(
              new PaymentRecord.DealBound(
                  account.deal(),
                  channel.domain,
                  channel.id,
                  lane.number,
                  account.base(),
                  channel.payer,
                  channel.signer,
                  account.terms(),
                  Optional.empty()));
          if (current) {
            lane.best.ifPresent(
                best ->
                    into.add(
                        new PaymentRecord.VoucherTaken(
                            account.deal(), best, lane.counted, channel.unredeemedSince)));
          }
          account.endRecord().ifPresent(into::add);
        }
      } finally {
        channel.lock.unlock();
      }
    }
  }

  // small things

  private List<PayeeChannel> all() {
    synchronized (desk) {
      return List.copyOf(channels.values());
    }
  }

  private List<DealAccount> accountsOf(EvmAddress payer) {
    synchronized (desk) {
      return accounts.values().stream().filter(account -> account.payer().equals(payer)).toList();
    }
  }

  private PayeeChannel channel(Bytes32 id) {
    synchronized (desk) {
      PayeeChannel channel = channels.get(id);
      if (channel == null) {
        throw new PaymentException(PaymentCode.CHANNEL_UNKNOWN, "no channel " + id);
      }
      return channel;
    }
  }

  /** Now, as precisely as it is stored. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  private static void locked(PayeeChannel channel, Runnable change) {
    channel.lock.lock();
    try {
      change.run();
    } finally {
      channel.lock.unlock();
    }
  }
}
