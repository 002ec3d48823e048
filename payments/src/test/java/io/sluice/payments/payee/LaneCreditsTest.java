package io.sluice.payments.payee;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.TERMS;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.view;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook.LaneBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.payee.LaneCredits.Claim;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What of the vouchers counts, and what of them there is to redeem. */
class LaneCreditsTest {
  private static final DealRef DEAL = new DealRef("p-1");

  private final LatestView view = new LatestView(CHANNEL, 1);
  private final LaneCredits lanes = new LaneCredits(view);
  private final Unredeemed unredeemed = new Unredeemed(lanes);
  private long turn;

  private void ledger(long deposit, Map<Long, TokenAmount> redeemed) {
    long sum = redeemed.values().stream().mapToLong(it -> it.value().longValueExact()).sum();
    view.see(view(channel(CHANNEL, deposit, sum), deposit, ++turn, redeemed));
  }

  private Claim claim(long lane, long upTo) {
    return lanes.claim(lanes.lane(lane), amount(upTo));
  }

  private boolean take(Claim claim, long lane, long total) {
    return lanes.take(claim, voucher(CHANNEL, lane, total, total));
  }

  private void judge(long reliable) {
    judge(reliable, 0);
  }

  private void judge(long reliable, long minimumStep) {
    lanes.judge(amount(reliable), amount(minimumStep));
  }

  private void assertCredit(long expected, long lane) {
    assertEquals(amount(expected), lanes.lane(lane).credit());
  }

  @Test
  void lanes_madeOnce() {
    assertNull(lanes.find(3));
    PayeeLane three = lanes.lane(3);
    assertSame(three, lanes.lane(3));
    assertSame(three, lanes.find(3));
    lanes.lane(1);
    assertEquals(List.of(1L, 3L), List.copyOf(lanes.numbers()));
    assertEquals(2, lanes.all().size());
  }

  @Test
  void voucher_countsOnlyWhenItIsDurable() {
    Claim claim = claim(0, 50);
    judge(100);

    assertEquals(amount(50), claim.credit());
    assertCredit(0, 0);
    assertEquals(amount(0), lanes.vouchered());
    assertTrue(take(claim, 0, 50));
    judge(100);
    assertCredit(50, 0);
    assertEquals(amount(50), lanes.vouchered());
  }

  @Test
  void droppedVoucher_leavesItsShareToTheNext() {
    Claim first = claim(0, 80);
    Claim second = claim(1, 80);
    judge(100);
    assertEquals(amount(80), first.credit());
    assertEquals(amount(20), second.credit());

    lanes.drop(first);
    judge(100);

    assertEquals(amount(80), second.credit());
  }

  @Test
  void deposit_sharedInTheOrderOfArrivalAndNeverTwice() {
    take(claim(1, 70), 1, 70);
    take(claim(0, 70), 0, 70);
    judge(100);

    assertCredit(70, 1);
    assertCredit(30, 0);
    assertEquals(amount(140), lanes.vouchered());
    judge(120);
    assertCredit(50, 0);
    judge(500);
    assertCredit(70, 0);
  }

  @Test
  void credit_neverLessAgain() {
    take(claim(0, 70), 0, 70);
    judge(100);
    judge(0);

    assertCredit(70, 0);
    take(claim(1, 10), 1, 10);
    judge(75);
    assertCredit(5, 1);
  }

  @Test
  void lowerVoucherLater_countsForNothingMore() {
    Claim lower = claim(0, 30);
    Claim better = claim(0, 50);
    judge(100);
    assertEquals(amount(30), lower.credit());
    assertEquals(amount(50), better.credit());

    assertTrue(take(better, 0, 50));
    judge(100);
    assertCredit(50, 0);
    assertFalse(take(lower, 0, 30));
    judge(100);
    assertCredit(50, 0);
    assertEquals(amount(50), lanes.vouchered());
  }

  @Test
  void largerClaimBeforeIt_mayYetBeDropped() {
    Claim larger = claim(0, 50);
    Claim smaller = claim(0, 30);
    judge(100);

    assertEquals(amount(30), smaller.credit());
    assertEquals(amount(50), larger.credit());
  }

  @Test
  void smallSteps_countTogetherOrWhenTheyClear() {
    PayeeLane lane = lanes.lane(0);
    DealFigures deal = new DealFigures(DEAL, lane, amount(0), TERMS);
    deal.charge(40);
    lane.pays(deal);
    take(claim(0, 9), 0, 9);
    judge(100, 10);
    assertCredit(0, 0);

    take(claim(0, 10), 0, 10);
    judge(100, 10);
    assertCredit(10, 0);
    take(claim(0, 15), 0, 15);
    judge(100, 10);
    assertCredit(10, 0);
    deal.end(15, NOW);
    lanes.judge(amount(100), amount(10));
    assertCredit(10, 0);
    take(claim(0, 40), 0, 40);
    judge(100, 1000);
    assertCredit(40, 0);
  }

