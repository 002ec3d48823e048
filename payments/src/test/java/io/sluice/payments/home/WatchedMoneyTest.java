package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook.Role;
import io.sluice.payments.DealRef;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.watch.MoneyFigures;
import io.sluice.payments.watch.MoneyFigures.LedgerFigures;
import io.sluice.payments.watch.MoneyWatch;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What whoever watches two homes on one ledger sees of their money. */
class WatchedMoneyTest {
  private static final Duration CHALLENGE = Duration.ofHours(1);

  @TempDir Path directory;
  private final AtomicLong ticks = new AtomicLong();
  private Market market;
  private BrokenLine line;
  private Home provider;
  private MoneyWatch bought;
  private MoneyWatch sold;

  @BeforeEach
  void open() throws IOException {
    market = new Market(directory);
    line = new BrokenLine(market.ledger);
    provider = new Home(2, line.ledger, market.clock, 1_000_000, 0, 1);
    bought = watch(market.client);
    sold = watch(provider);
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private MoneyWatch watch(Home home) {
    return new MoneyWatch(
        home.payments,
        home.ledger,
        home.key.address(),
        List.of(Home.COIN),
        1,
        market.clock,
        ticks::get);
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  /** A deal for which the provider has a voucher of that much, on a channel of 5000. */
  private void vouchered(long units) throws Exception {
    LaneTicket ticket = market.client.acquire("c-1", provider.payee(), 5000);
    OpeningDecision opening =
        provider.open("p-1", market.client.opening(ticket, 1, Market.TERMS, provider.payee()));
    provider.done(assertInstanceOf(OpeningDecision.Admitted.class, opening).account());
    SignedVoucher voucher = market.client.pay("c-1", units);
    VoucherDecision decision =
        provider.payeeSide().receive(new DealRef("p-1"), voucher.payment(1, 0, false));
    provider.done(assertInstanceOf(VoucherDecision.Kept.class, decision).taken());
  }

  private void settle() throws IOException {
    market.client.leave("c-1");
    var unused = market.client.payer().settle(market.client.book(Role.PAYER).id(), false);
    provider.payments.poll();
  }

  @Test
  void givenVouchers_thenBothEndsSeeWhatTheyMayLose() throws Exception {
    vouchered(600);

    MoneyFigures buyer = bought.look();
    MoneyFigures seller = sold.look();

    assertEquals(amount(5000), buyer.inside(Role.PAYER, Home.COIN));
    assertEquals(amount(4400), buyer.atRisk(Role.PAYER, Home.COIN));
    assertEquals(TokenAmount.ZERO, buyer.atRisk(Role.PAYEE, Home.COIN));
    assertEquals(amount(5000), seller.inside(Role.PAYEE, Home.COIN));
    assertEquals(amount(600), seller.atRisk(Role.PAYEE, Home.COIN));
    assertEquals(1, seller.count(Role.PAYEE, Home.COIN, false));
    assertEquals(0, seller.count(Role.PAYEE, Home.COIN, true));
    assertEquals(
        Optional.of(
            new LedgerFigures(
                amount(9_995_000),
                Amounts.of(Home.COIN, amount(9_995_000)),
                Amounts.of(Home.COIN, TokenAmount.ZERO),
                TokenAmount.ZERO)),
        buyer.ledger());
    assertEquals(Optional.empty(), seller.deadline());
    assertEquals(Optional.of(Duration.ZERO), seller.headAge());
  }

  @Test
  void givenManyDeals_whenTheMoneyIsLookedAt_thenTheLedgerIsAskedNoMore() throws Exception {
    vouchered(600);
    line.asked = 0;
    MoneyFigures one = sold.look();
    int asked = line.asked;
    for (int number = 2; number <= 20; number++) {
      provider.open(
          "p-" + number,
          market.client.opening(
              market.client.acquire("c-" + number, provider.payee(), 100),
              number,
              Market.TERMS,
              provider.payee()));
    }

    line.asked = 0;
    MoneyFigures many = sold.look();

    assertEquals(asked, line.asked);
    assertEquals(one.channels().size(), many.channels().size());
  }

  @Test
  void givenARedemption_thenItIsCountedAndBecomesCredit() throws Exception {
    vouchered(600);
    provider.payeeSide().redeem(provider.book(Role.PAYEE).id());

    MoneyFigures seller = sold.look();

    assertEquals(1, seller.redemptions());
    assertEquals(TokenAmount.ZERO, seller.atRisk(Role.PAYEE, Home.COIN));
    assertEquals(amount(4400), seller.inside(Role.PAYEE, Home.COIN));
    assertEquals(amount(600), seller.ledger().orElseThrow().credits().orZero(Home.COIN));
    assertEquals(amount(4400), bought.look().atRisk(Role.PAYER, Home.COIN));
  }

  @Test
  void givenAPayerThatSettles_whenNothingCanBeRedeemed_thenTheDeadlineComesNearerAndPasses()
      throws Exception {
    vouchered(600);
    line.intentsLost = true;
    settle();

    MoneyFigures first = sold.look();
    assertEquals(Optional.of(CHALLENGE), first.deadline());
    assertEquals(amount(600), first.endangered(Home.COIN));
    assertEquals(1, first.settles());
    assertEquals(1, first.count(Role.PAYEE, Home.COIN, true));
    assertEquals(1, first.acts());

    market.clock.turn(Duration.ofMinutes(20));
    assertEquals(Optional.of(Duration.ofMinutes(40)), sold.look().deadline());
    ticks.addAndGet(Duration.ofMinutes(5).toNanos()); // no new block, whose time would be later
    assertEquals(Optional.of(Duration.ofMinutes(35)), sold.look().deadline());
    line.down = true; // nor does it stand still when nobody answers
    ticks.addAndGet(Duration.ofMinutes(10).toNanos());
    MoneyFigures unseen = sold.look();
    assertEquals(Optional.of(Duration.ofMinutes(25)), unseen.deadline());
    assertEquals(Optional.empty(), unseen.ledger());
    assertEquals(1, unseen.settles(), "seen once");

    line.down = false;
    market.clock.turn(CHALLENGE);
    MoneyFigures late = sold.look();
    assertEquals(Optional.empty(), late.deadline());
    assertEquals(TokenAmount.ZERO, late.endangered(Home.COIN));
    assertEquals(amount(600), late.missed(Home.COIN));
  }

  @Test
  void givenAPayerThatSettles_whenAllIsRedeemed_thenNothingIsEndangered() throws Exception {
    vouchered(600);
    settle();

    MoneyFigures seller = sold.look();

    assertEquals(Optional.empty(), seller.deadline());
    assertEquals(TokenAmount.ZERO, seller.endangered(Home.COIN));
    assertEquals(1, seller.settles());
    assertEquals(1, seller.redemptions());
  }

  @Test
  void givenAClosedChannel_thenItIsSeenNoMore() throws Exception {
    vouchered(600);
    settle();
    market.clock.turn(CHALLENGE);
    market.client.payments.poll();
    provider.payments.poll();

    assertTrue(sold.look().channels().isEmpty());
    assertTrue(bought.look().channels().isEmpty());
    assertEquals(amount(4400), bought.look().ledger().orElseThrow().credits().orZero(Home.COIN));
  }
}
