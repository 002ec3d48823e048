package io.sluice.payments.payee;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One channel that pays this home, in memory. Fields change under {@link #lock} only, under which
 * nothing is written and nobody waited for.
 *
 * <p>Every authentic voucher is kept; how much of it counts is another matter. What is kept and not
 * yet counted waits in {@link #claims}, in the order of arrival, and is granted as far as the
 * counted deposit reaches, whenever something changes. What counts on a lane never becomes less.
 */
final class PayeeChannel {

  /** A voucher's claim to count up to its amount; not before it is durable. */
  static final class Claim {
    final PayeeLane lane;
    final TokenAmount upTo;
    boolean durable;
    TokenAmount granted = TokenAmount.ZERO;

    Claim(PayeeLane lane, TokenAmount upTo) {
      this.lane = lane;
      this.upTo = upTo;
    }
  }

  final ReentrantLock lock = new ReentrantLock();
  final Domain domain;
  final Bytes32 id;
  final EvmAddress payer;
  final EvmAddress signer;
  final TreeMap<Long, PayeeLane> lanes = new TreeMap<>();
  final Map<DealRef, DealAccount> accounts = new LinkedHashMap<>();
  final List<Claim> claims = new ArrayList<>();
  private final PayeePolicy policy;

  /** The accounts that have not ended: what a gate goes through for each block. */
  final Map<DealRef, DealAccount> live = new LinkedHashMap<>();

  private TokenAmount best = TokenAmount.ZERO;

  /** Whether the payer has debts of earlier deals; kept up to date from outside. */
  volatile boolean indebted;

  volatile Optional<ChannelView> view = Optional.empty();

  /** How often the ledger was asked about this channel. */
  long turns;

  boolean fresh;
  Optional<IntentId> redeeming = Optional.empty();
  Optional<Instant> unredeemedSince = Optional.empty();
  long confirmations;

  PayeeChannel(
      Domain domain,
      Bytes32 id,
      EvmAddress payer,
      EvmAddress signer,
      PayeePolicy policy,
      long confirmations) {
    this.domain = domain;
    this.id = id;
    this.payer = payer;
    this.signer = signer;
    this.policy = policy;
    this.confirmations = confirmations;
  }

  PayeeLane lane(long number) {
    return lanes.computeIfAbsent(number, PayeeLane::new);
  }

  TokenAmount counted() {
    return view.map(ChannelView::confirmed).orElse(TokenAmount.ZERO);
  }

  boolean ending() {
    return view.filter(seen -> seen.channel().ending()).isPresent();
  }

  /** Σ best over all lanes. */
  TokenAmount best() {
    return best;
  }

  /** Σ best + Σ unpaid of live deals: what the deposit has to be larger than for a block to go. */
  TokenAmount committed() {
    TokenAmount sum = best();
    for (DealAccount account : live.values()) {
      sum = sum.plus(account.unpaid());
    }
    return sum;
  }

  List<DealRef> liveDeals() {
    return List.copyOf(live.keySet());
  }

  // what counts

  /** Judges again how much of what is kept counts. */
  void judge() {
    for (PayeeLane lane : lanes.values()) {
      // What the ledger has paid is money, whatever else is the matter with the channel.
      TokenAmount redeemed = view.map(seen -> seen.redeemed(lane.number)).orElse(TokenAmount.ZERO);
      lane.counted = lane.counted.max(redeemed.min(lane.amount()));
    }
    TokenAmount room = room();
    Map<PayeeLane, TokenAmount> reached = new HashMap<>();
    Iterator<Claim> waiting = claims.iterator();
    while (waiting.hasNext()) {
      Claim claim = waiting.next();
      TokenAmount from = reached.getOrDefault(claim.lane, claim.lane.counted);
      TokenAmount grant =
          countsNow(claim) ? claim.upTo.minusOrZero(from).min(room) : TokenAmount.ZERO;
      room = room.minus(grant);
      reached.put(claim.lane, from.plus(grant));
      // A larger claim before it may yet be dropped.
      claim.granted = from.plus(grant).min(claim.upTo);
      if (claim.durable) {
        claim.lane.counted = claim.lane.counted.max(claim.granted);
        if (!claim.upTo.exceeds(claim.lane.counted)) {
          waiting.remove();
        }
      }
    }
    for (DealAccount account : accounts.values()) {
      account.freezeIfPaid();
      account.expose();
    }
  }

  /** How much more may count: nothing by a stale view, or once the payer takes its money back. */
  private TokenAmount room() {
    if (!fresh || ending()) {
      return TokenAmount.ZERO;
    }
    TokenAmount sum = TokenAmount.ZERO;
    for (PayeeLane lane : lanes.values()) {
      sum = sum.plus(lane.counted);
    }
    return counted().minusOrZero(sum);
  }

  /** Steps too small to bother with wait for company, unless they clear what is owed. */
  private boolean countsNow(Claim claim) {
    TokenAmount step = claim.upTo.minusOrZero(claim.lane.counted);
    if (!policy.minimumStep().exceeds(step)) {
      return true;
    }
    DealAccount account = claim.lane.account;
    return account == null
        || !account.terms.due(account.charged()).exceeds(account.share(claim.upTo));
  }

  /** Takes note of a voucher that is on its way to the journal. */
  Claim claim(PayeeLane lane, SignedVoucher voucher) {
    Claim claim = new Claim(lane, voucher.amount());
    claims.add(claim);
    judge();
    return claim;
  }

  void drop(Claim claim) {
    claims.remove(claim);
    judge();
  }

  /** The voucher is durable. */
  void take(Claim claim, SignedVoucher voucher, Instant now) {
    better(claim.lane, voucher, now);
    claim.durable = true;
    judge();
  }

  void better(PayeeLane lane, SignedVoucher voucher, Instant now) {
    if (lane.best.isEmpty() || voucher.amount().exceeds(lane.amount())) {
      best = best.plus(voucher.amount()).minus(lane.amount());
      lane.best = Optional.of(voucher);
      unredeemedSince = unredeemedSince.or(() -> Optional.of(now));
    }
  }

  /** A redemption of all there is was planned: what comes from now on is new. */
  void redemptionPlanned(IntentId intent) {
    redeeming = Optional.of(intent);
    unredeemedSince = Optional.empty();
  }

  /** Takes over what the ledger said; a view older than the one here is left. */
  void see(ChannelView seen, Instant now) {
    if (view.isEmpty() || seen.succeeds(view.get())) {
      view = Optional.of(seen);
      fresh = true;
    }
    // A refused redemption, or one that came too early for a voucher, leaves something to redeem.
    unredeemedSince =
        redeemable().isZero() ? Optional.empty() : unredeemedSince.or(() -> Optional.of(now));
    judge();
  }

  // redeeming

  /** What a redemption of everything would bring now. */
  TokenAmount redeemable() {
    if (view.isEmpty() || view.get().channel().closed()) {
      return TokenAmount.ZERO;
    }
    TokenAmount sum = TokenAmount.ZERO;
    for (PayeeLane lane : lanes.values()) {
      sum = sum.plus(gain(lane));
    }
    return sum.min(view.get().channel().headroom());
  }

  private TokenAmount gain(PayeeLane lane) {
    TokenAmount redeemed = view.map(seen -> seen.redeemed(lane.number)).orElse(TokenAmount.ZERO);
    return lane.amount().minusOrZero(redeemed);
  }

  /** The best voucher of every lane that brings something, most valuable first. */
  List<SignedVoucher> toRedeem(int most) {
    return lanes.values().stream()
        .filter(lane -> !gain(lane).isZero())
        .sorted(Comparator.comparing(this::gain).reversed())
        .limit(most)
        .flatMap(lane -> lane.best.stream())
        .toList();
  }

  ChannelBook book(EvmAddress token) {
    List<ChannelBook.LaneBook> books = new ArrayList<>();
    for (PayeeLane lane : lanes.values()) {
      books.add(
          new ChannelBook.LaneBook(
              lane.number,
              lane.amount(),
              lane.nonce(),
              Optional.ofNullable(lane.account).filter(DealAccount::live).map(DealAccount::deal)));
    }
    Optional<Channel> channel = view.map(ChannelView::channel);
    return new ChannelBook(
        id,
        ChannelBook.Role.PAYEE,
        domain,
        payer,
        token,
        channel.map(Channel::deposit).orElse(TokenAmount.ZERO),
        counted(),
        best(),
        TokenAmount.ZERO,
        channel.map(Channel::redeemed).orElse(TokenAmount.ZERO),
        channel.map(Channel::state).orElse("unknown"),
        channel.flatMap(Channel::settleAt),
        books);
  }

  /** Makes a change under the lock. */
  void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }
}
