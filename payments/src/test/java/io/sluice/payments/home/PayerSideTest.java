package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.payer.FundsRequest;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayerSideTest {
  @TempDir Path directory;
  private Market market;
  private Home client;
  private Payee payee;

  @BeforeEach
  void open() throws IOException {
    start(1_000_000, 0, 1);
  }

  private void start(long maxDeposit, long minDeposit, long confirmations) throws IOException {
    if (market != null) {
      market.close();
      directory = directory.resolve("next");
    }
    market = new Market(directory, maxDeposit, minDeposit, confirmations);
    client = market.client;
    payee = market.provider.payee();
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  private ChannelBook book() {
    assertEquals(1, client.payments.books().size());
    return client.book(ChannelBook.Role.PAYER);
  }

  private static DealCode code(org.junit.jupiter.api.function.Executable action) {
    return assertThrows(PaymentException.class, action).code();
  }

  @Test
  void nothingThere_channelOpenedForTheBudget() throws Exception {
    LaneTicket ticket = client.acquire("c-1", payee, 700);

    assertEquals(0, ticket.lane());
    assertEquals(amount(0), ticket.base());
    assertEquals(amount(700), book().deposit());
    assertEquals(amount(700), book().reserved());
    assertEquals("open", book().state());
  }

  @Test
  void minimumDepositAsked_openedWithIt() throws Exception {
    start(1_000_000, 5000, 1);

    client.acquire("c-1", payee, 700);

    assertEquals(amount(5000), book().deposit());
  }

  @Test
  void enoughFree_reusedWithoutTheLedger() throws Exception {
    client.acquire("c-1", payee, 700);
    client.pay("c-1", 200);
    client.leave("c-1");
    int records = client.journal.size();

    LaneTicket ticket = client.acquire("c-2", payee, 500);

    assertEquals(0, ticket.lane());
    assertEquals(amount(200), ticket.base());
    assertEquals(amount(200), ticket.best().orElseThrow().amount());
    assertEquals(amount(700), book().deposit());
    assertEquals(
        List.of("lane-taken"),
        client.journal.subList(records, client.journal.size()).stream()
            .map(PaymentRecord::kind)
            .toList());
  }

  @Test
  void payeeAsksForMoreThanBefore_channelReachesItFirst() throws Exception {
    client.acquire("c-1", payee, 100);
    client.leave("c-1");

    client.acquire("c-2", market.provider.payee(5000, 1), 100);
    assertEquals(amount(5000), book().deposit());
    client.leave("c-2");

    Payee careful = market.provider.payee(6000, 10);
    assertEquals(DealCode.NOT_CONFIRMED, code(() -> client.acquire("c-3", careful, 100)));
    market.ledger.advance(Duration.ofSeconds(10));
    client.payments.poll();
    client.acquire("c-3", careful, 100);
    assertEquals(amount(6000), book().confirmed());
  }

  @Test
  void tooLittleFree_toppedUpByTheGap() throws Exception {
    client.acquire("c-1", payee, 700);

    LaneTicket ticket = client.acquire("c-2", payee, 500);

    assertEquals(1, ticket.lane());
    assertEquals(amount(1200), book().deposit());
    assertEquals(amount(1200), book().reserved());
  }

  @Test
  void askedAgain_sameLaneNothingWritten() throws Exception {
    LaneTicket first = client.acquire("c-1", payee, 700);
    int records = client.journal.size();

    assertEquals(first, client.acquire("c-1", payee, 700));

    assertEquals(records, client.journal.size());
  }

  @Test
  void askedAgainWithMore_budgetRaised() throws Exception {
    LaneTicket first = client.acquire("c-1", payee, 700);

    LaneTicket raised = client.acquire("c-1", payee, 900);

    assertEquals(first.lane(), raised.lane());
    assertEquals(amount(900), raised.budget());
    assertEquals(amount(900), book().deposit());
    client.restart();
    assertEquals(amount(900), client.payer().ticket(new DealRef("c-1")).orElseThrow().budget());
  }

  @Test
  void noCommonPayment_said() throws Exception {
    Payee elsewhere =
        new Payee(
            7,
            payee.contract(),
            payee.token(),
            payee.address(),
            60,
            amount(0),
            1,
            payee.symbol(),
            payee.decimals());
    Payee patient =
        new Payee(
            payee.chainId(),
            payee.contract(),
            payee.token(),
            payee.address(),
            Duration.ofDays(8).toSeconds(),
            amount(0),
            1,
            payee.symbol(),
            payee.decimals());
    Payee doubtful =
        new Payee(
            payee.chainId(),
            payee.contract(),
            payee.token(),
            payee.address(),
            60,
            amount(0),
            PayerPolicy.DEFAULT_MAX_CONFIRMATIONS + 1,
            payee.symbol(),
            payee.decimals());
    Payee otherToken =
        new Payee(
            payee.chainId(),
            payee.contract(),
            EvmAddress.parse("0x" + "11".repeat(20)),
            payee.address(),
            60,
            amount(0),
            1,
            payee.symbol(),
            payee.decimals());
    for (Payee bad : List.of(elsewhere, patient, doubtful, otherToken, client.payee())) {
      assertFalse(client.payer().accepts(bad));
      assertEquals(DealCode.NO_COMMON_PAYMENT, code(() -> client.acquire("c-1", bad, 100)));
    }
    assertEquals(List.of(), client.journal);
  }

  @Test
  void payeeAtTheLimits_paid() throws Exception {
    Payee slow =
        new Payee(
            payee.chainId(),
            payee.contract(),
            payee.token(),
            payee.address(),
            PayerPolicy.DEFAULT_MAX_CHALLENGE.toSeconds(),
            amount(0),
            PayerPolicy.DEFAULT_MAX_CONFIRMATIONS,
            payee.symbol(),
            payee.decimals());

    assertTrue(client.payer().accepts(payee));
    assertTrue(client.payer().accepts(slow));
  }

  /** What lies deep enough for one payee need not do so for the next. */
  @Test
  void payeeIsMoreCareful_whatWasConfirmedIsLookedAtAgain() throws Exception {
    client.acquire("c-1", payee, 100);
    client.leave("c-1");
    Payee careful = market.provider.payee(0, 10);

    assertEquals(DealCode.NOT_CONFIRMED, code(() -> client.acquire("c-2", careful, 50)));
    market.ledger.advance(Duration.ofSeconds(9));
    client.payments.poll();

    assertEquals(amount(50), client.acquire("c-2", careful, 50).budget());
    assertEquals(amount(100), book().deposit(), "nothing was missing");
  }

  /** Anyone may top up; what is there is not paid in again. */
  private void toppedUpByAnother(long units) throws IOException {
    market.ledger.submit(
        new Intent.TopUp(
            new IntentId("gift-" + units), client.key.address(), book().id(), amount(units)));
  }

  @Test
  void toppedUpByAnother_notPaidInAgain() throws Exception {
    client.acquire("c-1", payee, 700);
    toppedUpByAnother(500);

    client.acquire("c-2", payee, 500);

    assertEquals(amount(1200), book().deposit());
    assertEquals(0, intents(Intent.TopUp.class));
  }

  @Test
  void toppedUpByAnother_heardOfByAPoll() throws Exception {
    client.acquire("c-1", payee, 700);
    toppedUpByAnother(500);

    client.payments.poll();

    assertEquals(amount(1200), book().deposit());
  }

  @Test
  void openedByHand_usedByTheNextDeal() throws Exception {
    client.payer().open(payee, amount(700));

    client.acquire("c-1", payee, 600);

    assertEquals(amount(700), book().deposit());
    assertEquals(
        DealCode.NO_COMMON_PAYMENT, code(() -> client.payer().open(client.payee(), amount(1))));
  }

  @Test
  void moreThanTheUserAllows_refusedAndNothingSpent() throws Exception {
    start(1000, 0, 1);
    PaymentException refusal =
        assertThrows(PaymentException.class, () -> client.acquire("c-1", payee, 1001));
    assertEquals(DealCode.MAX_DEPOSIT, refusal.code());
    assertEquals(
        "1001 base units would lie in the channel, payments.max-deposit allows 1000 base units",
        refusal.getMessage());
    client.acquire("c-1", payee, 800);

    assertEquals(DealCode.MAX_DEPOSIT, code(() -> client.acquire("c-2", payee, 201)));

    assertEquals(amount(800), book().deposit());
    // What is signed away does not count: it is the payee's.
    client.pay("c-1", 800);
    client.leave("c-1");
    client.acquire("c-3", payee, 1000);
    assertEquals(amount(1800), book().deposit());
  }

  @Test
  void accountTooPoor_saidAndCanBeTriedAgain() throws Exception {
    start(100_000_000, 0, 1);

    assertEquals(DealCode.INSUFFICIENT_FUNDS, code(() -> client.acquire("c-1", payee, 20_000_000)));
    assertEquals(List.of(), client.payments.books());
    client.acquire("c-2", payee, 100);
    assertEquals(DealCode.INSUFFICIENT_FUNDS, code(() -> client.acquire("c-3", payee, 20_000_000)));
    assertEquals(amount(100), book().deposit());
    client.restart();
    assertEquals(1, client.payments.books().size());
  }

  @Test
  void notConfirmed_waitsAndNeverSignsBefore() throws Exception {
    start(1_000_000, 0, 10);
    assertEquals(DealCode.NOT_CONFIRMED, code(() -> client.acquire("c-1", payee, 700)));
    assertEquals(amount(700), book().deposit());
    assertEquals(amount(0), book().confirmed());
    client.restart();
    assertEquals(DealCode.NOT_CONFIRMED, code(() -> client.acquire("c-1", payee, 700)));

    market.ledger.advance(Duration.ofSeconds(10));
    client.payments.poll();

    client.acquire("c-1", payee, 700);
    assertEquals(1, intents(Intent.Open.class));
    assertEquals(0, intents(Intent.TopUp.class));
  }

  private long intents(Class<?> kind) {
    return client.journal.stream()
        .filter(
            record ->
                record instanceof PaymentRecord.IntentPlanned planned
                    && kind.isInstance(planned.intent()))
        .count();
  }

  @Test
  void manyWaiting_mergedIntoFewTopUps() throws Exception {
    start(1_000_000, 0, 5);
    client.payer().open(payee, amount(1));
    market.ledger.advance(Duration.ofSeconds(10));
    client.payments.poll();
    List<Callable<LaneTicket>> asks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      FundsRequest request = new FundsRequest(new DealRef("c-" + i), payee, amount(100));
      asks.add(() -> client.payer().acquire(request, Duration.ofMinutes(1)));
    }
    List<LaneTicket> tickets = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<LaneTicket>> waiting = asks.stream().map(threads::submit).toList();
      while (waiting.stream().anyMatch(future -> !future.isDone())) {
        market.ledger.advance(Duration.ofSeconds(1));
        client.payments.poll();
      }
      for (Future<LaneTicket> future : waiting) {
        tickets.add(future.get());
      }
    }

    assertEquals(8, tickets.stream().map(LaneTicket::lane).distinct().count());
    assertEquals(amount(800), book().deposit());
    assertEquals(amount(800), book().reserved());
    assertTrue(intents(Intent.TopUp.class) < 8, "top-ups: " + intents(Intent.TopUp.class));
  }

  @Test
  void patience_waitsForConfirmation() throws Exception {
    start(1_000_000, 0, 5);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<LaneTicket> waiting =
          threads.submit(
              () ->
                  client
                      .payer()
                      .acquire(
                          new FundsRequest(new DealRef("c-1"), payee, amount(100)),
                          Duration.ofMinutes(1)));
      while (!waiting.isDone()) {
        market.ledger.advance(Duration.ofSeconds(1));
        client.payments.poll();
      }
      assertEquals(amount(100), waiting.get().budget());
    }
  }

  // vouchers

  @Test
  void paid_absoluteAndIdempotent() throws Exception {
    client.acquire("c-1", payee, 700);

    SignedVoucher first = client.pay("c-1", 100);
    SignedVoucher again = client.pay("c-1", 100);
    SignedVoucher less = client.pay("c-1", 50);
    SignedVoucher more = client.pay("c-1", 300);

    assertSame(first, again);
    assertSame(first, less);
    assertEquals(1, first.voucher().nonce());
    assertEquals(2, more.voucher().nonce());
    assertEquals(amount(300), more.amount());
    assertTrue(more.signedBy(client.key.address()));
  }

  @Test
  void budget_isTheEnd() throws Exception {
    client.acquire("c-1", payee, 700);
    client.acquire("c-2", payee, 700);

    PaymentException refused = assertThrows(PaymentException.class, () -> client.pay("c-1", 701));

    assertEquals(DealCode.BUDGET_EXCEEDED, refused.code());
    assertEquals(amount(1), refused.shortfall().orElseThrow());
    client.pay("c-1", 700);
  }

  @Test
  void released_sameNonceNothingChanged() throws Exception {
    client.acquire("c-1", payee, 700);
    Prepared<SignedVoucher> lost = client.payer().pay(new DealRef("c-1"), amount(100));
    assertThrows(
        IllegalStateException.class, () -> client.payer().pay(new DealRef("c-1"), amount(200)));

    lost.release();

    assertEquals(1, client.pay("c-1", 100).voucher().nonce());
    assertEquals(amount(100), book().vouchered());
  }

  @Test
  void diskFails_nothingGiven() throws Exception {
    client.acquire("c-1", payee, 700);
    client.diskFails = true;

    assertThrows(IOException.class, () -> client.pay("c-1", 100));

    assertEquals(amount(0), book().vouchered());
    assertThrows(IOException.class, () -> client.acquire("c-2", payee, 1));
  }

  @Test
  void lanes_freeOnesAgainOldestFirst() throws Exception {
    for (int i = 0; i < 3; i++) {
      client.acquire("c-" + i, payee, 100);
    }
    client.leave("c-1");
    client.leave("c-0");

    assertEquals(1, client.acquire("c-3", payee, 100).lane());
    assertEquals(0, client.acquire("c-4", payee, 100).lane());
    assertEquals(3, client.acquire("c-5", payee, 100).lane());
  }

  @Test
  void laneBusyAtThePayee_anotherTaken() throws Exception {
    client.acquire("c-1", payee, 100);
    client.leave("c-1");
    LaneTicket busy = client.acquire("c-2", payee, 100);

    LaneTicket other = client.payer().another(new DealRef("c-2"));
    LaneTicket third = client.payer().another(new DealRef("c-2"));

    assertNotEquals(busy.lane(), other.lane());
    assertEquals(3, java.util.Set.of(busy.lane(), other.lane(), third.lane()).size());
    assertEquals(amount(100), book().reserved());
    client.restart();
    assertEquals(third, client.payer().ticket(new DealRef("c-2")).orElseThrow());
  }

  @Test
  void ownVoucherThatThePayeeStillHas_adopted() throws Exception {
    LaneTicket ticket = client.acquire("c-1", payee, 700);
    SignedVoucher lost =
        client.key.sign(ticket.domain(), new Voucher(ticket.channel(), 0, 9, amount(200)));
    SignedVoucher forged =
        market.provider.key.sign(ticket.domain(), new Voucher(ticket.channel(), 0, 9, amount(300)));
    SignedVoucher elsewhere =
        client.key.sign(ticket.domain(), new Voucher(ticket.channel(), 1, 9, amount(300)));
    DealRef deal = new DealRef("c-1");
    assertEquals(DealCode.NOT_OUR_VOUCHER, code(() -> client.payer().adopt(deal, forged)));
    assertEquals(DealCode.NOT_OUR_VOUCHER, code(() -> client.payer().adopt(deal, elsewhere)));

    LaneTicket adopted = client.payer().adopt(deal, lost);

    assertEquals(amount(200), adopted.base());
    SignedVoucher next = client.pay("c-1", 100);
    assertEquals(amount(300), next.amount());
    assertEquals(10, next.voucher().nonce());
    client.restart();
    assertEquals(amount(200), client.payer().ticket(deal).orElseThrow().base());
  }

  @Test
  void payeeSaysDepositUsed_covered() throws Exception {
    client.acquire("c-1", payee, 700);

    client.payer().cover(new DealRef("c-1"), amount(50), Duration.ZERO);

    assertEquals(amount(750), book().deposit());
    assertEquals(
        DealCode.MAX_DEPOSIT,
        code(() -> client.payer().cover(new DealRef("c-1"), amount(1_000_000), Duration.ZERO)));
  }

  /** The payee speaks of the deposit as it is now. */
  @Test
  void payeeSaysDepositUsed_coveredOnTopOfWhatIsThere() throws Exception {
    client.acquire("c-1", payee, 700);
    toppedUpByAnother(500);

    client.payer().cover(new DealRef("c-1"), amount(50), Duration.ZERO);

    assertEquals(amount(1250), book().deposit());
  }

  @Test
  void coverThatCannotBePaid_leavesNothingBehind() throws Exception {
    start(100_000_000, 0, 1);
    client.acquire("c-1", payee, 700);

    assertEquals(
        DealCode.INSUFFICIENT_FUNDS,
        code(
            () ->
                client
                    .payer()
                    .cover(new DealRef("c-1"), amount(20_000_000), Duration.ofMinutes(1))));

    client.acquire("c-2", payee, 100);
    assertEquals(amount(800), book().deposit());
  }

  /** Snapshots name nobody twice: a store may keep one voucher a deal. */
  @Test
  void snapshot_oneNameALane() throws Exception {
    for (int i = 0; i < 3; i++) {
      client.acquire("c-" + i, payee, 100);
      client.pay("c-" + i, 10 + i);
    }
    for (int i = 0; i < 3; i++) {
      client.leave("c-" + i);
    }

    List<PaymentRecord> snapshot = client.payments.snapshot();

    List<DealRef> names =
        snapshot.stream()
            .filter(PaymentRecord.VoucherGiven.class::isInstance)
            .map(record -> ((PaymentRecord.VoucherGiven) record).deal())
            .toList();
    assertEquals(3, names.stream().distinct().count());
    client.start(snapshot);
    assertEquals(amount(33), book().vouchered());
    assertEquals(0, client.acquire("c-9", payee, 100).lane());
  }

  // by hand

  @Test
  void settled_collectedByItself() throws Exception {
    LaneTicket ticket = client.acquire("c-1", payee, 700);
    client.pay("c-1", 100);
    assertEquals(
        DealCode.CHANNEL_IN_USE, code(() -> client.payer().settle(ticket.channel(), false)));
    client.leave("c-1");

    assertInstanceOf(Outcome.Included.class, client.payer().settle(ticket.channel(), false));
    assertEquals("settling", book().state());
    market.ledger.advance(Duration.ofHours(1));
    client.payments.poll();

    assertEquals("closed", book().state());
    assertEquals(
        amount(700), client.payments.credit(ticket.domain(), Home.COIN, client.key.address()));
    assertInstanceOf(
        Outcome.Included.class,
        client.payments.withdraw(
            ticket.domain(), client.key.address(), Home.COIN, client.key.address(), amount(700)));
    assertEquals(
        amount(10_000_000),
        client.payments.balance(ticket.domain(), Home.COIN, client.key.address()));
  }

  @Test
  void settlingChannel_notUsedForNewDeals() throws Exception {
    LaneTicket first = client.acquire("c-1", payee, 700);
    client.leave("c-1");
    client.payer().settle(first.channel(), false);

    LaneTicket second = client.acquire("c-2", payee, 700);

    assertNotEquals(first.channel(), second.channel());
  }

  @Test
  void settlingChannel_noMoreMoneyForTheDealOnIt() throws Exception {
    LaneTicket ticket = client.acquire("c-1", payee, 700);
    client.payer().settle(ticket.channel(), true);

    assertEquals(DealCode.CHANNEL_CLOSING, code(() -> client.acquire("c-1", payee, 900)));
  }

  @Test
  void channelOfAnotherHomeWithTheSameKey_neverTouched() throws Exception {
    client.acquire("c-1", payee, 700);
    Home twin = new Home(1, market.ledger, market.clock, 1_000_000, 0, 1);

    LaneTicket own = twin.acquire("c-1", payee, 100);

    assertNotEquals(book().id(), own.channel());
  }
}
