package io.sluice.payments.payee;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.TERMS;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.view;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelQuery;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.payee.OpeningDecision.Admitted;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.payee.OpeningDecision.PreviousPaid;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One unit a byte, windows of 1000, a confirmed deposit of 5000. */
class PayeeChannelTest {
  private static final DealRef ONE = new DealRef("p-1");
  private static final DealRef TWO = new DealRef("p-2");
  private static final Payee OFFER = Samples.payee(PAYEE, 0, 1);
  private static final PeerId PEER = peer();
  private static final Optional<SignedVoucher> NONE = Optional.empty();

  /** An hour until stale, three lanes, a payer 3000 bytes, the node 4000. */
  private static final PayeePolicy POLICY =
      new PayeePolicy(
          List.of(OFFER),
          3000,
          4000,
          amount(0),
          amount(1),
          Duration.ofDays(1),
          amount(100_000),
          Duration.ofHours(1),
          3,
          1);

  private final List<DealRef> told = new ArrayList<>();
  private final Exposure exposure = new Exposure();
  private final PayeeContext context =
      new PayeeContext(
          POLICY, Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC), told::add, exposure);
  private final PayeeChannel channel = newChannel();
  private long turn;

  private static PeerId peer() {
    byte[] key = new byte[36];
    key[0] = 8;
    key[1] = 1;
    key[2] = 18;
    key[3] = 32;
    return PeerId.ofPublicKey(key);
  }

  private PayeeChannel newChannel() {
    return new PayeeChannel(DOMAIN, CHANNEL, PAYER.address(), PAYER.address(), 1, context);
  }

  /** Another, seen at {@link Samples#NOW}, that lives so much later. */
  private PayeeChannel later(Duration by) {
    PayeeContext then =
        new PayeeContext(POLICY, Clock.fixed(NOW.plus(by), ZoneOffset.UTC), told::add, exposure);
    PayeeChannel other =
        new PayeeChannel(DOMAIN, CHANNEL, PAYER.address(), PAYER.address(), 1, then);
    other.see(view(channel(CHANNEL, 5000, 0), 5000, 0));
    return other;
  }

  @BeforeEach
  void confirmed() {
    ledger(5000);
  }

  private void ledger(long deposit) {
    channel.see(view(channel(CHANNEL, deposit, 0), deposit, ++turn));
  }

  private OpeningDecision open(DealRef deal, long lane, Terms terms, Optional<SignedVoucher> best) {
    return open(deal, lane, terms, best, false);
  }

  private OpeningDecision open(
      DealRef deal, long lane, Terms terms, Optional<SignedVoucher> best, boolean elsewhere) {
    DealOpening open =
        new DealOpening(
            1,
            terms,
            OFFER,
            CHANNEL,
            lane,
            best.map(it -> it.payment(1, 0, false)),
            voucher(CHANNEL, 0, 1, 1).signature());
    Cid root = Cid.parse("bafkreifw7plhl6mofk6sfvhnfh64qmkq73oeqwl6sloru6rehaoujituke");
    return channel.admit(
        new OpenRequest(deal, open, PEER, PEER, root, Node.map().build()),
        OFFER,
        best,
        Optional.empty(),
        elsewhere,
        account -> told.add(new DealRef("bound " + account.deal())));
  }

  private DealAccount bound(DealRef deal, long lane) {
    Prepared<DealAccount> change =
        assertInstanceOf(Admitted.class, open(deal, lane, TERMS, NONE)).account();
    change.commit();
    return change.value();
  }

  private static void assertRefused(DealCode code, OpeningDecision decision) {
    assertEquals(code, assertInstanceOf(OpeningRefused.class, decision).code());
  }

  private Prepared<Credit> prepared(DealAccount account, long lane, long total) {
    return channel.take(account.figures(), voucher(CHANNEL, lane, total, total)).orElseThrow();
  }

  private Credit pay(DealAccount account, long lane, long total) {
    Prepared<Credit> change = prepared(account, lane, total);
    change.commit();
    return change.value();
  }

  // openings

  @Test
  void admitted_accountAndRecordOnceItIsDurable() {
    Prepared<DealAccount> change =
        assertInstanceOf(Admitted.class, open(ONE, 2, TERMS, NONE)).account();

    assertEquals(
        Optional.of(
            new PaymentRecord.DealBound(
                ONE, DOMAIN, CHANNEL, 2, amount(0), PAYER.address(), PAYER.address(), TERMS, NONE)),
        change.record());
    assertEquals(List.of(), told);
    change.commit();
    assertEquals(List.of(new DealRef("bound p-1")), told);
    assertTrue(channel.figure(change.value().figures(), DealFigures::isLive));
  }

  @Test
  void sameOpeningAgain_theSameAccountAnyOther_taken() {
    DealAccount account = bound(ONE, 0);

    Admitted again = assertInstanceOf(Admitted.class, open(ONE, 0, TERMS, NONE));
    assertSame(account, again.account().value());
    assertEquals(Optional.empty(), again.account().record());
    Terms dearer = new Terms(amount(2), amount(0), 1000, 0, 1000, 600);
    assertRefused(DealCode.DEAL_ID_TAKEN, open(ONE, 0, dearer, NONE));
    assertRefused(DealCode.DEAL_ID_TAKEN, open(ONE, 1, TERMS, NONE));
    assertRefused(DealCode.DEAL_ID_TAKEN, open(TWO, 1, TERMS, NONE, true));
  }

  @Test
  void lanes_notMoreThanAreKept() {
    bound(ONE, 0);
    bound(TWO, 1);
    bound(new DealRef("p-3"), 2);

    assertRefused(DealCode.TOO_MANY_LANES, open(new DealRef("p-4"), 3, TERMS, NONE));
    assertRefused(DealCode.LANE_BUSY, open(new DealRef("p-4"), 2, TERMS, NONE));
  }

  @Test
  void betterVoucherThanThePreviousDealHas_isThatDeals() {
    DealAccount before = bound(ONE, 0);
    before.charged(900);
    channel.end(before.figures(), 900, NOW);

    PreviousPaid paid =
        assertInstanceOf(
            PreviousPaid.class, open(TWO, 0, TERMS, Optional.of(voucher(CHANNEL, 0, 1, 900))));
    assertEquals(ONE, paid.previous());
    paid.paid().commit();
    assertEquals(amount(900), before.credit());
    Prepared<DealAccount> next =
        assertInstanceOf(
                Admitted.class, open(TWO, 0, TERMS, Optional.of(voucher(CHANNEL, 0, 1, 900))))
            .account();
    next.commit();
    assertEquals(amount(900), next.value().base());
    assertEquals(amount(0), next.value().credit());
  }

  @Test
  void laneGoesOn_whatComesLaterIsNotThePreviousDeals() {
    DealAccount before = bound(ONE, 0);
    before.charged(900);
    pay(before, 0, 500);
    channel.end(before.figures(), 900, NOW);
    Prepared<DealAccount> next =
        assertInstanceOf(
                Admitted.class, open(TWO, 0, TERMS, Optional.of(voucher(CHANNEL, 0, 500, 500))))
            .account();
    next.commit();

    pay(next.value(), 0, 700);

    assertEquals(amount(500), before.credit());
    assertEquals(amount(400), before.owed());
    assertEquals(amount(200), next.value().credit());
  }

  @Test
  void notDurableInTheEnd_laneAndAccountAreFree() {
    assertInstanceOf(Admitted.class, open(ONE, 0, TERMS, NONE)).account().release();

    bound(TWO, 0);
    assertEquals(List.of(new DealRef("bound p-2")), told);
  }

  @Test
  void twoOpeningsAtOnce_oneGetsTheLane() {
    Prepared<DealAccount> first =
        assertInstanceOf(Admitted.class, open(ONE, 0, TERMS, NONE)).account();

    assertRefused(DealCode.LANE_BUSY, open(TWO, 0, TERMS, NONE));
    first.commit();
    assertRefused(DealCode.LANE_BUSY, open(TWO, 0, TERMS, NONE));
  }

  @Test
  void bestThatWeDoNotHave_recordedWithTheOpeningAndKept() {
    SignedVoucher best = voucher(CHANNEL, 0, 1, 700);
    Prepared<DealAccount> change =
        assertInstanceOf(Admitted.class, open(ONE, 0, TERMS, Optional.of(best))).account();

    assertEquals(
        Optional.of(best),
        assertInstanceOf(PaymentRecord.DealBound.class, change.record().orElseThrow()).best());
    change.commit();
    assertEquals(amount(700), change.value().base());
    assertEquals(List.of(best), channel.toRedeem());
    channel.end(change.value().figures(), 0, NOW);
    PaymentRecord next =
        assertInstanceOf(Admitted.class, open(TWO, 0, TERMS, Optional.of(best)))
            .account()
            .record()
            .orElseThrow();
    assertEquals(NONE, assertInstanceOf(PaymentRecord.DealBound.class, next).best(), "we have it");
  }

  // vouchers

  @Test
  void voucher_reservedThenCountedThenOthersAreTold() {
    DealAccount account = bound(ONE, 0);
    bound(TWO, 1);
    told.clear();
    Prepared<Credit> change = prepared(account, 0, 300);

    assertEquals(new Credit(ONE, amount(300), amount(300)), change.value());
    assertEquals(amount(0), account.credit());
    assertEquals(
        Optional.of(
            new PaymentRecord.VoucherTaken(
                ONE, voucher(CHANNEL, 0, 300, 300), amount(300), Optional.of(NOW.plusSeconds(60)))),
        change.record());
    change.commit();
    assertEquals(amount(300), account.credit());
    assertEquals(List.of(TWO), told);
    assertFalse(channel.isNews(account.figures(), voucher(CHANNEL, 0, 301, 300)));
    assertTrue(channel.isNews(account.figures(), voucher(CHANNEL, 0, 301, 301)));
    assertEquals(Optional.empty(), channel.take(account.figures(), voucher(CHANNEL, 0, 301, 300)));
  }

  @Test
  void releasedVoucher_holdsNothingBack() {
    DealAccount one = bound(ONE, 0);
    DealAccount two = bound(TWO, 1);
    Prepared<Credit> all = prepared(one, 0, 5000);
    Prepared<Credit> rest = prepared(two, 1, 100);
    assertEquals(amount(0), rest.value().credit());
    rest.release();
    all.release();

    assertEquals(amount(100), pay(two, 1, 100).credit());
  }

  @Test
  void releasedVoucher_whatWaitedForItsRoomCountsAtOnce() {
    DealAccount one = bound(ONE, 0);
    DealAccount two = bound(TWO, 1);
    Prepared<Credit> all = prepared(one, 0, 5000);
    pay(two, 1, 100);
    assertEquals(amount(0), two.credit());

    all.release();

    assertEquals(amount(100), two.credit());
  }

  @Test
  void endedDealThatIsPaid_getsNothingMore() {
    DealAccount account = bound(ONE, 0);
    account.charged(900);
    channel.end(account.figures(), 900, NOW);
    pay(account, 0, 900);

    pay(account, 0, 1200);

    assertEquals(amount(900), account.vouchered());
    assertEquals(amount(900), account.credit());
  }

  @Test
  void unanswered_countsForAnHourAndNoLonger() {
    for (int minutes : List.of(60, 61)) {
      PayeeChannel other = later(Duration.ofMinutes(minutes));
      other.unanswered();

      DealAccount opened =
          other
              .restore(
                  new PaymentRecord.DealBound(
                      ONE,
                      DOMAIN,
                      CHANNEL,
                      0,
                      amount(0),
                      PAYER.address(),
                      PAYER.address(),
                      TERMS,
                      NONE),
                  NOW)
              .orElseThrow();
      other.take(opened.figures(), voucher(CHANNEL, 0, 1, 300)).orElseThrow().commit();

      assertEquals(amount(minutes == 60 ? 300 : 0), opened.credit(), "" + minutes);
    }
  }

  @Test
  void staleOrSettling_nothingNewCounts() {
    DealAccount account = bound(ONE, 0);
    channel.see(view(Samples.settling(channel(CHANNEL, 5000, 0), NOW), 5000, ++turn));
    pay(account, 0, 300);
    assertEquals(amount(0), account.credit());
    assertEquals(amount(300), account.vouchered());
    assertTrue(channel.redeemable().isEnding());

    ledger(5000);
    assertEquals(amount(300), account.credit());
  }

  // the gate

  @Test
  void limit_windowAfterWhatIsPaid() {
    DealAccount account = bound(ONE, 0);
    assertEquals(1000, account.limit());
    assertEquals(BlockPermit.OPEN, account.pass(5000));
    account.charged(999);
    assertEquals(BlockPermit.OPEN, account.pass(1));
    account.charged(1000);
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(1));
    pay(account, 0, 600);
    assertEquals(1600, account.limit());
    assertEquals(BlockPermit.OPEN, account.pass(1));
    account.charged(1600);
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(1));
  }

  @Test
  void deposit_hasToCoverAllThatIsVoucheredAndOwed() {
    DealAccount one = bound(ONE, 0);
    DealAccount two = bound(TWO, 1);
    pay(one, 0, 4000);
    two.charged(999);
    assertEquals(BlockPermit.OPEN, one.pass(1));
    two.charged(1000);
    assertEquals(BlockPermit.DEPOSIT_USED, one.pass(1));
    assertEquals(BlockPermit.OPEN, one.pass(0), "what costs nothing needs no deposit");
    assertEquals(amount(1000), one.shortfall());
    assertEquals(BlockPermit.PAYMENT_NEEDED, two.pass(1));
    ledger(5001);
    assertEquals(BlockPermit.OPEN, one.pass(1));
    assertEquals(amount(999), one.shortfall());
    ledger(50_000);
    assertEquals(amount(1), one.shortfall());
  }

  @Test
  void payersLimit_forAllItsDeals() {
    exposure.add(PAYER.address(), 2999);
    DealAccount account = bound(ONE, 0);
    assertEquals(BlockPermit.OPEN, account.pass(1));
    exposure.add(PAYER.address(), 1);
    assertEquals(BlockPermit.PAYER_LIMIT, account.pass(1));
    account.charged(1);
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(1));
    assertEquals(3001, exposure.of(PAYER.address()));
    channel.end(account.figures(), 5, NOW);
    assertEquals(3000, exposure.of(PAYER.address()));
    assertEquals(3000, exposure.total());
  }

  @Test
  void nodesLimit_firstIntervalsOnlyAndNoneForDebtors() {
    Terms growing = new Terms(amount(Terms.MIB), amount(0), 1000, 1000, 9000, 600);
    Prepared<DealAccount> change =
        assertInstanceOf(Admitted.class, open(ONE, 0, growing, NONE)).account();
    change.commit();
    DealAccount account = change.value();
    account.charged(1000);
    pay(account, 0, 1000);
    assertEquals(3000, account.limit());
    exposure.add(EvmAddress.ZERO, 3999);
    assertEquals(3000, account.limit());
    exposure.add(EvmAddress.ZERO, 1);
    assertEquals(2000, account.limit());
    channel.indebted(true);
    assertEquals(1000, account.limit());
    channel.indebted(false);
    assertEquals(2000, account.limit());
  }

  // ends

  @Test
  void ended_laneIsFreeAndNothingRuns() {
    DealAccount account = bound(ONE, 0);
    assertEquals(
        DealCode.CHANNEL_IN_USE, assertThrows(PaymentException.class, channel::checkUnused).code());
    assertFalse(channel.redeemable().isQuiet());

    channel.end(account.figures(), 0, NOW);

    channel.checkUnused();
    assertTrue(channel.redeemable().isQuiet());
    bound(TWO, 0);
  }

  @Test
  void forgotten_onlyWhatNobodyCanAskAbout() {
    DealAccount one = bound(ONE, 0);
    channel.end(one.figures(), 0, NOW);
    assertEquals(List.of(), channel.forgetOld());
    bound(TWO, 0);
    assertEquals(List.of(ONE), channel.forgetOld());
    assertEquals(List.of(), channel.forgetOld());
  }

  // the ledger

  @Test
  void news_toldToLiveDealsOnly() {
    bound(ONE, 0);
    DealAccount ended = bound(TWO, 1);
    channel.end(ended.figures(), 0, NOW);
    told.clear();
    ledger(5000);
    assertEquals(List.of(), told);
    ledger(6000);
    assertEquals(List.of(ONE), told);
    channel.tellOthers(ONE);
    assertEquals(List.of(ONE), told);
    channel.tellOthers(TWO);
    assertEquals(List.of(ONE, ONE), told);
  }

  /** Nobody else would say it: the client has paid, and does not come back. */
  @Test
  void endedDealThatIsNotCovered_toldWhenItsVoucherIsRedeemed() {
    DealAccount account = bound(ONE, 0);
    account.charged(900);
    channel.see(view(Samples.settling(channel(CHANNEL, 5000, 0), NOW), 5000, ++turn));
    pay(account, 0, 900);
    channel.end(account.figures(), 900, NOW);
    assertEquals(amount(0), account.credit());
    told.clear();

    channel.see(
        view(
            Samples.settling(channel(CHANNEL, 5000, 900), NOW),
            5000,
            ++turn,
            Map.of(0L, amount(900))));

    assertEquals(amount(900), account.credit());
    assertEquals(List.of(ONE), told);
  }

  @Test
  void queries_aboutAllLanesAndThoseNamed() {
    bound(ONE, 1);
    assertEquals(new ChannelQuery(CHANNEL, 1, Set.of(1L, 7L), 1), channel.nextQuery(Set.of(7L)));
    assertFalse(channel.isQueryDue());
    assertFalse(channel.isClosed());
    assertEquals(PAYEE, channel.payee());
    assertEquals(EvmAddress.ZERO, newChannel().payee());
    channel.see(view(Samples.closed(channel(CHANNEL, 5000, 0)), 5000, ++turn));
    assertTrue(channel.isClosed());
  }

  @Test
  void quietChannel_lookedAtEachQuarterOfTheTimeThatAViewIsGoodFor() {
    assertFalse(later(Duration.ofMinutes(15)).isQueryDue());
    assertTrue(later(Duration.ofMinutes(15).plusMillis(1)).isQueryDue());
  }

  @Test
  void redeemed_nothingIsOldAnyMore() {
    pay(bound(ONE, 0), 0, 300);
    assertEquals(Optional.of(NOW.plusSeconds(60)), channel.redeemable().since());

    channel.see(view(channel(CHANNEL, 5000, 300), 5000, ++turn, Map.of(0L, amount(300))));

    assertEquals(Optional.empty(), channel.redeemable().since());
  }

  @Test
  void redemption_beganPlannedAndEnded() {
    DealAccount account = bound(ONE, 0);
    IntentId intent = new IntentId("r");
    assertEquals(List.of(), channel.beginRedemption(intent, 9));
    pay(account, 0, 300);
    assertEquals(amount(300), channel.redeemable().value());
    assertEquals(Optional.of(NOW.plusSeconds(60)), channel.redeemable().since());

    List<SignedVoucher> best = List.of(voucher(CHANNEL, 0, 300, 300));
    assertEquals(best, channel.toRedeem());
    assertEquals(best, channel.beginRedemption(intent, 9));
    assertEquals(List.of(), channel.beginRedemption(intent, 9));
    assertEquals(Optional.empty(), channel.redeemable().since());
    channel.redemptionEnded(intent);
    assertEquals(best, channel.beginRedemption(intent, 9));
    channel.redemptionEnded(intent);
    channel.redemptionPlanned(new IntentId("s"));
    assertEquals(List.of(), channel.beginRedemption(intent, 9));
  }

  // books and records

  @Test
  void book_asItStands() {
    assertEquals("unknown", newChannel().book().state());
    DealAccount account = bound(ONE, 0);
    pay(account, 0, 300);

    ChannelBook book = channel.book();

    assertEquals(ChannelBook.Role.PAYEE, book.role());
    assertEquals(PAYER.address(), book.counterparty());
    assertEquals(amount(5000), book.deposit());
    assertEquals(amount(5000), book.confirmed());
    assertEquals(amount(300), book.vouchered());
    assertEquals(TokenAmount.ZERO, book.redeemed());
    assertEquals("open", book.state());
    assertEquals(Optional.of(ONE), book.lanes().getFirst().deal());
  }

  @Test
  void snapshot_restoredToTheSame() {
    DealAccount one = bound(ONE, 0);
    one.charged(900);
    pay(one, 0, 500);
    channel.end(one.figures(), 900, NOW);
    Prepared<DealAccount> next =
        assertInstanceOf(
                Admitted.class, open(TWO, 0, TERMS, Optional.of(voucher(CHANNEL, 0, 500, 500))))
            .account();
    next.commit();
    pay(next.value(), 0, 700);
    List<PaymentRecord> records = new ArrayList<>();
    channel.snapshot(records);

    assertEquals(
        List.of("deal-bound", "deal-ended", "deal-bound", "voucher-taken"),
        records.stream().map(PaymentRecord::kind).toList());
    PayeeChannel again = newChannel();
    for (PaymentRecord record : records) {
      if (record instanceof PaymentRecord.DealBound it) {
        assertTrue(again.restore(it, NOW).isPresent());
        assertTrue(again.restore(it, NOW).isEmpty(), "known");
      } else if (record instanceof PaymentRecord.VoucherTaken it) {
        again.restore(it, NOW);
      }
    }
    assertEquals(amount(700), again.book().vouchered());
    List<PaymentRecord> same = new ArrayList<>();
    again.snapshot(same);
    assertEquals(records.getLast(), same.getLast());
  }

  // accounts

  @Test
  void account_saysWhatItsDealStandsAt() {
    DealAccount account = bound(ONE, 2);
    account.charged(900);
    pay(account, 2, 899);
    assertEquals(2, account.lane());
    assertEquals(900, account.charged());
    assertFalse(account.settled());

    pay(account, 2, 900);

    assertTrue(account.settled());
  }

  /** What is in hand and does not count yet settles nothing. */
  @Test
  void account_notSettledByWhatDoesNotCountYet() {
    DealAccount account = bound(ONE, 0);
    account.charged(300);
    channel.see(view(Samples.settling(channel(CHANNEL, 5000, 0), NOW), 5000, ++turn));
    pay(account, 0, 300);

    assertEquals(amount(0), account.owed());
    assertFalse(account.settled());
  }

  private static PayeePolicy limits(long payer, long node, int lanes, int channels) {
    return new PayeePolicy(
        List.of(OFFER),
        payer,
        node,
        amount(0),
        amount(1),
        Duration.ofDays(1),
        amount(1),
        Duration.ofHours(1),
        lanes,
        channels);
  }

  @Test
  void limits_oneAtLeast() {
    assertEquals(1, limits(1, 1, 1, 1).maxLanes());
    assertThrows(IllegalArgumentException.class, () -> limits(0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> limits(1, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> limits(1, 1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> limits(1, 1, 1, 0));
  }
}
