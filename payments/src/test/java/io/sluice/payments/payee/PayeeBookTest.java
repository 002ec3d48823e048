package io.sluice.payments.payee;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.STRANGER;
import static io.sluice.payments.Samples.TERMS;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.hash;
import static io.sluice.payments.Samples.payee;
import static io.sluice.payments.Samples.view;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which channels and accounts a home keeps, and both after a restart. */
class PayeeBookTest {
  private static final EvmAddress PAYERS = PAYER.address();
  private static final DealRef ONE = new DealRef("p-1");
  private static final DealRef TWO = new DealRef("p-2");

  /** Two channels a payer; of this ledger's offers one asks for 2 confirmations, one for 5. */
  private final PayeeContext context =
      new PayeeContext(
          new PayeePolicy(
              List.of(payee(PAYEE, 0, 2), payee(PAYEE, 0, 5), elsewhere(payee(PAYEE, 0, 9))),
              3000,
              4000,
              amount(0),
              amount(1),
              Duration.ofDays(1),
              amount(100_000),
              Duration.ofHours(1),
              3,
              2),
          Clock.fixed(NOW, ZoneOffset.UTC),
          deal -> {},
          new Exposure());

  private final PayeeBook book = new PayeeBook(context);

  private static Payee elsewhere(Payee payee) {
    return new Payee(
        payee.chainId() + 1,
        payee.contract(),
        payee.token(),
        payee.address(),
        payee.minChallenge(),
        payee.minDeposit(),
        payee.confirmations(),
        Optional.empty(),
        Optional.empty());
  }

  private PayeeChannel made(int number, EvmAddress payer) {
    return new PayeeChannel(DOMAIN, hash(number), payer, payer, 1, context);
  }

  private static PaymentRecord.DealBound bound(DealRef deal, Bytes32 channel, long lane) {
    return bound(deal, DOMAIN, channel, lane);
  }

  private static PaymentRecord.DealBound bound(
      DealRef deal, Domain domain, Bytes32 channel, long lane) {
    return new PaymentRecord.DealBound(
        deal, domain, channel, lane, amount(0), PAYERS, PAYERS, TERMS, Optional.empty());
  }

  private void restore(PaymentRecord... records) {
    for (PaymentRecord record : records) {
      book.restore(record);
    }
  }

  @Test
  void remembered_oneObjectAChannel() {
    PayeeChannel first = made(1, PAYERS);

    assertSame(first, book.remembered(first));
    assertSame(first, book.remembered(made(1, PAYERS)));
    assertSame(first, book.channel(hash(1)));
    assertEquals(List.of(first), book.all());
    assertNull(book.find(hash(2)));
    assertEquals(
        DealCode.CHANNEL_UNKNOWN,
        assertThrows(PaymentException.class, () -> book.channel(hash(2))).code());
  }

  @Test
  void tooMany_ofThatPayersThatAreOpen() {
    PayeeChannel closed = book.remembered(made(1, PAYERS));
    closed.see(view(Samples.closed(channel(hash(1), 100, 0)), 100, 1));
    book.remembered(made(2, STRANGER.address()));
    book.remembered(made(3, STRANGER.address()));
    book.remembered(made(4, PAYERS));
    assertFalse(book.hasTooMany(made(9, PAYERS)));

    book.remembered(made(5, PAYERS));

    assertTrue(book.hasTooMany(made(9, PAYERS)));
    assertFalse(book.hasTooMany(made(5, PAYERS)), "it is one of them");
  }

  @Test
  void accounts_foundByDealAndByPayer() {
    restore(
        bound(ONE, CHANNEL, 0),
        bound(TWO, hash(2), 0),
        new PaymentRecord.DealBound(
            new DealRef("p-3"),
            DOMAIN,
            hash(3),
            0,
            amount(0),
            STRANGER.address(),
            STRANGER.address(),
            TERMS,
            Optional.empty()));

    assertEquals(
        List.of(ONE, TWO), book.accountsOf(PAYERS).stream().map(DealAccount::deal).toList());
    assertEquals(CHANNEL, book.account(ONE).orElseThrow().channel());
    assertEquals(Optional.empty(), book.account(new DealRef("p-4")));
  }

  @Test
  void forgotten_whoseLaneAnotherHasAndThatOwesNothing() {
    restore(
        bound(ONE, CHANNEL, 0), new PaymentRecord.DealEnded(ONE, 0, NOW), bound(TWO, CHANNEL, 0));

    book.forgetOld(book.channel(CHANNEL));

    assertEquals(Optional.empty(), book.account(ONE));
    assertTrue(book.account(TWO).isPresent());
  }

  // rebuilding

  @Test
  void restored_dealsVouchersAndDebts() {
    restore(
        bound(ONE, CHANNEL, 0),
        new PaymentRecord.VoucherTaken(
            ONE, voucher(CHANNEL, 0, 1, 300), amount(200), Optional.of(NOW)),
        new PaymentRecord.VoucherTaken(
            ONE, voucher(hash(8), 0, 1, 300), amount(200), Optional.empty()),
        new PaymentRecord.DealEnded(ONE, 900, NOW),
        new PaymentRecord.DealEnded(new DealRef("p-4"), 900, NOW));

    DealAccount account = book.account(ONE).orElseThrow();
    assertEquals(amount(200), account.credit());
    assertEquals(amount(300), account.vouchered());
    assertEquals(amount(600), account.owed());
    assertEquals(600, account.debt(NOW));
    List<PaymentRecord> snapshot = new ArrayList<>();
    book.snapshot(snapshot);
    assertEquals(
        List.of("deal-bound", "voucher-taken", "deal-ended"),
        snapshot.stream().map(PaymentRecord::kind).toList());
    PayeeBook again = new PayeeBook(context);
    snapshot.forEach(again::restore);
    List<PaymentRecord> same = new ArrayList<>();
    again.snapshot(same);
    assertEquals(snapshot, same);
  }

  /** The record does not say which offer it was: the most careful one of that ledger holds. */
  @Test
  void restored_asDeepAsTheMostCarefulOfferOfThatLedger() {
    restore(bound(ONE, CHANNEL, 0), bound(TWO, new Domain(99, DOMAIN.contract()), hash(2), 0));

    assertEquals(5, book.channel(CHANNEL).nextQuery(Set.of()).confirmations());
    assertEquals(0, book.channel(hash(2)).nextQuery(Set.of()).confirmations());
  }

  @Test
  void restored_redemptionUnderWayIsNotBegunTwice() {
    restore(
        bound(ONE, CHANNEL, 0),
        new PaymentRecord.VoucherTaken(
            ONE, voucher(CHANNEL, 0, 1, 300), amount(300), Optional.of(NOW)));
    PayeeChannel channel = book.channel(CHANNEL);
    channel.see(view(channel(CHANNEL, 1000, 0), 1000, 1));
    IntentId other = new IntentId("other");
    Intent.Redeem redeem =
        new Intent.Redeem(
            new IntentId("r"),
            PAYEE,
            List.of(voucher(hash(8), 0, 1, 1), voucher(CHANNEL, 0, 1, 300)));

    restore(new PaymentRecord.IntentPlanned(DOMAIN, redeem));

    assertEquals(List.of(), channel.beginRedemption(other, 9));
    restore(new PaymentRecord.IntentEnded(redeem.id(), Optional.empty()));
    assertEquals(1, channel.beginRedemption(other, 9).size());
  }
}
