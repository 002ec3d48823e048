package io.sluice.payments.payer;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.view;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook.LaneBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.protocol.retrieval.DealCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The money behind a payer's channel, and the lanes that deals have of it. */
class ChannelFundsTest {
  private static final DealRef ONE = new DealRef("c-1");
  private static final DealRef TWO = new DealRef("c-2");
  private static final IntentId OPENING = new IntentId("open");

  private final LatestView view = new LatestView(CHANNEL, 1);
  private final ChannelFunds funds = new ChannelFunds(OPENING, view);
  private final LanePool lanes = new LanePool();
  private long turn;

  private void ledger(long deposit, long confirmed) {
    view.see(view(channel(CHANNEL, deposit, 0), confirmed, ++turn));
  }

  private static LedgerEvent.Stamp stamp() {
    return new LedgerEvent.Stamp(1, NOW, OPENING);
  }

  private static Outcome.Included toppedUp(long deposit) {
    return new Outcome.Included(
        OPENING,
        1,
        List.of(new LedgerEvent.ChannelToppedUp(stamp(), CHANNEL, amount(1), amount(deposit))));
  }

  // money

  @Test
  void opening_isOnItsWayUntilItEnds() {
    assertTrue(funds.isOnItsWay(OPENING));
    assertFalse(funds.isIdle());
    funds.ended(new IntentId("other"));
    assertFalse(funds.isIdle());
    funds.ended(OPENING);
    assertTrue(funds.isIdle());
    assertFalse(funds.isOnItsWay(OPENING));
    funds.begun(new IntentId("top-up"));
    assertTrue(funds.isOnItsWay(new IntentId("top-up")));
    assertFalse(funds.isOnItsWay(OPENING));
  }

  @Test
  void deposit_byOurOwnTopUpUntilTheLedgerSaysMore() {
    ledger(10, 10);
    funds.note(toppedUp(30));
    funds.note(toppedUp(25));
    assertEquals(amount(30), funds.deposit());
    ledger(40, 10);
    assertEquals(amount(40), funds.deposit());
  }

  @Test
  void ownOpening_knownBeforeTheLedgerIsAsked() {
    LedgerEvent opened =
        new LedgerEvent.ChannelOpened(
            stamp(),
            CHANNEL,
            PAYER.address(),
            PAYEE,
            Samples.COIN,
            PAYER.address(),
            amount(50),
            60,
            CHANNEL);
    funds.note(new Outcome.Included(OPENING, 1, List.of(opened)));

    assertEquals(amount(50), funds.deposit());
  }

  @Test
  void covers_onlyWhatIsConfirmedAndAtLeastTheFloor() {
    assertFalse(funds.covers(amount(0)), "nothing is known");
    ledger(100, 60);
    assertTrue(funds.covers(amount(60)));
    assertFalse(funds.covers(amount(61)));
    funds.raiseFloor(amount(60));
    funds.raiseFloor(amount(20));
    assertTrue(funds.covers(amount(60)));
    funds.raiseFloor(amount(61));
    assertFalse(funds.covers(amount(0)));
  }

  @Test
  void endingOrRefused_ofNoUseToNewDeals() {
    assertTrue(funds.isUsable());
    ledger(100, 100);
    assertTrue(funds.isUsable());
    view.see(view(Samples.settling(channel(CHANNEL, 100, 0), NOW), 100, ++turn));
    assertFalse(funds.isUsable());
    assertFalse(funds.covers(amount(1)));
  }

  @Test
  void refusedOpening_heardByEverybody() {
    PaymentException cause = new PaymentException(DealCode.LEDGER_REFUSED, "no");
    assertFalse(funds.isRefused());
    funds.refuse(cause);

    assertTrue(funds.isRefused());
    assertFalse(funds.isUsable());
    assertSame(cause, assertThrows(PaymentException.class, () -> funds.throwFailure(ONE)));
    assertSame(cause, assertThrows(PaymentException.class, () -> funds.throwFailure(ONE)));
  }

  @Test
  void failedTopUp_heardOnceByEachWhoWaited() {
    funds.waiting().put(ONE, amount(5));
    PaymentException cause = new PaymentException(DealCode.INSUFFICIENT_FUNDS, "poor");
    funds.fail(cause);

    funds.throwFailure(TWO);
    assertEquals(Map.of(), funds.waiting());
    assertSame(cause, assertThrows(PaymentException.class, () -> funds.throwFailure(ONE)));
    funds.throwFailure(ONE);
  }

  @Test
  void whoLeaves_waitsAndHearsNoMore() {
    funds.waiting().put(ONE, amount(5));
    funds.fail(new PaymentException(DealCode.INSUFFICIENT_FUNDS, "poor"));
    funds.waiting().put(ONE, amount(5));
    funds.leave(ONE);

    funds.throwFailure(ONE);
    assertEquals(Map.of(), funds.waiting());
  }

  @Test
  void gap_whatIsMissingForAllOnceItIsThere() {
    ledger(100, 20);
    funds.waiting().put(ONE, amount(30));
    funds.waiting().put(TWO, amount(40));
    assertEquals(amount(70), funds.asked());
    assertEquals(amount(0), funds.gap(amount(30)));
    assertEquals(amount(5), funds.gap(amount(35)));
    funds.raiseFloor(amount(130));
    assertEquals(amount(30), funds.gap(amount(35)));
    funds.aim(ONE, amount(150));
    assertEquals(amount(50), funds.gap(amount(35)));
    assertEquals(amount(30), funds.waiting().get(ONE), "it waits for its own");
  }

