package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attacks on the money of one end, each played to its end on a ledger, and what is taken by it at
 * most. The explanation page of threats has all of them, also those that other tests play.
 */
class ThreatsTest {
  private static final Duration CHALLENGE = Duration.ofHours(1);

  @TempDir Path directory;
  private Market market;
  private Home client;
  private Home provider;

  @BeforeEach
  void open() throws IOException {
    market = new Market(directory);
    client = market.client;
    provider = market.provider;
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  private static void refused(DealCode code, OpeningDecision opening) {
    assertEquals(code, assertInstanceOf(OpeningRefused.class, opening, opening.toString()).code());
  }

  private SignedVoucher signed(Bytes32 channel, long lane, long nonce, long total) {
    return client.key.sign(
        market.ledger.domain(), new Voucher(channel, lane, nonce, amount(total)));
  }

  private Channel channel(Bytes32 id) throws IOException {
    return market.ledger.channel(id).orElseThrow();
  }

  private TokenAmount credit(EvmAddress account) throws IOException {
    return market.ledger.credit(Home.COIN, account);
  }

  // of clients

  /** Each pays until its window has grown, and takes then what it can get for nothing. */
  @Test
  void manyIdentitiesThatLeave_takeTheNodesCapAndAFirstIntervalEach() throws Exception {
    Terms growing = new Terms(amount(Terms.MIB), amount(0), 1000, 1000, 64_000, 600);
    long paid = 10_000;
    long window = growing.window(paid);
    long cap = 30_000;
    int identities = 30;
    PayeePolicy defaults = provider.payeePolicy;
    provider.payeePolicy =
        new PayeePolicy(
            defaults.payees(),
            defaults.payerUnpaidBytes(),
            cap,
            defaults.minimumStep(),
            defaults.minimumRedemption(),
            defaults.maxUnredeemedAge(),
            defaults.maxUnredeemed(),
            defaults.staleAfter(),
            defaults.maxLanes(),
            defaults.maxChannels());
    provider.restart();

    long unpaid = 0;
    for (int identity = 0; identity < identities; identity++) {
      Home taker = new Home(10 + identity, market.ledger, market.clock, 1_000_000, 0, 1);
      market.ledger.faucet(
          new IntentId("gift-" + identity), Home.COIN, taker.key.address(), amount(1_000_000));
      LaneTicket ticket = taker.acquire("c-1", provider.payee(), 100_000);
      String deal = "p-of-" + identity;
      OpeningDecision opening =
          provider.open(deal, taker.opening(ticket, 1, growing, provider.payee()));
      DealAccount account =
          provider.done(assertInstanceOf(OpeningDecision.Admitted.class, opening).account());
      account.charged(paid);
      provider.done(
          assertInstanceOf(
                  VoucherDecision.Kept.class,
                  provider
                      .payeeSide()
                      .receive(new DealRef(deal), taker.pay("c-1", paid).payment(1, 0, false)))
              .taken());
      while (account.pass(1000) == BlockPermit.OPEN) {
        account.charged(account.charged() + 1000);
      }
      unpaid += account.charged() - paid;
    }

    long each = growing.interval() + 1000;
    assertTrue(unpaid > cap, "the attack was played");
    assertTrue(unpaid <= cap + window + 1000 + identities * each, unpaid + " bytes for nothing");
  }

  @Test
  void lowerAmountWithAHigherNonce_isWorthNothing() throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.give(1, client.pay("c-1", 700));

    market.give(1, signed(account.channel(), account.lane(), Long.MAX_VALUE, 10));

    assertEquals(amount(700), account.credit());
    assertEquals(amount(700), account.vouchered());
    provider.payeeSide().redeem(account.channel());
    assertEquals(amount(700), channel(account.channel()).redeemed());
    market.give(1, client.pay("c-1", 900));
    assertEquals(amount(900), account.credit());
  }

  @Test
  void oneDepositPromisedToTwoProviders_countsForTheOneItWasPaidInFor() throws Exception {
    Home second = new Home(3, market.ledger, market.clock, 1_000_000, 0, 1);
    LaneTicket first = client.acquire("c-1", provider.payee(), 5000);

    refused(
        DealCode.CHANNEL_UNACCEPTABLE,
        second.open("p-1", signedOpening(first.channel(), second.payee())));

    LaneTicket other = client.acquire("c-2", second.payee(), 5000);
    assertNotEquals(first.channel(), other.channel());
    assertEquals(
        amount(10_000_000 - 10_000), market.ledger.balance(Home.COIN, client.key.address()));
  }

