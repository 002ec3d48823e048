package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sluice.payments.DealRef;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.token.Amounts;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When vouchers are turned into money while the deal that they pay for still runs. */
class RedeemingTest {
  private static final Duration STEP = Duration.ofMinutes(10);

  @TempDir Path directory;
  private Market market;

  /** What a redemption costs on the ledger that {@link #costing} makes. */
  private long cost;

  @BeforeEach
  void open() throws IOException {
    market = new Market(directory);
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  private TokenAmount redeemed(DealAccount account) throws IOException {
    return market.ledger.redeemed(account.channel(), 0);
  }

  @Test
  void givenAVoucher_whenItIsOldAcrossARestart_thenItIsRedeemed() throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.give(1, market.client.pay("c-1", 600));
    market.clock.turn(Duration.ofHours(23));
    market.provider.restart();
    market.provider.payments.poll();
    assertEquals(amount(0), redeemed(account));

    market.clock.turn(Duration.ofHours(2));
    market.provider.payments.poll();

    assertEquals(amount(600), redeemed(account));
  }

  @Test
  void givenARedemption_whenTheNextVoucherIsYoung_thenItWaitsAcrossARestart() throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.give(1, market.client.pay("c-1", 600));
    market.clock.turn(Duration.ofHours(25));
    market.provider.payments.poll();
    assertEquals(amount(600), redeemed(account));

    market.give(1, market.client.pay("c-1", 700));
    market.provider.restart();
    market.provider.payments.poll();
    assertEquals(amount(600), redeemed(account));
    market.clock.turn(Duration.ofHours(25));
    market.provider.payments.poll();

    assertEquals(amount(700), redeemed(account));
  }

  @Test
  void givenARunningDeal_whenTheChannelOwesMuch_thenItIsRedeemed() throws Exception {
    PayeePolicy defaults = market.provider.payeePolicy;
    market.provider.payeePolicy =
        new PayeePolicy(
            defaults.payees(),
            defaults.payerUnpaidBytes(),
            defaults.nodeUnpaidBytes(),
            defaults.minimumStep(),
            defaults.minimumRedemption(),
            defaults.maxUnredeemedAge(),
            Amounts.of(Home.COIN, amount(500)),
            defaults.staleAfter(),
            defaults.maxLanes(),
            defaults.maxChannels());
    market.provider.restart();
    DealAccount account = market.deal(1, 5000);
    market.give(1, market.client.pay("c-1", 500));
    market.provider.payments.poll();
    assertEquals(amount(0), redeemed(account));

    market.give(1, market.client.pay("c-1", 501));
    market.provider.payments.poll();

    assertEquals(amount(501), redeemed(account));
  }

  @Test
  void givenARunningDeal_whenTheLedgerIsCheap_thenItIsRedeemed() throws Exception {
    cost = 10;
    Home provider = new Home(2, costing(), market.clock, 1_000_000, 0, 1);
    LaneTicket ticket = market.client.acquire("c-1", provider.payee(), 5000);
    OpeningDecision.Admitted admitted =
        assertInstanceOf(
            OpeningDecision.Admitted.class,
            provider.open("p-1", market.client.opening(ticket, 1, Market.TERMS, provider.payee())));
    DealAccount account = provider.done(admitted.account());
    VoucherDecision.Kept kept =
        assertInstanceOf(
            VoucherDecision.Kept.class,
            provider
                .payeeSide()
                .receive(new DealRef("p-1"), market.client.pay("c-1", 100).payment(1, 0, false)));
    provider.done(kept.taken());
    for (int sample = 1; sample <= 20; sample++) {
      market.clock.turn(STEP);
      provider.payments.poll();
    }
    assertEquals(amount(0), redeemed(account));

    cost = 4;
    market.clock.turn(STEP);
    provider.payments.poll();

    assertEquals(amount(100), redeemed(account));
  }

  private ChannelLedger costing() {
    return (ChannelLedger)
        Proxy.newProxyInstance(
            ChannelLedger.class.getClassLoader(),
            new Class<?>[] {ChannelLedger.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("redemptionCost")) {
                return amount(cost);
              }
              try {
                return method.invoke(market.ledger, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