  @Test
  void topUp_onlyWithNothingOnItsWayAndSomethingMissing() {
    funds.waiting().put(ONE, amount(30));
    assertFalse(funds.canTopUp(amount(0)));
    funds.ended(OPENING);
    assertFalse(funds.canTopUp(amount(0)), "nothing is known");
    ledger(30, 0);
    assertFalse(funds.canTopUp(amount(0)));
    assertTrue(funds.canTopUp(amount(1)));
    funds.begun(OPENING);
    assertFalse(funds.canTopUp(amount(1)));
  }

  @Test
  void aim_untilItHasWaitedLongEnough() {
    funds.aim(ONE, amount(50));
    funds.aim(TWO, amount(40));
    assertEquals(Map.of(ONE, amount(0), TWO, amount(0)), funds.waiting());
    assertEquals(amount(50), funds.gap(amount(0)));

    funds.aimed(ONE);

    assertEquals(Map.of(TWO, amount(0)), funds.waiting());
    assertEquals(amount(0), funds.gap(amount(0)));
    funds.waiting().put(TWO, amount(3));
    funds.aimed(TWO);
    assertEquals(Map.of(TWO, amount(3)), funds.waiting(), "it asked for a lane meanwhile");
  }

  // lanes

  private LaneHold give(DealRef deal, long budget, Long... avoid) {
    return lanes.give(deal, amount(budget), Set.of(avoid), funds);
  }

  private void vouchered(long lane, long total) {
    lanes.lane(lane).keep(Samples.voucher(CHANNEL, lane, total, total));
  }

  @Test
  void lane_newOnesUntilOneIsFreeAndThenTheLongestFree() {
    assertEquals(0, give(ONE, 10).lane().number());
    assertEquals(1, give(TWO, 10).lane().number());
    assertEquals(2, give(new DealRef("c-3"), 10).lane().number());
    lanes.leave(TWO);
    lanes.leave(ONE);

    assertEquals(0, give(new DealRef("c-4"), 10, 1L).lane().number());
    assertEquals(1, give(new DealRef("c-5"), 10).lane().number());
    assertEquals(3, give(new DealRef("c-6"), 10).lane().number());
    assertEquals(List.of(0L, 1L, 2L, 3L), lanes.numbers());
  }

  @Test
  void base_isAllThatTheLaneHasPaidAlsoByTheLedgerAlone() {
    vouchered(0, 20);
    lanes.restored();
    assertEquals(amount(20), give(ONE, 5).base());
    lanes.leave(ONE);
    view.see(view(channel(CHANNEL, 100, 30), 100, ++turn, Map.of(0L, amount(30))));
    assertEquals(amount(30), give(TWO, 5).base());
  }

  @Test
  void hold_whatIsSpentAndWhatIsLeft() {
    LaneHold hold = give(ONE, 50);
    vouchered(0, 20);

    assertEquals(amount(20), hold.spent());
    assertEquals(amount(30), hold.left());
    assertEquals(amount(30), lanes.reserved());
    assertEquals(amount(20), lanes.vouchered());
    assertEquals(amount(50), lanes.committed());
    hold.budget(amount(60));
    assertEquals(amount(40), hold.left());
    hold.raiseBase(amount(15));
    hold.raiseBase(amount(3));
    assertEquals(amount(15), hold.base());
    assertEquals(amount(5), hold.spent());
    vouchered(0, 200);
    assertEquals(amount(0), hold.left());
  }

  @Test
  void swapped_allLanesThatWereBusyAreAvoided() {
    LaneHold first = give(ONE, 10);
    assertEquals(Set.of(0L), first.busyLanes());
    lanes.leave(ONE);
    LaneHold second = give(ONE, 10, first.busyLanes().toArray(Long[]::new));
    assertEquals(Set.of(0L, 1L), second.busyLanes());
  }

  @Test
  void whoHoldsWhat() {
    LaneHold hold = give(ONE, 10);

    assertSame(hold, lanes.find(ONE));
    assertSame(hold, lanes.of(ONE));
    assertEquals(Set.of(ONE), lanes.holders());
    assertEquals(List.of(hold), List.copyOf(lanes.holds()));
    assertEquals(
        DealCode.NO_LANE, assertThrows(PaymentException.class, () -> lanes.of(TWO)).code());
    assertEquals(List.of(new LaneBook(0, amount(0), 0, Optional.of(ONE))), lanes.books());
    lanes.leave(TWO);
    lanes.leave(ONE);
    assertEquals(List.of(new LaneBook(0, amount(0), 0, Optional.empty())), lanes.books());
    assertEquals(Set.of(), lanes.holders());
  }

  @Test
  void restored_theVeryLaneAndTheRestIsFree() {
    vouchered(2, 7);
    lanes.restore(ONE, 4, amount(3), amount(9));
    lanes.restore(ONE, 5, amount(4), amount(8));
    lanes.restored();

    LaneHold hold = lanes.of(ONE);
    assertEquals(5, hold.lane().number());
    assertEquals(amount(4), hold.base());
    assertEquals(amount(8), hold.budget());
    Set<Long> next =
        Set.of(give(TWO, 1).lane().number(), give(new DealRef("c-3"), 1).lane().number());
    assertEquals(Set.of(2L, 4L), next, "the lane that it had before is free");
  }

  @Test
  void restoredOnALaneThatWasFree_nobodyElseGetsIt() {
    lanes.restore(ONE, 0, amount(0), amount(9));
    lanes.leave(ONE);
    lanes.restore(TWO, 0, amount(0), amount(9));

    assertEquals(1, give(ONE, 1).lane().number());
  }
}