  /** An opening as whoever has the key can make it, with or without a home. */
  private DealOpening signedOpening(Bytes32 channel, Payee payee) {
    OpenClaim claim =
        OpenClaim.of(
            channel,
            0,
            1,
            Home.CLIENT,
            Home.PROVIDER,
            payee,
            Home.ROOT,
            Home.SELECTOR,
            Market.TERMS);
    return new DealOpening(
        1,
        Market.TERMS,
        payee,
        channel,
        0,
        Optional.empty(),
        client.key.signature(market.ledger.domain(), claim));
  }

  @Test
  void channelThatSettlesDuringADeal_paysAllThatWasVouchered() throws Exception {
    DealAccount one = market.deal(1, 3000);
    DealAccount two = market.deal(2, 2000);
    market.give(1, client.pay("c-1", 700));
    market.give(2, client.pay("c-2", 300));
    one.charged(1500);

    client.payer().settle(one.channel(), true);
    provider.payments.poll();

    assertEquals(amount(1000), channel(one.channel()).redeemed());
    long limit = one.limit();
    market.give(1, client.pay("c-1", 1500));
    assertEquals(limit, one.limit(), "nothing goes out for what may never be paid");
    provider.payments.poll();
    assertEquals(limit + 800, one.limit(), "but for what is");
    market.ledger.advance(CHALLENGE);
    market.poll();
    assertEquals("closed", channel(one.channel()).state());
    assertEquals(amount(1800), credit(provider.key.address()));
    assertEquals(amount(3200), credit(client.key.address()));
    assertEquals(0, two.charged());
  }

  @Test
  void payerThatSettlesWhileTheProviderIsDown_gainsNothingUntilTheChallengeIsOver()
      throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.give(1, client.pay("c-1", 1000));
    client.payer().settle(account.channel(), true);
    market.ledger.advance(CHALLENGE.multipliedBy(9).dividedBy(10));
    client.payments.poll();

    provider.restart();

