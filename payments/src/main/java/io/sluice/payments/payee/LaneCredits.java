package io.sluice.payments.payee;

import io.sluice.payments.ChannelBook.LaneBook;
import io.sluice.payments.LatestView;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of one channel and what counts on them. Not thread-safe: the channel's monitor guards
 * it.
 *
 * <p>Every authentic voucher is kept; how much of it counts is another matter. What is kept and
 * does not count yet waits as a {@link Claim}, in the order of arrival, and is granted as far as
 * the confirmed deposit reaches, whenever something changes. So the deposit is shared by who came
 * first, the same after a restart, and no unit of it counts on two lanes.
 */
final class LaneCredits {
  /** A voucher's claim to count up to its amount; not before it is durable. */
  static final class Claim {
    private final PayeeLane lane;
    private final TokenAmount upTo;
    private boolean durable;
    private TokenAmount granted = TokenAmount.ZERO;

    private Claim(PayeeLane lane, TokenAmount upTo) {
      this.lane = lane;
      this.upTo = upTo;
    }

    /** What the lane's credit is as soon as the voucher is durable. */
    TokenAmount credit() {
      return lane.credit().max(granted);
    }
  }

  private final LatestView view;
  private final TreeMap<Long, PayeeLane> lanes = new TreeMap<>();
  private final List<Claim> claims = new ArrayList<>();

  /** Kept as a sum, since a gate asks for it before each block. */
  private TokenAmount vouchered = TokenAmount.ZERO;

  /** No lanes yet; {@code view} is the channel's own, and moves on. */
  LaneCredits(LatestView view) {
    this.view = view;
  }

  /** The lane of that number, made if it is new. */
  PayeeLane lane(long number) {
    return lanes.computeIfAbsent(number, PayeeLane::new);
  }

  @Nullable PayeeLane find(long number) {
    return lanes.get(number);
  }

  /** The deal that a lane pays for, also if it has ended. */
  @Nullable DealFigures dealOn(long number) {
    PayeeLane lane = lanes.get(number);
    return lane == null ? null : lane.deal();
  }

  Collection<PayeeLane> all() {
    return lanes.values();
  }

  Collection<Long> numbers() {
    return lanes.keySet();
  }

  /** What the best vouchers of all lanes are worth. */
  TokenAmount vouchered() {
    return vouchered;
  }

  /**
   * What an opening of a lane is judged by; the ledger has told of the channel.
   *
   * @param most lanes at most
   * @param unpaid the payer's record, if it speaks against a new deal
   */
  OpeningFacts openingFacts(long number, int most, Optional<OpeningRefused> unpaid) {
    PayeeLane lane = find(number);
    boolean full = lane == null && lanes.size() >= most;
    return OpeningFacts.of(view.view().orElseThrow(), vouchered, full, number, lane, unpaid);
  }

  // claims

  /** Takes note of a voucher that is on its way to the journal; not judged yet. */
  Claim claim(PayeeLane lane, TokenAmount upTo) {
    Claim claim = new Claim(lane, upTo);
    claims.add(claim);
    return claim;
  }

  /** It will not be durable. */
  void drop(Claim claim) {
    claims.remove(claim);
  }

  /**
   * The voucher is durable; not judged yet.
   *
   * @return whether it is the lane's best, so that there is something new to redeem
   */
  boolean take(Claim claim, SignedVoucher voucher) {
    TokenAmount before = claim.lane.vouchered();
    boolean better = claim.lane.keep(voucher);
    vouchered = vouchered.plus(claim.lane.vouchered()).minus(before);
    claim.durable = true;
    return better;
  }

  /**
   * Judges again how much of what is kept counts.
   *
   * @param reliable what the deposit is good for: nothing by a stale view, or once the payer takes
   *     its money back
   * @param minimumStep smaller steps wait for company, unless they clear what is owed
   */
  void judge(TokenAmount reliable, TokenAmount minimumStep) {
    TokenAmount used = TokenAmount.ZERO;
    for (PayeeLane lane : lanes.values()) {
      // What the ledger has paid is money, whatever else is the matter with the channel.
      lane.raiseCredit(view.redeemed(lane.number()).min(lane.vouchered()));
      used = used.plus(lane.credit());
    }
    TokenAmount room = reliable.minusOrZero(used);
    Map<PayeeLane, TokenAmount> reached = new HashMap<>();
    Iterator<Claim> waiting = claims.iterator();
    while (waiting.hasNext()) {
      Claim claim = waiting.next();
      TokenAmount from = reached.getOrDefault(claim.lane, claim.lane.credit());
      TokenAmount grant =
          countsNow(claim, minimumStep) ? claim.upTo.minusOrZero(from).min(room) : TokenAmount.ZERO;
      room = room.minus(grant);
      reached.put(claim.lane, from.plus(grant));
      // A larger claim before it may yet be dropped.
      claim.granted = from.plus(grant).min(claim.upTo);
      if (claim.durable) {
        claim.lane.raiseCredit(claim.granted);
        if (!claim.upTo.exceeds(claim.lane.credit())) {
          waiting.remove();
        }
      }
    }
  }

  private static boolean countsNow(Claim claim, TokenAmount minimumStep) {
    TokenAmount step = claim.upTo.minusOrZero(claim.lane.credit());
    return !minimumStep.exceeds(step) || claim.lane.isClearedBy(claim.upTo);
  }

  // redeeming

  /** What a redemption of everything would bring now. */
  TokenAmount redeemable() {
    TokenAmount sum = TokenAmount.ZERO;
    for (PayeeLane lane : lanes.values()) {
      sum = sum.plus(gain(lane));
    }
    return view.channel()
        .filter(channel -> !channel.closed())
        .map(Channel::headroom)
        .map(sum::min)
        .orElse(TokenAmount.ZERO);
  }

  private TokenAmount gain(PayeeLane lane) {
    return lane.vouchered().minusOrZero(view.redeemed(lane.number()));
  }

  /** The best voucher of every lane that brings something, most valuable first. */
  List<SignedVoucher> toRedeem() {
    return lanes.values().stream()
        .filter(lane -> !gain(lane).isZero())
        .sorted(Comparator.comparing(this::gain).reversed())
        .flatMap(lane -> lane.best().stream())
        .toList();
  }

  List<LaneBook> books() {
    return lanes.values().stream().map(lane -> lane.book(lane.liveDeal())).toList();
  }
}
