package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.payer.LateDebt;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a deal still owes that has left its lane: paid on that lane, as long as it is nobody's. */
class LatePaymentTest {
  @TempDir Path directory;
  private Market market;
  private Home client;
  private DealAccount account;

  @BeforeEach
  void open() throws Exception {
    market = new Market(directory);
    client = market.client;
    account = market.deal(1, 5000);
    market.give(1, client.pay("c-1", 700));
    account.charged(2500);
    market.end(1, 2500);
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private SignedVoucher payLate(long due) throws IOException {
    return client
        .payer()
        .payLate(
            new LateDebt(
                new DealRef("c-1"),
                account.channel(),
                account.lane(),
                TokenAmount.ZERO,
                TokenAmount.of(700),
                TokenAmount.of(due)));
  }

  private static DealCode code(org.junit.jupiter.api.function.Executable action) {
    return assertThrows(PaymentException.class, action).code();
  }

  @Test
  void debtIsPaid_alsoAfterARestart_andNeverTwice() throws Exception {
    client.restart();
    SignedVoucher voucher = payLate(2500);
    int records = client.journal.size();

    assertEquals(TokenAmount.of(2500), market.give(1, voucher).credit());
    assertTrue(account.settled());
    assertEquals(voucher, payLate(2500));
    client.restart();
    assertEquals(voucher, payLate(2500));
    assertEquals(records, client.journal.size());
    assertEquals(TokenAmount.of(2500), client.book(ChannelBook.Role.PAYER).vouchered());
    // Nothing stays reserved for it, and the lane is free for others.
    assertEquals(TokenAmount.ZERO, client.book(ChannelBook.Role.PAYER).reserved());
    LaneTicket next = client.acquire("c-2", market.provider.payee(), 1000);
    assertEquals(account.lane(), next.lane());
    assertEquals(TokenAmount.of(2500), next.base());
  }

  @Test
  void dealThatHasNotLeftYet_isPaidOnTheLaneThatItHolds() throws Exception {
    DealAccount second = market.deal(2, 5000);
    market.give(2, client.pay("c-2", 300));
    second.charged(1000);
    LateDebt debt =
        new LateDebt(
            new DealRef("c-2"),
            second.channel(),
            second.lane(),
            second.base(),
            TokenAmount.of(300),
            TokenAmount.of(1000));

    SignedVoucher voucher = client.payer().payLate(debt);
    assertEquals(TokenAmount.of(1000), market.give(2, voucher).credit());
    assertEquals(voucher, client.payer().payLate(debt));
    client.leave("c-2");
    assertEquals(voucher, client.payer().payLate(debt));
  }

  @Test
  void laneThatAnotherDealHadSince_isNotPaidOn() throws Exception {
    client.acquire("c-2", market.provider.payee(), 1000);
    assertEquals(DealCode.NO_LANE, code(() -> payLate(2500)));
    client.leave("c-2");
    assertEquals(DealCode.NO_LANE, code(() -> payLate(2500)));
    client.restart();
    assertEquals(DealCode.NO_LANE, code(() -> payLate(2500)));
  }

  @Test
  void diskFails_nothingIsSignedAwayAndTheLaneIsFree() throws Exception {
    client.diskFails = true;
    assertThrows(IOException.class, () -> payLate(2500));
    client.diskFails = false;

    assertEquals(TokenAmount.of(700), client.book(ChannelBook.Role.PAYER).vouchered());
    assertEquals(TokenAmount.ZERO, client.book(ChannelBook.Role.PAYER).reserved());
    assertEquals(TokenAmount.of(2500), payLate(2500).amount());
  }

  @Test
  void depositThatOtherDealsCountOn_isNotTouched() throws Exception {
    DealAccount other = market.deal(3, 4000);
    client.acquire("c-4", market.provider.payee(), 100);
    market.give(3, client.pay("c-3", 100));
    market.end(3, 200);
    ChannelBook book = client.book(ChannelBook.Role.PAYER);
    long free = book.deposit().minus(book.vouchered()).value().longValue();
    client.acquire("c-4", market.provider.payee(), free);
    LateDebt debt =
        new LateDebt(
            new DealRef("c-3"),
            other.channel(),
            other.lane(),
            other.base(),
            TokenAmount.of(100),
            TokenAmount.of(200));

    PaymentException refused =
        assertThrows(PaymentException.class, () -> client.payer().payLate(debt));
    assertEquals(DealCode.INSUFFICIENT_DEPOSIT, refused.code());
    assertEquals(TokenAmount.of(100), refused.shortfall().orElseThrow());
  }
}
