package io.sluice.payments.payer;

import static io.sluice.payments.Samples.COIN;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.OPEN;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.hash;
import static io.sluice.payments.Samples.payee;
import static io.sluice.payments.Samples.view;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class PayerChannelTest {
  private static final DealRef DEAL = new DealRef("c-1");

  private static final DealRef TWO = new DealRef("c-2");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final PayerPolicy POLICY =
      new PayerPolicy(
          PAYER.address(),
          Map.of(DOMAIN, Set.of(COIN)),
          amount(1000),
          PayerPolicy.DEFAULT_MAX_CHALLENGE,
          1,
          100);

  private final PayerChannel channel = new PayerChannel(DOMAIN, OPEN, 1);
  private long turn;

  @BeforeEach
  void confirmed() {
    ledger(100, 100);
    channel.grant(new FundsRequest(DEAL, payee(PAYEE, 0, 1), amount(60))).orElseThrow().commit();
  }

  private static SignedVoucher sign(Voucher voucher) {
    return PAYER.sign(DOMAIN, voucher);
  }

  /** The key may be missing, or the machine out of memory: the next payment has to go through. */
  @Test
  void signingFails_laneIsFreeToSignAgain() {
    PaymentException noKey = new PaymentException(DealCode.NOT_OUR_VOUCHER, "no key");
    assertThrows(
        PaymentException.class,
        () ->
            channel.pay(
                DEAL,
                amount(5),
                voucher -> {
                  throw noKey;
                }));
    assertThrows(
        OutOfMemoryError.class,
        () ->
            channel.pay(
                DEAL,
                amount(5),
                voucher -> {
                  throw new OutOfMemoryError();
                }));

    Prepared<SignedVoucher> paid = channel.pay(DEAL, amount(5), PayerChannelTest::sign);
    assertEquals(1, paid.value().voucher().nonce(), "nothing was signed before");
    assertThrows(
        IllegalStateException.class,
        () -> channel.pay(DEAL, amount(6), PayerChannelTest::sign),
        "two at a time could share a nonce");
    paid.commit();
    assertEquals(2, channel.pay(DEAL, amount(6), PayerChannelTest::sign).value().voucher().nonce());
  }

  private static FundsRequest request(DealRef deal, long budget) {
    return new FundsRequest(deal, payee(PAYEE, 0, 1), amount(budget));
  }

  private void ledger(long deposit, long confirmed) {
    channel.see(view(channel(channel.id, deposit, 0), confirmed, ++turn));
  }

  private SignedVoucher paid(DealRef deal, long due) {
    Prepared<SignedVoucher> change = channel.pay(deal, amount(due), PayerChannelTest::sign);
    change.commit();
    return change.value();
  }

  private static void assertThrowsCode(DealCode code, long shortfall, Executable what) {
    PaymentException thrown = assertThrows(PaymentException.class, what);
    assertEquals(code, thrown.code());
    if (shortfall > 0) {
      assertEquals(Optional.of(amount(shortfall)), thrown.shortfall());
    }
  }

  // lanes and budgets

  @Test
  void granted_oncePerDealAndOnlyWhatIsFree() {
    Prepared<LaneTicket> again = channel.grant(request(DEAL, 60)).orElseThrow();
    assertEquals(Optional.empty(), again.record());
    assertEquals(0, again.value().lane());
    assertEquals(Optional.empty(), channel.grant(request(TWO, 41)));

    Prepared<LaneTicket> second = channel.grant(request(TWO, 40)).orElseThrow();
    assertEquals(
        Optional.of(new PaymentRecord.LaneTaken(TWO, channel.id, 1, amount(0), amount(40))),
        second.record());
    assertEquals(Optional.empty(), channel.grant(request(new DealRef("c-3"), 1)));
    second.release();
    assertEquals(Optional.empty(), channel.ticket(TWO));
    assertTrue(channel.grant(request(TWO, 40)).isPresent());
  }

  @Test
  void largerBudget_raisedIfItIsThereAndBackIfNotDurable() {
    assertEquals(Optional.empty(), channel.grant(request(DEAL, 101)));
    Prepared<LaneTicket> raised = channel.grant(request(DEAL, 100)).orElseThrow();
    assertEquals(amount(100), raised.value().budget());
    assertEquals(
        Optional.of(new PaymentRecord.LaneTaken(DEAL, channel.id, 0, amount(0), amount(100))),
        raised.record());
    raised.release();
    assertEquals(amount(60), channel.ticket(DEAL).orElseThrow().budget());
    assertTrue(channel.isGoodFor(DEAL));
  }

  @Test
  void asked_onceAndOnlyForWhatIsMissing() {
    Optional<PaymentRecord> asked = channel.ask(request(TWO, 70), POLICY);
    assertEquals(Optional.of(new PaymentRecord.FundsAsked(TWO, channel.id, amount(70))), asked);
    assertEquals(Optional.empty(), channel.ask(request(TWO, 70), POLICY));
    assertEquals(
        Optional.of(new PaymentRecord.FundsAsked(DEAL, channel.id, amount(5))),
        channel.ask(request(DEAL, 65), POLICY));
    assertThrowsCode(
        DealCode.MAX_DEPOSIT, 36, () -> channel.ask(request(new DealRef("c-3"), 901), POLICY));
  }

  @Test
  void topUp_oneForAllThatWait() {
    channel.ended(OPEN, included(), Optional.empty());
    assertEquals(Optional.empty(), channel.planTopUp(RANDOM));
    channel.ask(request(TWO, 70), POLICY);
    channel.ask(request(new DealRef("c-3"), 10), POLICY);

    Intent.TopUp topUp = channel.planTopUp(RANDOM).orElseThrow();

    assertEquals(amount(40), topUp.amount());
    assertEquals(channel.id, topUp.channel());
    assertEquals(PAYER.address(), topUp.sender());
    assertEquals(Optional.empty(), channel.planTopUp(RANDOM), "one at a time");
    channel.ended(topUp, included(), Optional.empty());
    assertEquals(amount(40), channel.planTopUp(RANDOM).orElseThrow().amount());
    ledger(140, 140);
    assertTrue(channel.grant(request(TWO, 70)).isPresent());
  }

  private static Outcome.Included included() {
    return new Outcome.Included(OPEN.id(), 1, List.of());
  }

  @Test
  void refusedTopUp_heardByWhoWaits() {
    channel.ask(request(TWO, 70), POLICY);
    Intent topUp = new Intent.TopUp(new IntentId("t"), PAYER.address(), channel.id, amount(1));
    PaymentException poor = new PaymentException(DealCode.INSUFFICIENT_FUNDS, "poor");

    assertTrue(channel.ended(topUp, new Outcome.Unknown(topUp.id()), Optional.of(poor)));

    assertThrowsCode(DealCode.INSUFFICIENT_FUNDS, 0, () -> channel.grant(request(TWO, 70)));
    assertTrue(channel.grant(request(DEAL, 60)).isPresent());
    assertTrue(channel.isUsable());
  }

  @Test
  void refusedOpening_noSuchChannel() {
    PaymentException no = new PaymentException(DealCode.LEDGER_REFUSED, "no");

    assertFalse(channel.ended(OPEN, new Outcome.Unknown(OPEN.id()), Optional.of(no)));

    assertFalse(channel.isUsable());
    assertThrowsCode(DealCode.LEDGER_REFUSED, 0, () -> channel.grant(request(DEAL, 60)));
  }

  @Test
  void swapped_anotherLaneWithWhatIsLeft() {
    paid(DEAL, 20);

    LaneTicket other = channel.swap(DEAL).value();

    assertEquals(1, other.lane());
    assertEquals(amount(40), other.budget());
    assertEquals(amount(0), other.base());
    assertEquals(2, channel.swap(DEAL).value().lane(), "both were busy");
    assertThrowsCode(DealCode.NO_LANE, 0, () -> channel.swap(TWO));
    assertEquals(0, channel.grant(request(TWO, 1)).orElseThrow().value().lane(), "for others");
  }

  @Test
  void left_laneAndBudgetAreFree() {
    assertThrowsCode(DealCode.CHANNEL_IN_USE, 0, channel::checkUnused);
    channel.leave(DEAL);

    channel.checkUnused();
    assertEquals(Optional.empty(), channel.ticket(DEAL));
    assertEquals(0, channel.grant(request(TWO, 100)).orElseThrow().value().lane());
  }

  // vouchers

  @Test
  void paid_absoluteAndNoMoreThanBudgetAndDeposit() {
    SignedVoucher ten = paid(DEAL, 10);
    assertEquals(amount(10), ten.amount());
    assertSame(ten, paid(DEAL, 10));
    assertSame(ten, paid(DEAL, 9));
    assertEquals(2, paid(DEAL, 60).voucher().nonce());
    assertThrowsCode(DealCode.BUDGET_EXCEEDED, 1, () -> paid(DEAL, 61));
    assertThrowsCode(DealCode.NO_LANE, 0, () -> paid(TWO, 1));
  }

  @Test
  void depositShrankByARepeatedBlock_notSignedBeyondIt() {
    channel.grant(request(TWO, 40)).orElseThrow().commit();
    paid(DEAL, 30);
    ledger(100, 50);
    assertEquals(amount(20), paid(TWO, 20).amount());
    assertThrowsCode(DealCode.INSUFFICIENT_DEPOSIT, 1, () -> paid(TWO, 21));
    assertThrowsCode(DealCode.INSUFFICIENT_DEPOSIT, 10, () -> paid(DEAL, 40));
  }

  @Test
  void settlingChannel_paysOnUntilItIsClosed() {
    channel.see(view(Samples.settling(channel(channel.id, 100, 0), NOW), 100, ++turn));
    paid(DEAL, 5);
    assertFalse(channel.isUsable());
    assertTrue(channel.isGoodFor(DEAL));
    assertFalse(channel.isGoodFor(TWO));
    channel.see(view(Samples.closed(channel(channel.id, 100, 0)), 100, ++turn));
    assertThrowsCode(DealCode.CHANNEL_CLOSING, 0, () -> paid(DEAL, 6));
  }

  @Test
  void adopted_onlyOursForThatLaneAndBetter() {
    SignedVoucher lost = PAYER.sign(DOMAIN, new Voucher(channel.id, 0, 7, amount(30)));
    assertTrue(channel.lacks(DEAL, lost));
    assertNotOurs(Samples.STRANGER.sign(DOMAIN, lost.voucher()));
    assertNotOurs(PAYER.sign(DOMAIN, new Voucher(channel.id, 1, 7, amount(30))));
    assertNotOurs(PAYER.sign(DOMAIN, new Voucher(hash(8), 0, 7, amount(30))));
    assertNotOurs(PAYER.sign(new Domain(8, DOMAIN.contract()), lost.voucher()));

    channel.adopt(DEAL, lost);

    assertFalse(channel.lacks(DEAL, lost));
    assertEquals(amount(30), channel.ticket(DEAL).orElseThrow().base());
    assertEquals(amount(35), paid(DEAL, 5).amount());
    assertEquals(8, channel.ticket(DEAL).orElseThrow().best().orElseThrow().voucher().nonce());
  }

  private void assertNotOurs(SignedVoucher voucher) {
    assertThrowsCode(DealCode.NOT_OUR_VOUCHER, 0, () -> channel.lacks(DEAL, voucher));
  }

  // late payments

  private LateDebt debt(DealRef deal, long paid, long due) {
    return new LateDebt(deal, channel.id, 0, amount(0), amount(paid), amount(due));
  }

  private Prepared<SignedVoucher> late(LateDebt debt) {
    return channel.payLate(debt, PayerChannelTest::sign);
  }

  @Test
  void paidLate_theLaneIsHeldUntilThatIsDurable() {
    paid(DEAL, 20);
    channel.leave(DEAL);

    Prepared<SignedVoucher> more = late(debt(DEAL, 20, 35));

    assertEquals(amount(35), more.value().amount());
    assertEquals(0, channel.ticket(DEAL).orElseThrow().lane());
    more.commit();
    assertEquals(Optional.empty(), channel.ticket(DEAL));
    Prepared<SignedVoucher> again = late(debt(DEAL, 20, 35));
    assertEquals(Optional.empty(), again.record(), "it is signed for already");
    assertSame(more.value(), again.value());
    assertEquals(0, channel.grant(request(TWO, 10)).orElseThrow().value().lane());
  }

  @Test
  void paidLate_notDurableOrNotSigned_theLaneIsFreeAsBefore() {
    paid(DEAL, 20);
    channel.leave(DEAL);
    PaymentException noKey = new PaymentException(DealCode.NOT_OUR_VOUCHER, "no key");

    late(debt(DEAL, 20, 35)).release();
    assertThrowsCode(
        DealCode.NOT_OUR_VOUCHER,
        0,
        () ->
            channel.payLate(
                debt(DEAL, 20, 35),
                voucher -> {
                  throw noKey;
                }));

    channel.checkUnused();
    assertEquals(2, late(debt(DEAL, 20, 35)).value().voucher().nonce());
  }

  @Test
  void paidLate_aDealThatHasNotLeftKeepsItsLane() {
    late(debt(DEAL, 0, 35)).commit();

    assertEquals(amount(35), channel.ticket(DEAL).orElseThrow().best().orElseThrow().amount());
  }

  @Test
  void paidLate_neverOnALaneThatAnotherDealHadSince() {
    paid(DEAL, 20);
    channel.leave(DEAL);
    channel.grant(request(TWO, 10)).orElseThrow().commit();
    assertThrowsCode(DealCode.NO_LANE, 0, () -> late(debt(DEAL, 20, 35)));
    channel.leave(TWO);
    assertThrowsCode(DealCode.NO_LANE, 0, () -> late(debt(DEAL, 20, 35)));
  }

  private LaneTicket granted(String deal) {
    Prepared<LaneTicket> grant = channel.grant(request(new DealRef(deal), 1)).orElseThrow();
    grant.commit();
    return grant.value();
  }

  private void leaveOwing(DealRef deal) {
    channel.leave(new PaymentRecord.DealLeft(deal, true));
  }

  @Test
  void debtsMayRemain_othersGetTheLaneLast_andThenTheOldest() {
    paid(DEAL, 20);
    leaveOwing(DEAL);
    for (int i = 1; i < LanePool.MOST_FOR_DEBTS; i++) {
      assertEquals(i, granted("c-" + i).lane());
      leaveOwing(new DealRef("c-" + i));
    }

    // One that owes nothing comes before all of them; paying a debt late leaves its lane apart.
    late(debt(DEAL, 20, 25)).commit();
    assertEquals(1, granted("next").lane(), "lane 0 was used last now");
    channel.leave(new DealRef("next"));
    assertEquals(1, granted("after").lane(), "nothing is owed on it any more");
    assertEquals(LanePool.MOST_FOR_DEBTS, granted("new").lane(), "15 are not too many");
  }

  @Test
  void debtsMayRemain_alsoAfterARestart_fromRecordsAndFromASnapshot() {
    paid(DEAL, 20);
    leaveOwing(DEAL);
    List<PaymentRecord> records = new ArrayList<>();
    channel.snapshot(records);

    PayerChannel again = restored(records.subList(1, records.size()).toArray(PaymentRecord[]::new));

    assertEquals(1, again.grant(request(TWO, 10)).orElseThrow().value().lane());
    assertEquals(
        amount(35), again.payLate(debt(DEAL, 20, 35), PayerChannelTest::sign).value().amount());
    List<PaymentRecord> same = new ArrayList<>();
    restored(records.subList(1, records.size()).toArray(PaymentRecord[]::new)).snapshot(same);
    assertEquals(records, same.stream().filter(record -> !isEnd(record)).toList());
  }

  private static boolean isEnd(PaymentRecord record) {
    return record instanceof PaymentRecord.IntentEnded;
  }

  @Test
  void paidLate_neverWithWhatOtherDealsCountOn() {
    channel.grant(request(TWO, 40)).orElseThrow().commit();
    paid(DEAL, 20);
    channel.leave(DEAL);

    assertThrowsCode(DealCode.INSUFFICIENT_DEPOSIT, 1, () -> late(debt(DEAL, 20, 61)));
    assertEquals(amount(60), late(debt(DEAL, 20, 60)).value().amount());
  }

  @Test
  void givenBack_theNonceIsFreeAgain() {
    channel.pay(DEAL, amount(5), PayerChannelTest::sign).release();

    assertEquals(1, paid(DEAL, 6).voucher().nonce());
  }

  // the ledger

  @Test
  void collected_onceTheChallengeIsOverByTheLedgersTime() {
    channel.ended(OPEN, included(), Optional.empty());
    Channel open = channel(channel.id, 100, 0);
    assertEquals(Optional.empty(), channel.planCollect(PAYER.address(), RANDOM));
    channel.see(view(Samples.settling(open, NOW.plusSeconds(50)), 100, 49));
    assertTrue(channel.isUnsettled());
    assertEquals(Optional.empty(), channel.planCollect(PAYER.address(), RANDOM));
    channel.see(view(Samples.settling(open, NOW.plusSeconds(50)), 100, 50));
    Intent.Collect collect = channel.planCollect(PAYER.address(), RANDOM).orElseThrow();
    assertEquals(channel.id, collect.channel());
    assertEquals(Optional.empty(), channel.planCollect(PAYER.address(), RANDOM));
    channel.ended(collect, included(), Optional.empty());
    channel.see(view(Samples.closed(open), 100, 51));
    assertEquals(Optional.empty(), channel.planCollect(PAYER.address(), RANDOM));
    assertFalse(channel.isUnsettled());
  }

  @Test
  void unsettled_whileSomethingIsToBeConfirmed() {
    assertFalse(channel.isUnsettled());
    ledger(100, 99);
    assertTrue(channel.isUnsettled());
    assertTrue(new PayerChannel(DOMAIN, OPEN, 1).isUnsettled());
  }

  @Test
  void heeded_moreConfirmationsAndAMinimum() {
    assertFalse(channel.heed(payee(PAYEE, 0, 1)));
    assertTrue(channel.heed(payee(PAYEE, 101, 4)));
    assertEquals(4, channel.nextQuery().confirmations());
    channel.leave(DEAL);
    assertEquals(Optional.empty(), channel.grant(request(DEAL, 1)));
  }

  @Test
  void aimed_topUpToTheTargetWithinTheLimit() throws InterruptedException {
    channel.ended(OPEN, included(), Optional.empty());
    assertThrowsCode(DealCode.MAX_DEPOSIT, 1, () -> channel.aim(DEAL, amount(901), POLICY));
    TokenAmount target = channel.aim(DEAL, amount(50), POLICY);
    assertEquals(amount(150), target);
    assertEquals(
        OptionalLong.of(9), channel.awaitConfirmed(DEAL, target, 9), "a top-up has to go first");
    assertEquals(amount(50), channel.planTopUp(RANDOM).orElseThrow().amount());
    assertThrowsCode(DealCode.NOT_CONFIRMED, 0, () -> channel.awaitConfirmed(DEAL, target, 0));
    ledger(150, 150);
    assertEquals(OptionalLong.empty(), channel.awaitConfirmed(DEAL, target, 0));
    channel.aimed(DEAL);
    channel.see(view(Samples.settling(channel(channel.id, 100, 0), NOW), 100, ++turn));
    assertThrowsCode(DealCode.CHANNEL_CLOSING, 0, () -> channel.awaitConfirmed(DEAL, target, 5));
  }

  @Test
  void chance_atOnceWhenThereIsOneElseAsLongAsPatienceLasts() throws InterruptedException {
    assertEquals(7, channel.awaitChance(request(TWO, 40), 7));
    assertThrowsCode(DealCode.NOT_CONFIRMED, 0, () -> channel.awaitChance(request(TWO, 41), 0));
    channel.ask(request(TWO, 41), POLICY);
    assertThrowsCode(DealCode.NOT_CONFIRMED, 0, () -> channel.awaitChance(request(TWO, 41), 0));
    channel.ended(OPEN, included(), Optional.empty());
    assertEquals(7, channel.awaitChance(request(TWO, 41), 7), "a top-up can be sent");
  }

  @Test
  void toppedUp_knownFromTheOutcomeBeforeTheLedgerIsAskedAgain() {
    channel.ended(OPEN, included(), Optional.empty());
    channel.ask(request(TWO, 70), POLICY);
    Intent.TopUp topUp = channel.planTopUp(RANDOM).orElseThrow();
    LedgerEvent.Stamp at = new LedgerEvent.Stamp(2, NOW, topUp.id());

    channel.ended(
        topUp,
        new Outcome.Included(
            topUp.id(),
            2,
            List.of(new LedgerEvent.ChannelToppedUp(at, channel.id, amount(30), amount(130)))),
        Optional.empty());

    assertEquals(Optional.empty(), channel.planTopUp(RANDOM), "nothing is missing any more");
    assertEquals(amount(130), channel.book().deposit());
    assertEquals(amount(100), channel.book().confirmed());
  }

  @Test
  void leftWhileItWaited_nothingIsPaidInForIt() {
    channel.ended(OPEN, included(), Optional.empty());
    channel.ask(request(TWO, 70), POLICY);

    channel.leave(TWO);

    assertEquals(Optional.empty(), channel.planTopUp(RANDOM));
  }

  @Test
  void aimedNoLonger_nothingIsPaidInForIt() {
    channel.ended(OPEN, included(), Optional.empty());
    channel.aim(DEAL, amount(50), POLICY);

    channel.aimed(DEAL);

    assertEquals(Optional.empty(), channel.planTopUp(RANDOM));
  }

  // waiting

  @Test
  void refusedTopUp_endsTheWaitOfWhoeverNeedsIt() {
    Intent topUp = new Intent.TopUp(new IntentId("t"), PAYER.address(), channel.id, amount(1));
    PaymentException poor = new PaymentException(DealCode.INSUFFICIENT_FUNDS, "poor");
    channel.ask(request(TWO, 70), POLICY);
    TokenAmount target = channel.aim(DEAL, amount(50), POLICY);

    channel.ended(topUp, new Outcome.Unknown(topUp.id()), Optional.of(poor));

    assertThrowsCode(
        DealCode.INSUFFICIENT_FUNDS, 0, () -> channel.awaitChance(request(TWO, 70), 0));
    assertThrowsCode(DealCode.INSUFFICIENT_FUNDS, 0, () -> channel.awaitConfirmed(DEAL, target, 0));
  }

  @Test
  void topUpOnItsWay_isWaitedFor() throws InterruptedException {
    TokenAmount target = channel.aim(DEAL, amount(50), POLICY);

    assertTrue(channel.awaitConfirmed(DEAL, target, 1).getAsLong() <= 0, "it has waited");
  }

  /** Whatever may give a deal its chance ends the wait long before the patience. */
  @Test
  void change_endsTheWait() throws InterruptedException {
    long patience = 60_000_000_000L;
    Intent other = new Intent.TopUp(new IntentId("o"), PAYER.address(), channel.id, amount(1));
    Runnable[] changes = {
      () -> channel.leave(TWO),
      () -> channel.ended(other, new Outcome.Unknown(other.id()), Optional.empty()),
      () -> ledger(100 + turn, 100)
    };
    for (Runnable change : changes) {
      AtomicBoolean waits = new AtomicBoolean(true);
      Thread others =
          Thread.startVirtualThread(
              () -> {
                while (waits.get()) {
                  change.run();
                  Thread.onSpinWait();
                }
              });

      long left = channel.awaitChance(request(TWO, 41), patience);

      waits.set(false);
      others.join();
      assertTrue(left > 0, "left: " + left);
    }
  }

  // books and records

  @Test
  void book_asItStands() {
    paid(DEAL, 20);

    ChannelBook book = channel.book();

    assertEquals(ChannelBook.Role.PAYER, book.role());
    assertEquals(PAYEE, book.counterparty());
    assertEquals(amount(100), book.deposit());
    assertEquals(amount(100), book.confirmed());
    assertEquals(amount(20), book.vouchered());
    assertEquals(amount(40), book.reserved());
    assertEquals("open", book.state());
    assertEquals(Optional.of(DEAL), book.lanes().getFirst().deal());
    assertEquals("planned", new PayerChannel(DOMAIN, OPEN, 1).book().state());
  }

  @Test
  void snapshot_restoredToTheSame() {
    paid(DEAL, 20);
    channel.ask(request(TWO, 70), POLICY);
    channel.ended(OPEN, included(), Optional.empty());
    List<PaymentRecord> records = new ArrayList<>();
    channel.snapshot(records);
    assertEquals(
        List.of("intent-planned", "intent-ended", "funds-asked", "voucher-given", "lane-taken"),
        records.stream().map(PaymentRecord::kind).toList());

    PayerChannel again = new PayerChannel(DOMAIN, OPEN, 1);
    records.forEach(again::restore);
    again.restored();

    List<PaymentRecord> same = new ArrayList<>();
    again.snapshot(same);
    assertEquals(records, same);
    assertEquals(amount(20), again.ticket(DEAL).orElseThrow().best().orElseThrow().amount());
    again.restore(new PaymentRecord.DealLeft(DEAL, false));
    assertEquals(Optional.empty(), again.ticket(DEAL));
  }

  /** What an earlier run wrote about the channel of {@link Samples#OPEN}. */
  private PayerChannel restored(PaymentRecord... records) {
    PayerChannel again = new PayerChannel(DOMAIN, OPEN, 1);
    again.restore(new PaymentRecord.IntentPlanned(DOMAIN, OPEN));
    again.restore(new PaymentRecord.IntentEnded(OPEN.id(), Optional.empty()));
    for (PaymentRecord record : records) {
      again.restore(record);
    }
    again.restored();
    again.see(view(channel(channel.id, 100, 0), 100, 1));
    return again;
  }

  @Test
  void restored_topUpOnItsWayIsNotSentTwice() {
    PaymentRecord asked = new PaymentRecord.FundsAsked(TWO, channel.id, amount(130));
    Intent.TopUp topUp =
        new Intent.TopUp(new IntentId("t"), PAYER.address(), channel.id, amount(30));

    assertEquals(amount(30), restored(asked).planTopUp(RANDOM).orElseThrow().amount());
    assertEquals(
        Optional.empty(),
        restored(asked, new PaymentRecord.IntentPlanned(DOMAIN, topUp)).planTopUp(RANDOM));
  }

  @Test
  void restored_whoHasItsLaneWaitsForNothing() {
    PayerChannel again =
        restored(
            new PaymentRecord.FundsAsked(TWO, channel.id, amount(70)),
            new PaymentRecord.LaneTaken(TWO, channel.id, 0, amount(0), amount(70)));

    assertEquals(amount(70), again.book().reserved());
    assertEquals(Optional.empty(), again.planTopUp(RANDOM));
  }

  @Test
  void restored_adoptedVoucherIsNeverSignedBelow() {
    PayerChannel again =
        restored(
            new PaymentRecord.LaneTaken(TWO, channel.id, 0, amount(0), amount(70)),
            new PaymentRecord.VoucherAdopted(
                TWO, PAYER.sign(DOMAIN, new Voucher(channel.id, 0, 7, amount(30)))));

    SignedVoucher next = again.pay(TWO, amount(5), PayerChannelTest::sign).value();

    assertEquals(amount(35), next.amount());
    assertEquals(8, next.voucher().nonce());
  }

  @Test
  void restored_lanesThatNobodyHoldsAreUsedAgain() {
    PayerChannel again =
        restored(
            new PaymentRecord.VoucherGiven(
                DEAL, PAYER.sign(DOMAIN, new Voucher(channel.id, 0, 1, amount(30)))));

    LaneTicket ticket = again.grant(request(TWO, 40)).orElseThrow().value();

    assertEquals(0, ticket.lane());
    assertEquals(amount(30), ticket.base());
  }

  /** After a restart nobody knows who had the lane last; its voucher tells. */
  @Test
  void restored_paidLateWhereTheLaneStandsAsTheDealLeftIt() {
    PayerChannel again =
        restored(
            new PaymentRecord.VoucherGiven(
                DEAL, PAYER.sign(DOMAIN, new Voucher(channel.id, 0, 1, amount(30)))));

    assertThrowsCode(
        DealCode.NO_LANE, 0, () -> again.payLate(debt(DEAL, 29, 35), PayerChannelTest::sign));
    assertEquals(
        amount(35), again.payLate(debt(DEAL, 30, 35), PayerChannelTest::sign).value().amount());
  }
}
