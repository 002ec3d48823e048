package io.sluice.payments.payer;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One channel that this home opened, in memory. All fields are guarded by {@link #lock}, under
 * which nothing is written and nobody waited for, except on {@link #changed}.
 *
 * <p>The sums that hold it together: {@code signed} is what all lanes have signed away, {@code
 * reserved} what live deals may still sign away; a deal gets a lane only while both and its budget
 * fit into the counted deposit.
 */
final class PayerChannel {

  /** A deal's hold on a lane. */
  static final class Hold {
    final DealRef deal;
    final PayerLane lane;
    TokenAmount base;
    TokenAmount budget;
    final LinkedHashSet<Long> busy = new LinkedHashSet<>();

    Hold(DealRef deal, PayerLane lane, TokenAmount base, TokenAmount budget) {
      this.deal = deal;
      this.lane = lane;
      this.base = base;
      this.budget = budget;
    }

    /** What the deal has signed away. */
    TokenAmount spent() {
      return lane.amount().minusOrZero(base);
    }
  }

  final ReentrantLock lock = new ReentrantLock();
  final Condition changed = lock.newCondition();
  final Domain domain;
  final Intent.Open open;
  final Bytes32 id;
  final TreeMap<Long, PayerLane> lanes = new TreeMap<>();
  final LinkedHashSet<Long> free = new LinkedHashSet<>();

  /** Also asked, without the lock, whether a deal is in it. */
  final Map<DealRef, Hold> holds = new ConcurrentHashMap<>();

  final LinkedHashMap<DealRef, TokenAmount> waiting = new LinkedHashMap<>();
  final Map<DealRef, PaymentException> failed = new HashMap<>();
  long confirmations;

  /** The largest minimum that a payee asked for. */
  TokenAmount floor = TokenAmount.ZERO;

  /** What the deposit shall be since the payee said it was used up, until it is. */
  TokenAmount target = TokenAmount.ZERO;

  volatile Optional<ChannelView> view = Optional.empty();

  /** How often the ledger was asked about this channel. */
  long turns;

  Optional<IntentId> inFlight = Optional.empty();

  /** The deposit after our own last top-up: known before the ledger is asked again. */
  TokenAmount reached = TokenAmount.ZERO;

  /** Why the ledger did not open it, if it did not: it is none then. */
  volatile Optional<PaymentException> refused = Optional.empty();

  PayerChannel(Domain domain, Intent.Open open, long confirmations) {
    this.domain = domain;
    this.open = open;
    this.id = open.channel(domain);
    this.confirmations = confirmations;
  }

  /** Whether new deals may use it, now or once it is there. */
  boolean usable() {
    return refused.isEmpty() && view.map(seen -> !seen.channel().ending()).orElse(true);
  }

  TokenAmount signed() {
    TokenAmount sum = TokenAmount.ZERO;
    for (PayerLane lane : lanes.values()) {
      sum = sum.plus(lane.amount());
    }
    return sum;
  }

  TokenAmount reserved() {
    TokenAmount sum = TokenAmount.ZERO;
    for (Hold hold : holds.values()) {
      sum = sum.plus(hold.budget.minusOrZero(hold.spent()));
    }
    return sum;
  }

  TokenAmount asked() {
    TokenAmount sum = TokenAmount.ZERO;
    for (TokenAmount amount : waiting.values()) {
      sum = sum.plus(amount);
    }
    return sum;
  }

  TokenAmount counted() {
    return view.map(ChannelView::confirmed).orElse(TokenAmount.ZERO);
  }

  TokenAmount deposit() {
    return view.map(seen -> seen.channel().deposit()).orElse(TokenAmount.ZERO).max(reached);
  }

  /** What a new deal may still get. */
  TokenAmount spendable() {
    return counted().minusOrZero(signed().plus(reserved()));
  }

  /** What is missing for all that wait, once everything on its way counts. */
  TokenAmount gap() {
    return signed().plus(reserved()).plus(asked()).max(floor).max(target).minusOrZero(deposit());
  }

  /** Takes over what the ledger said; a view older than the one here is left. */
  void see(ChannelView seen) {
    if (view.isEmpty() || seen.succeeds(view.get())) {
      view = Optional.of(seen);
    }
    changed.signalAll();
  }

  /** Lanes that the ledger may know something of. */
  Collection<Long> laneNumbers() {
    return new ArrayList<>(lanes.keySet());
  }

  PayerLane lane(long number) {
    return lanes.computeIfAbsent(number, PayerLane::new);
  }

  /**
   * Gives the deal a lane that is not in {@code avoid}: the one that has been free longest, else a
   * new number. Its base is all that the lane has paid, also if only the ledger still knows.
   */
  Hold hold(DealRef deal, TokenAmount budget, Collection<Long> avoid) {
    PayerLane lane = take(avoid);
    TokenAmount onLedger = view.map(seen -> seen.redeemed(lane.number)).orElse(TokenAmount.ZERO);
    Hold hold = new Hold(deal, lane, lane.amount().max(onLedger), budget);
    hold.busy.addAll(avoid);
    lane.hold = hold;
    holds.put(deal, hold);
    return hold;
  }

  private PayerLane take(Collection<Long> avoid) {
    Iterator<Long> candidates = free.iterator();
    while (candidates.hasNext()) {
      long number = candidates.next();
      if (!avoid.contains(number)) {
        candidates.remove();
        return lane(number);
      }
    }
    return lane(lanes.isEmpty() ? 0 : lanes.lastKey() + 1);
  }

  /** Whether a deal that wants that much more can have it now. */
  boolean affords(TokenAmount more) {
    return view.isPresent()
        && usable()
        && !floor.exceeds(counted())
        && !signed().plus(reserved()).plus(more).exceeds(counted());
  }

  /** Nobody who waits here will get anything. */
  void fail(PaymentException cause) {
    for (DealRef deal : waiting.keySet()) {
      failed.put(deal, cause);
    }
    waiting.clear();
    changed.signalAll();
  }

  /** Ends a deal's hold; its lane is the last to be taken again. */
  void leave(DealRef deal) {
    waiting.remove(deal);
    failed.remove(deal);
    Hold hold = holds.remove(deal);
    if (hold != null && hold.lane.hold == hold) {
      hold.lane.hold = null;
      free.add(hold.lane.number);
    }
    changed.signalAll();
  }

  LaneTicket ticket(Hold hold) {
    return new LaneTicket(
        hold.deal,
        domain,
        id,
        open.signer(),
        hold.lane.number,
        hold.base,
        hold.budget,
        hold.lane.best);
  }

  ChannelBook book() {
    List<ChannelBook.LaneBook> books = new ArrayList<>();
    for (PayerLane lane : lanes.values()) {
      books.add(
          new ChannelBook.LaneBook(
              lane.number,
              lane.amount(),
              lane.nonce(),
              Optional.ofNullable(lane.hold).map(hold -> hold.deal)));
    }
    return new ChannelBook(
        id,
        ChannelBook.Role.PAYER,
        domain,
        open.payee(),
        open.token(),
        deposit(),
        counted(),
        signed(),
        reserved(),
        view.map(seen -> seen.channel().redeemed()).orElse(TokenAmount.ZERO),
        view.map(seen -> seen.channel().state()).orElse("planned"),
        view.flatMap(seen -> seen.channel().settleAt()),
        books);
  }

  /** Throws what stands in the way of a deal's money, once. */
  void throwFailure(DealRef deal) {
    PaymentException failure = failed.remove(deal);
    if (failure != null) {
      throw failure;
    }
    if (refused.isPresent()) {
      throw refused.get();
    }
  }

  /** What a deal holds; {@code NO_LANE} if that is nothing. */
  Hold held(DealRef deal) {
    Hold hold = holds.get(deal);
    if (hold == null) {
      throw new PaymentException(DealCode.NO_LANE, deal + " has no lane");
    }
    return hold;
  }
}
