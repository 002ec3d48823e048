package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both sides rebuilt from every beginning of their journals, with the ledger as it was at that
 * moment and as it was just before the next record: wherever a process is killed, going on comes to
 * the same end. Spec: RELIABILITY, 6, K1 to K21 as far as they are about money.
 */
class CrashPointsTest {
  @TempDir Path directory;

  private record Moment(List<PaymentRecord> journal, ByteBuffer ledger) {}

  /** What a client's deals do, each step as its machine would run it again after a restart. */
  private static void clientScript(Home client, Payee payee) throws Exception {
    Set<String> left =
        client.journal.stream()
            .filter(PaymentRecord.DealLeft.class::isInstance)
            .map(record -> ((PaymentRecord.DealLeft) record).deal().value())
            .collect(Collectors.toSet());
    if (!left.contains("c-1")) {
      client.acquire("c-1", payee, 700);
      client.pay("c-1", 100);
      client.pay("c-1", 300);
    }
    client.acquire("c-2", payee, 500);
    client.pay("c-2", 200);
    if (!left.contains("c-1")) {
      client.leave("c-1");
    }
    client.acquire("c-3", payee, 600);
    client.pay("c-3", 50);
    client.acquire("c-2", payee, 900);
    client.pay("c-2", 850);
  }

  @Test
  void clientKilledAnywhere() throws Exception {
    List<Moment> moments = new ArrayList<>();
    Path file = directory.resolve("ledger");
    Market.HandClock clock = new Market.HandClock();
    Payee payee;
    try (EmbeddedLedger ledger = EmbeddedLedger.open(file, clock, new SecureRandom())) {
      Home client = new Home(1, ledger, clock, 1_000_000, 0, 1);
      payee = new Home(2, ledger, clock, 1_000_000, 0, 1).payee();
      ledger.faucet(new IntentId("gift"), Home.COIN, client.key.address(), amount(100_000));
      client.beforeAppend =
          () ->
              moments.add(
                  new Moment(
                      List.copyOf(client.journal), ByteBuffer.wrap(Files.readAllBytes(file))));
      client.afterAppend = client.beforeAppend;
      clientScript(client, payee);
      client.beforeAppend.run();
      assertExpected(client);
    }

    for (int i = 0; i < moments.size(); i++) {
      Path copy = directory.resolve("ledger" + i);
      Files.write(copy, moments.get(i).ledger().array());
      try (EmbeddedLedger ledger = EmbeddedLedger.open(copy, clock, new SecureRandom())) {
        Home client = new Home(1, ledger, clock, 1_000_000, 0, 1);
        client.journal.addAll(moments.get(i).journal());
        client.restart();
        clientScript(client, payee);

        assertExpected(client);
        assertNoNonceTwice(client);
        client.restart();
        assertExpected(client);
        client.start(client.payments.snapshot());
        assertExpected(client);
      }
    }
  }

  private static void assertExpected(Home client) {
    assertEquals(1, client.payments.books().size(), "one channel");
    ChannelBook book = client.payments.books().getFirst();
    assertEquals(amount(1200), book.vouchered());
    assertEquals(amount(600), book.reserved());
    // 300 of the first deal, and the budgets of the others.
    assertEquals(amount(1800), book.deposit());
    assertEquals(
        List.of(amount(350), amount(850)),
        book.lanes().stream().map(ChannelBook.LaneBook::amount).toList());
  }