    assertEquals(amount(1000), channel(account.channel()).redeemed());
    market.ledger.advance(CHALLENGE.dividedBy(10));
    client.payments.poll();
    assertEquals("closed", channel(account.channel()).state());
    assertEquals(amount(1000), credit(provider.key.address()));
    assertEquals(amount(4000), credit(client.key.address()));
  }

  /** What the page of threats says is lost then, and no more than that. */
  @Test
  void providerThatIsDownForAllOfTheChallenge_losesWhatItDidNotRedeemOfThatChannel()
      throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.give(1, client.pay("c-1", 1000));
    provider.payeeSide().redeem(account.channel());
    market.give(1, client.pay("c-1", 1300));
    client.payer().settle(account.channel(), true);
    market.ledger.advance(CHALLENGE);
    client.payments.poll();

    provider.restart();
    provider.payments.poll();

    assertEquals(amount(1000), credit(provider.key.address()));
    assertEquals(amount(1000), provider.book(ChannelBook.Role.PAYEE).redeemed());
    assertEquals(amount(1300), provider.book(ChannelBook.Role.PAYEE).vouchered());
  }

  // of whoever has a key

  @Test
  void stolenVoucherKey_paysTheOneThatItsChannelPays() throws Exception {
    DealAccount account = market.deal(1, 5000);
    EvmAddress thief = new Home(9, market.ledger, market.clock, 1, 0, 1).key.address();

    market.ledger.submit(
        new Intent.Redeem(
            new IntentId("theft"),
            thief,
            List.of(signed(account.channel(), 77, 1, 1_000_000_000))));

    assertEquals(amount(5000), credit(provider.key.address()));
    assertEquals(amount(0), credit(thief));
    assertEquals(amount(10_000_000 - 5000), market.ledger.balance(Home.COIN, client.key.address()));
  }

  // of time and memory

  /** The client is honest; what it was given goes on from its own voucher. */
  @Test
  void providerFromAnOldCopy_getsTheBestVoucherBackFromItsClient() throws Exception {
    market.deal(1, 5000);
    market.give(1, client.pay("c-1", 300));
    List<PaymentRecord> copy = new ArrayList<>(provider.journal);
    market.give(1, client.pay("c-1", 900));
    market.end(1, 900);
    provider.journal.clear();
    provider.journal.addAll(copy);
    provider.restart();
    assertEquals(amount(300), provider.book(ChannelBook.Role.PAYEE).vouchered());
    provider.done(provider.payeeSide().ended(new DealRef("p-1"), 900));

    LaneTicket ticket = client.acquire("c-2", provider.payee(), 1000);
    OpeningDecision opening =
        provider.open("p-2", client.opening(ticket, 2, Market.TERMS, provider.payee()));
    provider.done(
        assertInstanceOf(OpeningDecision.PreviousPaid.class, opening, opening.toString()).paid());

    assertEquals(amount(900), provider.book(ChannelBook.Role.PAYEE).vouchered());
    assertEquals(amount(900), market.bound(2, ticket, Market.TERMS).base());
  }

  /** Deadlines are the ledger's: a computer's own clock moves none of them. */
  @ParameterizedTest
  @ValueSource(longs = {-72, 72})
  void clocksThatAreDaysWrong_moveNoDeadline(long hours) throws Exception {
    Market.HandClock wrong = new Market.HandClock();
    wrong.turn(Duration.ofHours(hours));
    DealAccount account = market.deal(1, 5000);
    market.give(1, client.pay("c-1", 1000));
    Home late = new Home(2, market.ledger, wrong, 1_000_000, 0, 1);
    late.journal.addAll(provider.journal);
    late.restart();
    Home early = new Home(1, market.ledger, wrong, 1_000_000, 0, 1);
    early.journal.addAll(client.journal);
    early.restart();

    early.payer().settle(account.channel(), true);
    late.payments.poll();
    market.ledger.advance(CHALLENGE.minusSeconds(1));
    early.payments.poll();

    assertEquals(amount(1000), channel(account.channel()).redeemed());
    assertEquals("settling", channel(account.channel()).state(), "not collected before its time");
    market.ledger.advance(Duration.ofSeconds(1));
    early.payments.poll();
    assertEquals("closed", channel(account.channel()).state());
    assertEquals(amount(1000), credit(provider.key.address()));
  }

  // of nodes of the chain

  /** It answers, but always with the same old block: a settle would not be seen in it. */
  @Test
  void nodeOfTheChainThatHangs_letsNothingNewCount() throws Exception {
    Market.HandClock ours = new Market.HandClock();
    try (EmbeddedLedger hung =
        EmbeddedLedger.open(directory.resolve("hung"), market.clock, new SecureRandom())) {
      Home payer = new Home(1, hung, market.clock, 1_000_000, 0, 1);
      Home payee = new Home(2, hung, ours, 1_000_000, 0, 1);
      hung.faucet(new IntentId("gift"), Home.COIN, payer.key.address(), amount(10_000));
      LaneTicket ticket = payer.acquire("c-1", payee.payee(), 5000);
      DealOpening open = payer.opening(ticket, 1, Market.TERMS, payee.payee());
      DealAccount account =
          payee.done(
              assertInstanceOf(OpeningDecision.Admitted.class, payee.open("p-1", open)).account());
      give(payee, payer.pay("c-1", 400));
      assertEquals(amount(400), account.credit());

      ours.turn(Duration.ofMinutes(11));
      payee.payments.poll();
      give(payee, payer.pay("c-1", 600));

      assertEquals(amount(400), account.credit());
      assertEquals(amount(600), account.vouchered());
      refused(
          DealCode.CHAIN_STALE,
          payee.open("p-2", payer.opening(ticket, 1, Market.TERMS, payee.payee())));
      market.clock.turn(Duration.ofMinutes(11));
      payee.payments.poll();
      assertEquals(amount(600), account.credit());
    }
  }

  private static void give(Home payee, SignedVoucher voucher) throws IOException {
    payee.done(
        assertInstanceOf(
                VoucherDecision.Kept.class,
                payee.payeeSide().receive(new DealRef("p-1"), voucher.payment(1, 0, false)))
            .taken());
  }
}
