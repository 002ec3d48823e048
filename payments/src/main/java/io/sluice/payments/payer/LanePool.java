package io.sluice.payments.payer;

import io.sluice.payments.ChannelBook.LaneBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.token.AmountMessage;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of one channel: which deal holds which, and which are free. Not thread-safe: the
 * channel's lock guards it.
 *
 * <p>Lanes are used again, since a payee keeps a limited number of them. The one that has been free
 * longest comes first: its last deal has had the most time to end at the payee, too.
 *
 * <p>Lanes of deals that may still owe something are given to others last. What was under way when
 * a deal broke off counts at the payee and not here; it can be paid only while no other deal has
 * had the lane.
 */
final class LanePool {
  /** So many lanes wait for a debt to be named; a payee does not keep lanes without end. */
  static final int MOST_FOR_DEBTS = 16;

  private final TreeMap<Long, PayerLane> lanes = new TreeMap<>();
  private final Set<Long> free = new LinkedHashSet<>();
  private final Map<DealRef, LaneHold> holds = new LinkedHashMap<>();

  /** The lane of that number, made if it is new. */
  PayerLane lane(long number) {
    return lanes.computeIfAbsent(number, PayerLane::new);
  }

  /** All lanes, by number. */
  Collection<PayerLane> all() {
    return lanes.values();
  }

  List<Long> numbers() {
    return List.copyOf(lanes.keySet());
  }

  List<LaneBook> books() {
    return lanes.values().stream()
        .map(lane -> lane.book(Optional.ofNullable(lane.hold()).map(LaneHold::deal)))
        .toList();
  }

  // who holds what

  /** All holds, in the order in which they began. */
  Collection<LaneHold> holds() {
    return holds.values();
  }

  Set<DealRef> holders() {
    return holds.keySet();
  }

  /** What a deal holds, if anything. */
  @Nullable LaneHold find(DealRef deal) {
    return holds.get(deal);
  }

  /** What a deal holds; {@code NO_LANE} if that is nothing. */
  LaneHold of(DealRef deal) {
    LaneHold hold = holds.get(deal);
    if (hold == null) {
      throw new PaymentException(DealCode.NO_LANE, deal + " has no lane");
    }
    return hold;
  }

  /**
   * Gives the deal a lane that is not in {@code avoid}. Its base is all that the lane has paid,
   * also if only the ledger still knows: a home that lost its vouchers must not sign below them.
   */
  LaneHold give(DealRef deal, TokenAmount budget, Set<Long> avoid, ChannelFunds funds) {
    PayerLane lane = longestFree(avoid);
    TokenAmount base = lane.vouchered().max(funds.view().redeemed(lane.number()));
    return hold(new LaneHold(deal, lane, base, budget, avoid));
  }

  private PayerLane longestFree(Set<Long> avoid) {
    long debtors = free.stream().filter(number -> lane(number).debtor().isPresent()).count();
    List<Long> usable = free.stream().filter(number -> !avoid.contains(number)).toList();
    long lane =
        usable.stream()
            .filter(number -> lane(number).debtor().isEmpty())
            .findFirst()
            .or(() -> usable.stream().findFirst().filter(oldest -> debtors >= MOST_FOR_DEBTS))
            .orElseGet(() -> lanes.isEmpty() ? 0 : lanes.lastKey() + 1);
    free.remove(lane);
    return lane(lane);
  }

  private LaneHold hold(LaneHold hold) {
    hold.lane().heldBy(hold);
    holds.put(hold.deal(), hold);
    return hold;
  }

  /**
   * Whether a lane may come to so much.
   *
   * @param confirmed what may be signed away on the channel in all
   */
  void checkCovered(PayerLane lane, TokenAmount total, TokenAmount confirmed) {
    TokenAmount after = vouchered().minus(lane.vouchered()).plus(total);
    if (after.exceeds(confirmed)) {
      throw new PaymentException(
          DealCode.INSUFFICIENT_DEPOSIT,
          AmountMessage.of("%s would be signed, %s is confirmed", after, confirmed),
          after.minus(confirmed));
    }
  }

  /** Takes over a voucher that is durable; the deal's base becomes its amount. */
  void adopt(DealRef deal, SignedVoucher voucher) {
    lane(voucher.voucher().lane()).keep(voucher);
    LaneHold hold = holds.get(deal);
    if (hold != null) {
      hold.raiseBase(voucher.amount());
    }
  }

  /** Ends a deal's hold; its lane is the last to be taken again. */
  void leave(DealRef deal) {
    LaneHold hold = holds.remove(deal);
    if (hold != null && hold.lane().hold() == hold) {
      hold.lane().heldBy(null);
      free.add(hold.lane().number());
    }
  }

  /** The payee may count more for a deal than was paid: its lane waits for that when it leaves. */
  void keepForDebt(DealRef deal) {
    LaneHold hold = holds.get(deal);
    if (hold != null) {
      hold.lane().keepForDebt();
    }
  }

  /**
   * Gives a deal that has left the lane that it had, in memory only: all that is kept of it is the
   * voucher that it is for.
   *
   * @param confirmed what may be signed away on the channel in all
   * @return the lane's best voucher, if that is worth enough; the lane stays free then
   */
  Optional<SignedVoucher> holdAgain(LateDebt debt, TokenAmount confirmed) {
    PayerLane lane = lane(debt.lane());
    if (!lane.isStillOf(debt.deal(), debt.base().plus(debt.paid()))) {
      throw new PaymentException(
          DealCode.NO_LANE, "another deal has lane %d since".formatted(debt.lane()));
    }
    TokenAmount more = debt.base().plus(debt.due()).minusOrZero(lane.vouchered());
    if (more.isZero()) {
      return lane.best();
    }
    TokenAmount after = committed().plus(more);
    if (after.exceeds(confirmed)) {
      throw new PaymentException(
          DealCode.INSUFFICIENT_DEPOSIT,
          AmountMessage.of("%s would be signed away, %s is confirmed", after, confirmed),
          after.minus(confirmed));
    }
    restore(debt.deal(), debt.lane(), debt.base(), debt.due());
    return Optional.empty();
  }

  // after a restart

  /** The deal had that very lane, in place of what it had before. */
  void restore(DealRef deal, long lane, TokenAmount base, TokenAmount budget) {
    leave(deal);
    free.remove(lane);
    hold(new LaneHold(deal, lane(lane), base, budget, Set.of()));
  }

  /** After the last record: whatever nobody holds is free. */
  void restored() {
    for (PayerLane lane : lanes.values()) {
      if (lane.hold() == null) {
        free.add(lane.number());
      }
    }
  }

  // sums

  /** What all lanes together have signed away. */
  TokenAmount vouchered() {
    TokenAmount sum = TokenAmount.ZERO;
    for (PayerLane lane : lanes.values()) {
      sum = sum.plus(lane.vouchered());
    }
    return sum;
  }

  /** What live deals may still sign away. */
  TokenAmount reserved() {
    TokenAmount sum = TokenAmount.ZERO;
    for (LaneHold hold : holds.values()) {
      sum = sum.plus(hold.left());
    }
    return sum;
  }

  /** What may be signed in the end: the deposit has to cover it. */
  TokenAmount committed() {
    return vouchered().plus(reserved());
  }
}