  private static void assertNoNonceTwice(Home client) {
    Map<String, SignedVoucher> seen = new HashMap<>();
    for (PaymentRecord record : client.journal) {
      if (record instanceof PaymentRecord.VoucherGiven given) {
        String key = given.voucher().voucher().lane() + "/" + given.voucher().voucher().nonce();
        SignedVoucher before = seen.put(key, given.voucher());
        assertFalse(before != null && !before.equals(given.voucher()), key);
      }
    }
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  @Test
  void providerKilledAnywhere() throws Exception {
    Path file = directory.resolve("ledger");
    List<Moment> moments = new ArrayList<>();
    try (Market market = new Market(directory)) {
      Home provider = market.provider;
      provider.beforeAppend =
          () ->
              moments.add(
                  new Moment(
                      List.copyOf(provider.journal), ByteBuffer.wrap(Files.readAllBytes(file))));
      provider.afterAppend = provider.beforeAppend;
      Traffic traffic = new Traffic(market);
      traffic.run(market.provider);
      provider.payments.poll();
      market.client.payer().settle(traffic.first.channel(), true);
      provider.payments.poll();
      traffic.assertDone(provider);

      for (int i = 0; i < moments.size(); i++) {
        Path copy = directory.resolve("ledger" + i);
        Files.write(copy, moments.get(i).ledger().array());
        try (EmbeddedLedger ledger = EmbeddedLedger.open(copy, market.clock, new SecureRandom())) {
          Home again = new Home(2, ledger, market.clock, 1_000_000, 0, 1);
          again.journal.addAll(moments.get(i).journal());
          again.restart();
          assertAcknowledgedIsThere(again, moments.get(i).journal());
          traffic.run(again);
          again.restart();
          again.start(again.payments.snapshot());

          traffic.assertDone(again);
        }
      }
    }
  }

  /** P1: what was durable, or better, is in the books. */
  private static void assertAcknowledgedIsThere(Home provider, List<PaymentRecord> journal) {
    for (PaymentRecord record : journal) {
      if (record instanceof PaymentRecord.VoucherTaken taken) {
        ChannelBook.LaneBook lane =
            provider.book(ChannelBook.Role.PAYEE).lanes().stream()
                .filter(book -> book.lane() == taken.voucher().voucher().lane())
                .findFirst()
                .orElseThrow();
        assertFalse(taken.voucher().amount().exceeds(lane.amount()));
      }
    }
  }

  /** What clients send to a provider, said again as often as it takes. */
  private static final class Traffic {
    final LaneTicket first;
    private final io.sluice.protocol.retrieval.DealOpening opening1;
    private final io.sluice.protocol.retrieval.DealOpening opening2;
    private final io.sluice.protocol.retrieval.DealOpening opening3;
    private final SignedVoucher one;
    private final SignedVoucher two;
    private final SignedVoucher three;
    private final SignedVoucher four;

    Traffic(Market market) throws Exception {
      Home client = market.client;
      Payee payee = market.provider.payee();
      first = client.acquire("c-1", payee, 700);
      opening1 = client.opening(first, 1, Market.TERMS, payee);
      one = client.pay("c-1", 100);
      two = client.pay("c-1", 300);
      LaneTicket second = client.acquire("c-2", payee, 500);
      opening2 = client.opening(second, 2, Market.TERMS, payee);
      three = client.pay("c-2", 450);
      client.leave("c-1");
      // The second voucher of the first deal is on its way still.
      LaneTicket third = client.acquire("c-3", payee, 400);
      opening3 = client.opening(third, 3, Market.TERMS, payee);
      four = client.pay("c-3", 50);
    }

    void run(Home provider) throws IOException {
      admit(provider, "p-1", opening1);
      give(provider, "p-1", one, 1);
      admit(provider, "p-2", opening2);
      give(provider, "p-2", three, 2);
      provider.done(provider.payeeSide().ended(new DealRef("p-1"), 300));
      admit(provider, "p-3", opening3);
      give(provider, "p-3", four, 3);
      give(provider, "p-1", two, 1);
      provider.payments.poll();
    }

    private void admit(Home provider, String deal, io.sluice.protocol.retrieval.DealOpening opening)
        throws IOException {
      if (provider.payeeSide().account(new DealRef(deal)).isPresent()) {
        return;
      }
      OpeningDecision answer = provider.open(deal, opening);
      if (answer instanceof OpeningDecision.PreviousPaid previous) {
        provider.done(previous.paid());
        answer = provider.open(deal, opening);
      }
      if (answer instanceof OpeningDecision.Admitted admitted) {
        provider.done(admitted.account());
      }
    }

    private void give(Home provider, String deal, SignedVoucher voucher, long id)
        throws IOException {
      VoucherDecision judgement =
          provider.payeeSide().receive(new DealRef(deal), voucher.payment(id, 0, false));
      if (judgement instanceof VoucherDecision.Kept kept) {
        provider.done(kept.taken());
      }
    }

    void assertDone(Home provider) throws IOException {
      provider.payments.poll();
      assertEquals(amount(300), provider.account("p-1").vouchered());
      assertEquals(amount(0), provider.account("p-1").owed());
      assertEquals(amount(450), provider.account("p-2").credit());
      assertEquals(amount(50), provider.account("p-3").credit());
      assertEquals(amount(300), provider.account("p-3").base());
      assertEquals(amount(800), provider.book(ChannelBook.Role.PAYEE).vouchered());
    }
  }

  /** P6, P7: planned, killed before or after it happened: redeemed once. */
  @Test
  void redemptionKilledAnywhere() throws Exception {
    Path file = directory.resolve("ledger");
    List<Moment> moments = new ArrayList<>();
    try (Market market = new Market(directory)) {
      Home provider = market.provider;
      DealAccount account = market.deal(1, 5000);
      market.give(1, market.client.pay("c-1", 700));
      provider.beforeAppend =
          () ->
              moments.add(
                  new Moment(
                      List.copyOf(provider.journal), ByteBuffer.wrap(Files.readAllBytes(file))));
      provider.afterAppend = provider.beforeAppend;
      market.client.payer().settle(account.channel(), true);
      market.ledger.advance(Duration.ofMinutes(10));
      provider.payments.poll();

      assertEquals(4, moments.size());
      for (int i = 0; i < moments.size(); i++) {
        Path copy = directory.resolve("ledger" + i);
        Files.write(copy, moments.get(i).ledger().array());
        try (EmbeddedLedger ledger = EmbeddedLedger.open(copy, market.clock, new SecureRandom())) {
          Home again = new Home(2, ledger, market.clock, 1_000_000, 0, 1);
          again.journal.addAll(moments.get(i).journal());

          again.restart();

          assertEquals(amount(700), ledger.redeemed(account.channel(), 0));
          assertEquals(amount(700), ledger.credit(Home.COIN, again.key.address()), "once: " + i);
        }
      }
    }
  }
}
