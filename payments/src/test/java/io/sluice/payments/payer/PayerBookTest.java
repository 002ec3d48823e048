package io.sluice.payments.payer;

import static io.sluice.payments.Samples.COIN;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.hash;
import static io.sluice.payments.Samples.payee;
import static io.sluice.payments.Samples.view;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which channel a deal is on, which an intent is about, and both after a restart. */
class PayerBookTest {
  private static final DealRef ONE = new DealRef("c-1");
  private static final DealRef TWO = new DealRef("c-2");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final PayerBook book = new PayerBook(3);

  private static Intent.Open open(int number) {
    return new Intent.Open(
        new IntentId("open-" + number),
        PAYER.address(),
        PAYEE,
        PAYER.address(),
        COIN,
        3600,
        hash(number),
        amount(100));
  }

  private static PayerChannel made(int number) {
    return new PayerChannel(DOMAIN, open(number), 1);
  }

  private static PayerChannel mustNot() {
    throw new AssertionError("no channel is to be planned");
  }

  private static Bytes32 id(int number) {
    return open(number).channel(DOMAIN);
  }

  private static void confirm(PayerChannel channel) {
    channel.see(view(channel(channel.id, 100, 0), 100, 1));
  }

  @Test
  void assigned_oncePlannedThenFound() {
    PayerBook.Assignment first = book.assign(ONE, any -> true, () -> made(1));
    assertTrue(first.isNew());
    assertSame(first.channel(), book.find(ONE));
    assertSame(first.channel(), book.channel(id(1)));

    PayerBook.Assignment again = book.assign(ONE, any -> false, PayerBookTest::mustNot);
    assertSame(first.channel(), again.channel(), "where it is already");
    assertFalse(again.isNew());

    PayerBook.Assignment other = book.assign(TWO, any -> true, PayerBookTest::mustNot);
    assertSame(first.channel(), other.channel());
    assertFalse(other.isNew());
    assertEquals(List.of(first.channel()), book.all());
  }

  @Test
  void assigned_neverToOneThatDoesNotSuitOrEnds() {
    PayerChannel ends = made(1);
    ends.see(view(Samples.settling(channel(ends.id, 100, 0), NOW), 100, 1));
    PayerChannel foreign = made(2);
    book.add(ends);
    book.add(foreign);

    PayerBook.Assignment assigned = book.assign(ONE, it -> it != foreign, () -> made(3));

    assertEquals(id(3), assigned.channel().id);
    assertTrue(assigned.isNew());
    assertEquals(3, book.all().size());
  }

  @Test
  void channelThatEnds_keptByTheDealThatHasALaneOnIt() {
    PayerChannel channel = book.assign(ONE, any -> true, () -> made(1)).channel();
    book.assign(TWO, any -> true, PayerBookTest::mustNot);
    confirm(channel);
    channel.grant(new FundsRequest(ONE, payee(PAYEE, 0, 1), amount(50))).orElseThrow().commit();
    channel.see(view(Samples.settling(channel(channel.id, 100, 0), NOW), 100, 2));

    assertSame(channel, book.assign(ONE, any -> true, PayerBookTest::mustNot).channel());
    assertEquals(id(2), book.assign(TWO, any -> true, () -> made(2)).channel().id);
  }

  @Test
  void dropped_nobodyFindsIt() {
    PayerChannel channel = book.assign(ONE, any -> true, () -> made(1)).channel();
    PayerChannel stays = book.assign(TWO, it -> it != channel, () -> made(2)).channel();

    book.drop(channel);

    assertNull(book.find(ONE));
    assertSame(stays, book.find(TWO));
    assertEquals(List.of(stays), book.all());
    assertCode(DealCode.CHANNEL_UNKNOWN, () -> book.channel(id(1)));
    assertCode(DealCode.NO_LANE, () -> book.with(ONE));
    assertSame(stays, book.with(TWO));
  }

  private static void assertCode(DealCode code, org.junit.jupiter.api.function.Executable action) {
    assertEquals(code, assertThrows(PaymentException.class, action).code());
  }

  @Test
  void left_channelAndBookForgetTheDeal() {
    PayerChannel channel = book.assign(ONE, any -> true, () -> made(1)).channel();
    confirm(channel);
    channel.grant(new FundsRequest(ONE, payee(PAYEE, 0, 1), amount(50))).orElseThrow().commit();

    book.leave(new PaymentRecord.DealLeft(ONE, false), channel);

    assertNull(book.find(ONE));
    channel.checkUnused();
  }

  @Test
  void intents_aboutWhichChannel() {
    PayerChannel channel = book.assign(ONE, any -> true, () -> made(1)).channel();
    book.add(made(2));
    IntentId any = new IntentId("any");
    List<SignedVoucher> none = List.of();
    SignedVoucher some = voucher(id(1), 0, 1, 1);

    assertSame(channel, book.channelOf(open(1)));
    assertNull(book.channelOf(open(3)));
    for (Intent ours :
        List.of(
            new Intent.TopUp(any, PAYEE, id(1), amount(1)),
            new Intent.Settle(any, PAYEE, id(1)),
            new Intent.Collect(any, PAYEE, id(1)),
            new Intent.CloseByConsent(
                any, PAYEE, new CloseConsent(id(1), amount(1), 5), some.signature()))) {
      assertSame(channel, book.channelOf(ours), ours.toString());
    }
    for (Intent others :
        List.of(
            new Intent.Redeem(any, PAYEE, List.of(some)),
            new Intent.Close(any, PAYEE, id(1), none),
            new Intent.Withdraw(any, PAYEE, COIN, PAYEE, amount(1)))) {
      assertNull(book.channelOf(others), others.toString());
    }
  }