  @Test
  void whatTheLedgerPaid_countsWhateverElse() {
    take(claim(0, 60), 0, 60);
    ledger(100, Map.of(0L, amount(25)));
    judge(0);
    assertCredit(25, 0);

    ledger(100, Map.of(0L, amount(90)));
    judge(0);
    assertCredit(60, 0);
  }

  // redeeming

  @Test
  void redeemable_whatIsVoucheredAndNotPaidAsFarAsTheDepositReaches() {
    take(claim(0, 60), 0, 60);
    take(claim(1, 30), 1, 30);
    assertEquals(amount(0), lanes.redeemable(), "nothing is known of the channel");
    ledger(200, Map.of());
    assertEquals(amount(90), lanes.redeemable());
    ledger(200, Map.of(0L, amount(50)));
    assertEquals(amount(40), lanes.redeemable());
    ledger(70, Map.of(0L, amount(50)));
    assertEquals(amount(20), lanes.redeemable());
    view.see(view(Samples.closed(channel(CHANNEL, 200, 0)), 200, ++turn));
    assertEquals(amount(0), lanes.redeemable());
  }

  @Test
  void toRedeem_theMostValuableFirstAndNothingPaid() {
    take(claim(0, 60), 0, 60);
    take(claim(1, 30), 1, 30);
    take(claim(2, 20), 2, 20);
    lanes.lane(3);
    ledger(200, Map.of(0L, amount(50), 2L, amount(20)));

    assertEquals(
        List.of(voucher(CHANNEL, 1, 30, 30), voucher(CHANNEL, 0, 60, 60)), lanes.toRedeem());
  }

  @Test
  void books_eachLaneWithItsLiveDeal() {
    take(claim(0, 60), 0, 60);
    lanes.lane(0).pays(new DealFigures(DEAL, lanes.lane(0), amount(0), TERMS));

    assertEquals(List.of(new LaneBook(0, amount(60), 60, Optional.of(DEAL))), lanes.books());
    assertEquals(Optional.of(DEAL), lanes.lane(0).liveDeal());
    lanes.lane(0).deal().end(0, NOW);
    assertEquals(Optional.empty(), lanes.lane(0).liveDeal());
  }

  @Test
  void boundLane_isTheDealsFromThenOn() {
    PayeeLane lane = lanes.lane(0);
    assertEquals(Optional.empty(), lane.binding());
    lane.bind(DEAL);
    assertEquals(Optional.of(DEAL), lane.binding());
    DealFigures deal = new DealFigures(DEAL, lane, amount(0), TERMS);
    lane.pays(deal);
    assertEquals(Optional.empty(), lane.binding());
    assertSame(deal, lane.deal());
  }

  // since when

  private void redeemable(long total) {
    take(claim(0, total), 0, total);
    ledger(200, Map.of());
  }

  @Test
  void age_countsFromTheFirstVoucher() {
    assertEquals(Optional.empty(), unredeemed.since());
    unredeemed.added(NOW);
    unredeemed.added(NOW.plusSeconds(5));

    assertEquals(Optional.of(NOW), unredeemed.since());
  }

  @Test
  void ledgerLookedAt_nothingLeftOrSomethingLeft() {
    unredeemed.added(NOW);
    unredeemed.looked(NOW.plusSeconds(1));
    assertEquals(Optional.empty(), unredeemed.since());

    redeemable(50);
    unredeemed.looked(NOW.plusSeconds(2));
    unredeemed.looked(NOW.plusSeconds(3));
    assertEquals(Optional.of(NOW.plusSeconds(2)), unredeemed.since());
  }

  @Test
  void redemption_oneAtATimeOfTheMostValuable() {
    IntentId first = new IntentId("1");
    assertEquals(List.of(), unredeemed.begin(first, 5), "nothing there");
    redeemable(50);
    take(claim(1, 80), 1, 80);
    unredeemed.added(NOW);

    assertEquals(List.of(voucher(CHANNEL, 1, 80, 80)), unredeemed.begin(first, 1));
    assertEquals(Optional.empty(), unredeemed.since(), "what comes from now on is new");
    assertEquals(List.of(), unredeemed.begin(new IntentId("2"), 5));
    unredeemed.ended(new IntentId("2"));
    assertEquals(List.of(), unredeemed.begin(new IntentId("2"), 5));
    unredeemed.ended(first);
    assertEquals(2, unredeemed.begin(new IntentId("2"), 5).size());
  }
}