  // rebuilding

  private void restore(PaymentRecord... records) {
    for (PaymentRecord record : records) {
      book.restore(record);
    }
    book.restored();
  }

  private static PaymentRecord planned(Intent intent) {
    return new PaymentRecord.IntentPlanned(DOMAIN, intent);
  }

  private static PaymentRecord ended(Intent intent, String refusal) {
    return new PaymentRecord.IntentEnded(intent.id(), Optional.ofNullable(refusal));
  }

  @Test
  void restored_channelsDealsAndVouchers() {
    SignedVoucher given = voucher(id(1), 0, 4, 20);
    SignedVoucher adopted = PAYER.sign(DOMAIN, new Voucher(id(2), 0, 5, amount(7)));
    restore(
        planned(open(1)),
        ended(open(1), null),
        planned(open(2)),
        new PaymentRecord.LaneTaken(ONE, id(1), 0, amount(0), amount(60)),
        new PaymentRecord.VoucherGiven(ONE, given),
        new PaymentRecord.FundsAsked(TWO, id(2), amount(30)),
        new PaymentRecord.VoucherAdopted(TWO, adopted),
        new PaymentRecord.LaneTaken(new DealRef("c-3"), id(9), 0, amount(0), amount(60)),
        new PaymentRecord.VoucherGiven(ONE, voucher(id(9), 0, 4, 20)));

    PayerChannel first = book.channel(id(1));
    assertEquals(List.of(first, book.channel(id(2))), book.all());
    assertSame(first, book.find(ONE));
    assertEquals(Optional.of(given), first.ticket(ONE).orElseThrow().best());
    assertSame(book.channel(id(2)), book.find(TWO));
    assertEquals(amount(7), book.channel(id(2)).book().vouchered());
    assertNull(book.find(new DealRef("c-3")), "of a channel that is not ours");
    assertEquals(3, first.nextQuery().confirmations());
    List<PaymentRecord> snapshot = new ArrayList<>();
    book.snapshot(snapshot);
    PayerBook again = new PayerBook(3);
    snapshot.forEach(again::restore);
    List<PaymentRecord> same = new ArrayList<>();
    again.snapshot(same);
    assertEquals(snapshot, same);
    assertTrue(snapshot.contains(planned(open(1))) && snapshot.contains(planned(open(2))));
  }

  @Test
  void restored_refusedOpeningIsNoChannel() {
    restore(
        planned(open(1)),
        planned(open(2)),
        new PaymentRecord.FundsAsked(ONE, id(1), amount(30)),
        ended(open(1), "INSUFFICIENT_BALANCE"),
        ended(open(2), null));

    assertEquals(List.of(book.channel(id(2))), book.all());
    assertNull(book.find(ONE));
  }

  @Test
  void restored_whatIsOnItsWayIsNotSentTwice() {
    Intent topUp = new Intent.TopUp(new IntentId("t"), PAYER.address(), id(1), amount(30));
    restore(
        planned(open(1)),
        ended(open(1), null),
        new PaymentRecord.FundsAsked(ONE, id(1), amount(130)),
        planned(topUp));
    PayerChannel channel = book.channel(id(1));
    confirm(channel);
    assertEquals(Optional.empty(), channel.planTopUp(RANDOM));

    restore(ended(topUp, null));

    assertEquals(amount(30), channel.planTopUp(RANDOM).orElseThrow().amount());
  }

  @Test
  void restored_dealThatLeftHoldsNothing() {
    restore(
        planned(open(1)),
        ended(open(1), null),
        new PaymentRecord.LaneTaken(ONE, id(1), 0, amount(0), amount(60)),
        new PaymentRecord.LaneTaken(TWO, id(1), 1, amount(0), amount(10)),
        new PaymentRecord.DealLeft(ONE, false),
        new PaymentRecord.DealLeft(new DealRef("unknown"), false));

    assertNull(book.find(ONE));
    assertNotNull(book.find(TWO));
    PayerChannel channel = book.channel(id(1));
    confirm(channel);
    assertEquals(amount(10), channel.book().reserved());
    DealRef next = new DealRef("c-3");
    assertEquals(
        0,
        channel
            .grant(new FundsRequest(next, payee(PAYEE, 0, 1), amount(5)))
            .orElseThrow()
            .value()
            .lane(),
        "its lane is free again");
  }

  @Test
  void restored_laneWhoseDealsHaveLeftIsUsedAgain() {
    restore(
        planned(open(1)),
        ended(open(1), null),
        new PaymentRecord.VoucherGiven(ONE, voucher(id(1), 0, 4, 20)));
    PayerChannel channel = book.channel(id(1));
    confirm(channel);

    LaneTicket ticket =
        channel.grant(new FundsRequest(TWO, payee(PAYEE, 0, 1), amount(5))).orElseThrow().value();

    assertEquals(0, ticket.lane());
    assertEquals(amount(20), ticket.base());
  }
}
