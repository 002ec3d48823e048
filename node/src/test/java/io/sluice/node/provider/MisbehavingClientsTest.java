package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.Terms;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that do not keep to the rules: what each of them gets, what it costs, and what it is
 * told.
 */
@Timeout(120)
class MisbehavingClientsTest {

  /** One window, and at most one block beyond. */
  private static final long EXPOSURE = 1_000 + 1_000;

  @TempDir Path folder;
  private Market market;
  private Client client;
  private Bytes32 channel;

  @BeforeEach
  void open() throws IOException {
    open(new Market(folder));
  }

  private void open(Market with) throws IOException {
    market = with;
    market.price(market.dag.root(), Market.TERMS);
    client = market.client("client");
    channel = client.channel(20_000);
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private TokenAmount vouchered() {
    return market.payments.payee().books().stream()
        .map(book -> book.vouchered())
        .reduce(TokenAmount.ZERO, TokenAmount::plus);
  }

  // stops paying

  @Test
  void whoStopsPayingGetsOneWindowAndIsRemembered() throws IOException {
    Client.Deal deal = client.deal(1, channel, 0).propose();
    long got = deal.awaitClosedGate();
    assertTrue(got <= EXPOSURE, () -> "sent " + got);

    market.pass(Duration.ofMinutes(10));
    ProviderDeal parked = market.awaitDeal(client, 1, ProviderState.SUSPENDED);
    assertEquals(Optional.of(DealCode.PAYMENT_TIMEOUT), parked.reason());
    market.pass(Duration.ofHours(24));
    ProviderDeal failed = market.awaitDeal(client, 1, "FAILED_UNPAID");
    assertEquals(Optional.of(DealCode.PAYMENT_TIMEOUT), failed.reason());
    assertEquals(TokenAmount.of(got), failed.owed());
    assertEquals(TokenAmount.ZERO, vouchered());

    deal.pay(1, got);
    ProviderDeal paid = market.awaitDeal(client, 1, "FAILED");
    assertEquals(TokenAmount.of(got), paid.credit());
    assertEquals(TokenAmount.of(got), vouchered());
  }

  // vouchers

  @Test
  void forgedVoucherEndsTheDeal() throws IOException {
    Client.Deal deal = client.deal(1, channel, 0).propose();
    long got = deal.awaitClosedGate();
    SigningKey stranger = SigningKey.generate(market.random);
    deal.pay(
        stranger.sign(market.ledger.domain(), new Voucher(channel, 0, 1, TokenAmount.of(got))));

    ProviderDeal failed = market.awaitDeal(client, 1, "FAILED_UNPAID");
    assertEquals(Optional.of(DealCode.VOUCHER_BAD_SIGNATURE), failed.reason());
    market.assertKnown("VOUCHER_BAD_SIGNATURE");
    assertEquals(TokenAmount.ZERO, vouchered());
    deal.awaitResult("VOUCHER_BAD_SIGNATURE");
  }

  @Test
  void foreignVouchersEndTheDeal() throws IOException {
    Bytes32 other = client.channel(5_000);
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();
    deal.pay(client.voucher(other, 0, 1, 1_000));
    assertEquals(
        Optional.of(DealCode.VOUCHER_WRONG_CHANNEL),
        market.awaitDeal(client, 1, "FAILED_UNPAID").reason());
    market.assertKnown("VOUCHER_WRONG_CHANNEL");

    Client.Deal second = client.deal(2, channel, 1);
    second.into = new MemoryBlockStore();
    deal.pay(1, deal.charged);
    market.awaitDeal(client, 1, "FAILED");
    second.propose();
    second.awaitClosedGate();
    second.pay(client.voucher(channel, 0, 2, 9_000));
    assertEquals(
        Optional.of(DealCode.VOUCHER_WRONG_LANE),
        market.awaitDeal(client, 2, "FAILED_UNPAID").reason());
    market.assertKnown("VOUCHER_WRONG_LANE");
    assertEquals(TokenAmount.of(deal.charged), vouchered());
  }

  @Test
  void staleDuplicateAndOvertakingVouchersChangeNothing() throws IOException {
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();
    SignedVoucher low = client.voucher(channel, 0, 1, 300);
    SignedVoucher high = client.voucher(channel, 0, 2, 900);

    deal.pay(high);
    Market.until(
        () -> market.deal(client, 1).orElseThrow().data().credit().equals(TokenAmount.of(900)),
        () -> "not credited");
    deal.pay(low);
    deal.pay(high);
    deal.pay(client.voucher(channel, 0, 7, 900));
    deal.pay(client.voucher(channel, 0, 8, 1_000));
    Market.until(
        () -> market.deal(client, 1).orElseThrow().data().credit().equals(TokenAmount.of(1_000)),
        () -> "not credited");

    ProviderDeal now = market.deal(client, 1).orElseThrow().data();
    assertEquals(2, now.vouchers());
    Market.until(() -> vouchered().equals(TokenAmount.of(1_000)), () -> "kept " + vouchered());
    Market.until(
        () -> market.counts.earned().equals(TokenAmount.of(1_000)),
        () -> "counted " + market.counts.earned());
  }

  @Test
  void tooSmallStepsCountOnceTheyHaveAddedUp() throws IOException {
    market.close();
    open(
        new Market(
            folder.resolveSibling(folder.getFileName() + "-step"),
            ProviderLimits.DEFAULT,
            TokenAmount.of(100)));
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();

    deal.pay(1, 40);
    Market.until(() -> vouchered().equals(TokenAmount.of(40)), () -> "not kept");
    assertEquals(TokenAmount.ZERO, market.deal(client, 1).orElseThrow().data().credit());
    deal.pay(2, 120);
    Market.until(
        () -> market.deal(client, 1).orElseThrow().data().credit().equals(TokenAmount.of(120)),
        () -> "not credited");
  }

  @Test
  void unfundedVoucherCountsAsFarAsTheDepositGoes() throws IOException {
    Bytes32 small = client.channel(1_500);
    Client.Deal deal = client.deal(1, small, 0).propose();
    deal.awaitClosedGate();
    deal.pay(1, 9_000);

    DealResult used = deal.awaitResult("DEPOSIT_USED");
    assertTrue(used.shortfall().isPresent());
    ProviderDeal now = market.deal(client, 1).orElseThrow().data();
    assertEquals(TokenAmount.of(1_500), now.credit());
    assertTrue(deal.received <= 1_500 + 1_000, () -> "sent " + deal.received);

    client.topUp(small, 20_000);
    Market.until(
        () -> market.deal(client, 1).orElseThrow().data().credit().equals(TokenAmount.of(9_000)),
        () -> "not credited: " + market.deal(client, 1));
    Market.until(() -> deal.charged >= 9_000, () -> "no more data");
  }

  // openings

  @Test
  void paidProposalWithoutOpeningGetsNothing() throws IOException {
    Client.Deal deal = client.deal(1, channel, 0);
    deal.withOpening = false;
    deal.propose();
    market.awaitDeal(client, 1, ProviderState.AWAITING_OPENING);
    market.pass(Duration.ofSeconds(30));

    assertEquals(Optional.of(DealCode.NO_OPENING), market.awaitDeal(client, 1, "REFUSED").reason());
    market.assertKnown("NO_OPENING");
    assertEquals("NO_OPENING", deal.awaitRefusal());
    assertEquals(0, deal.received);
    assertEquals(0, market.counts.served());
  }

  @Test
  void replayedOpeningsAreRefused() throws IOException {
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();

    Client thief = market.client("thief");
    Client.Deal stolen = thief.deal(1, channel, 0);
    stolen.opening = Optional.of(deal.opening());
    stolen.propose();
    assertEquals("OPEN_BAD_SIGNATURE", stolen.awaitRefusal());
    assertEquals(DealCode.OPEN_BAD_SIGNATURE, stolen.awaitResult("OPEN_BAD_SIGNATURE").code());
    assertEquals(Optional.of(DealCode.OPEN_BAD_SIGNATURE), market.awaitRefused(thief, 1).reason());
    market.assertKnown("OPEN_BAD_SIGNATURE");

    Client.Deal again = client.deal(2, channel, 0);
    DealOpening old = deal.opening();
    again.opening =
        Optional.of(
            new DealOpening(
                2,
                old.terms(),
                old.payee(),
                old.channel(),
                old.lane(),
                old.best(),
                old.signature()));
    again.propose();
    assertEquals("OPEN_BAD_SIGNATURE", again.awaitRefusal());
    assertEquals(0, stolen.received + again.received);
  }

  @Test
  void otherOpeningUnderAKnownNumberIsRefused() throws IOException {
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();
    Client.Deal other = client.deal(1, channel, 4);
    other.transfer = 5;
    other.propose();

    assertEquals("DEAL_ID_TAKEN", other.awaitRefusal());
    assertEquals(ProviderState.FUNDS_NEEDED, market.deal(client, 1).orElseThrow().state());
  }

  @Test
  void badChannelsAreRefused() throws IOException {
    Client.Deal unfunded = client.deal(1, client.channel(99), 0).propose();
    assertEquals("INSUFFICIENT_DEPOSIT", unfunded.awaitRefusal());
    assertEquals(
        Optional.of(TokenAmount.of(1)), unfunded.awaitResult("INSUFFICIENT_DEPOSIT").shortfall());

    Bytes32 settling = client.channel(5_000);
    client.settle(settling);
    assertEquals("CHANNEL_CLOSING", client.deal(2, settling, 0).propose().awaitRefusal());

    Client rich = market.client("rich");
    Client.Deal theirs = client.deal(3, rich.channel(5_000), 0).propose();
    assertEquals("OPEN_BAD_SIGNATURE", theirs.awaitRefusal());

    Bytes32 elsewhere = client.channel(5_000, rich.key.address(), 3600);
    assertEquals("CHANNEL_UNACCEPTABLE", client.deal(4, elsewhere, 0).propose().awaitRefusal());
    assertEquals(
        "CHANNEL_UNACCEPTABLE",
        client.deal(5, Bytes32.of(new byte[32]), 0).propose().awaitRefusal());
    Bytes32 hasty = client.channel(5_000, market.payee.address(), 30);
    assertEquals("CHANNEL_UNACCEPTABLE", client.deal(6, hasty, 0).propose().awaitRefusal());
    assertEquals(0, market.counts.served());
  }

  @Test
  void twoDealsOnOneLaneAreOneTooMany() throws IOException {
    Client.Deal first = client.deal(1, channel, 0).propose();
    first.awaitClosedGate();
    Client.Deal second = client.deal(2, channel, 0);
    second.into = new MemoryBlockStore();
    second.propose();

    assertEquals("LANE_BUSY", second.awaitRefusal());
    assertEquals(0, second.received);
  }

  @Test
  void laneBehindGetsTheVoucherItLost() throws IOException {
    Client.Deal first = client.deal(1, channel, 0).propose();
    first.awaitClosedGate();
    first.cancel();
    market.awaitDeal(client, 1, "CANCELLED_UNPAID");
    first.pay(3, first.charged);
    market.awaitDeal(client, 1, "CANCELLED");

    Client.Deal second = client.deal(2, channel, 0);
    second.into = new MemoryBlockStore();
    second.propose();
    DealResult behind = second.awaitResult("LANE_BEHIND");
    assertEquals(TokenAmount.of(first.charged), behind.best().orElseThrow().amount());

    Client.Deal third = client.deal(3, channel, 0);
    third.into = new MemoryBlockStore();
    third.best = Optional.of(SignedVoucher.of(behind.best().orElseThrow()));
    third.propose();
    third.awaitClosedGate();
  }

  // restarts

  @Test
  void restartFarAheadAndBackGetsNothingForNothing() throws IOException {
    Client.Deal deal = client.deal(1, channel, 0).propose();
    long got = deal.awaitClosedGate();
    deal.pay(1, got);
    Market.until(() -> deal.charged > got, () -> "no more data");
    Market.until(
        () ->
            market
                .deal(client, 1)
                .filter(view -> view.state() == ProviderState.FUNDS_NEEDED)
                .filter(view -> view.data().charged() > got)
                .isPresent(),
        () -> "the gate did not close a second time");
    long charged = market.deal(client, 1).orElseThrow().data().charged();

    market.network.cut(market.host, client.host);
    market.awaitDeal(client, 1, ProviderState.SUSPENDED);
    long servedBefore = market.counts.served();
    deal.into = new MemoryBlockStore();
    deal.restart(40);
    ProviderDeal ahead = market.awaitDeal(client, 1, ProviderState.FUNDS_NEEDED);
    assertEquals(servedBefore, market.counts.served());
    assertEquals(charged, ahead.charged());

    market.network.cut(market.host, client.host);
    market.awaitDeal(client, 1, ProviderState.SUSPENDED);
    for (int again = 1; again <= 8; again++) {
      deal.restart(0);
      assertEquals("RESTART_BEHIND_PAID", deal.awaitRefusal());
      deal.awaitEnd();
      assertEquals(again, market.counts.refusals("RESTART_BEHIND_PAID"));
      market.awaitDeal(client, 1, ProviderState.SUSPENDED);
    }
    assertEquals(servedBefore, market.counts.served());
    assertEquals(charged, market.awaitDeal(client, 1, ProviderState.SUSPENDED).charged());
    assertEquals(
        TokenAmount.of(got), market.awaitDeal(client, 1, ProviderState.SUSPENDED).credit());
  }

  @Test
  void restartsUseUpNothingThatNewDealsNeed() throws IOException {
    market.close();
    int proposals = 2;
    open(
        new Market(
            folder.resolveSibling(folder.getFileName() + "-rate"),
            ProviderLimits.DEFAULT.with(new ProviderLimits.PeerRates(proposals, proposals, 1000)),
            TokenAmount.ZERO));
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();
    for (int restart = 1; restart <= 2 * proposals; restart++) {
      market.network.cut(market.host, client.host);
      market.awaitDeal(client, 1, ProviderState.SUSPENDED);
      deal.restart(0);
      market.awaitDeal(client, 1, ProviderState.FUNDS_NEEDED);
    }

    client.deal(2, channel, 1).propose().awaitClosedGate();
    assertEquals("RATE_LIMITED", client.deal(3, channel, 2).propose().awaitRefusal());
  }

  @Test
  void whatIsNotHereIsNotFoundWhateverIsOfferedForIt() throws IOException {
    Client.Deal free = client.deal(1, channel, 0);
    free.root = TestDag.of(99, 1, 1, 10).root();
    free.terms = Terms.FREE;
    free.propose();

    assertEquals("NOT_FOUND", free.awaitRefusal());
    free.awaitResponse(DealStatus.DEAL_NOT_FOUND);
  }

  @Test
  void restartsWithoutMovementAreCounted() throws IOException {
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();
    for (int restart = 1; restart <= 16; restart++) {
      market.network.cut(market.host, client.host);
      market.awaitDeal(client, 1, ProviderState.SUSPENDED);
      deal.restart(0);
      market.awaitDeal(client, 1, ProviderState.FUNDS_NEEDED);
    }
    market.network.cut(market.host, client.host);
    market.awaitDeal(client, 1, ProviderState.SUSPENDED);
    deal.restart(0);

    assertEquals("TOO_MANY_RESTARTS", deal.awaitRefusal());
  }

  @Test
  void otherListAtARestartIsRefused() throws IOException {
    List<Cid> had = market.dag.leaves().subList(0, 40);
    Client.Deal deal = client.deal(1, channel, 0);
    deal.leftOut = new Exclusions(3, had);
    for (Cid cid : had) {
      client.store.put(market.dag.store().get(cid).orElseThrow());
    }
    market.dag.store().get(market.dag.root()).ifPresent(client.store::put);
    market.dag.store().get(market.dag.groups().getFirst()).ifPresent(client.store::put);
    deal.propose();
    long before = market.awaitDeal(client, 1, ProviderState.FINALIZING).charged();
    market.network.cut(market.host, client.host);

    deal.restart(new Exclusions(3, List.of()));
    assertEquals("EXCLUSIONS_CHANGED", deal.awaitRefusal());
    deal.restart(new Exclusions(0, had));
    assertEquals("EXCLUSIONS_CHANGED", deal.awaitRefusal());
    assertTrue(market.counts.served() <= before);
  }

  // debts

  @Test
  void payerIsRememberedWhicheverPeerItComesAs() throws IOException {
    int admitted = 0;
    String refusal = "";
    long owed = 0;
    for (int name = 1; name <= 6 && refusal.isEmpty(); name++) {
      Client another = market.client("peer-" + name, client.key);
      Client.Deal deal = another.deal(name, channel, name).propose();
      Market.until(
          () -> deal.received >= 1_000 || deal.result != null, () -> "neither: " + deal.heard);
      if (deal.received == 0) {
        refusal = deal.awaitRefusal();
        assertEquals(DealCode.UNPAID, deal.awaitResult("UNPAID").code());
        continue;
      }
      admitted++;
      owed += deal.awaitClosedGate();
      deal.cancel();
      long number = name;
      market.awaitDeal(another, number, "CANCELLED_UNPAID");
      int over = admitted; // counted once the debt is, which follows what is stored
      Market.until(() -> market.counts.ended.size() == over, () -> "" + market.counts.ended);
    }

    assertEquals("UNPAID", refusal);
    assertTrue(admitted <= 2, admitted + " deals were served");
    assertTrue(owed <= 2 * EXPOSURE, owed + " bytes are owed");
    assertEquals(TokenAmount.ZERO, vouchered());
  }

  // side doors

  @Test
  void childOfAPricedRootCostsTheDearest() throws IOException {
    Cid child = market.dag.leaves().getFirst();
    Client.Deal free = client.deal(1, channel, 0);
    free.root = child;
    free.terms = Terms.FREE;
    free.propose();
    assertEquals("PRICE_TOO_LOW", free.awaitRefusal());

    Client.Deal paid = client.deal(2, channel, 0);
    paid.root = child;
    paid.propose();
    assertEquals(250, market.awaitDeal(client, 2, ProviderState.FINALIZING).charged());
    paid.pay(1, 250);
    assertEquals(TokenAmount.of(250), market.awaitDeal(client, 2, "COMPLETED").credit());
  }

  @Test
  void contentWithoutPriceIsNotOffered() throws IOException {
    market.prices.remove(Optional.of(market.dag.root()));
    market.clock.turn(Duration.ofSeconds(601));
    assertEquals("NOT_OFFERED", client.deal(1, channel, 0).propose().awaitRefusal());
  }

  // too much

  @Test
  void tooManyProposalsAndDealsAreRefusedWithATimeToWait() throws IOException {
    market.close();
    open(
        new Market(
            folder.resolveSibling(folder.getFileName() + "-rate"),
            ProviderLimits.DEFAULT
                .with(new ProviderLimits.DealCounts(1, 10))
                .with(new ProviderLimits.PeerRates(60, 3, 10)),
            TokenAmount.ZERO));
    client.deal(1, channel, 0).propose().awaitClosedGate();
    assertEquals("TOO_MANY_DEALS", client.deal(2, channel, 1).propose().awaitRefusal());
    client.deal(3, channel, 1).propose().awaitRefusal();
    Client.Deal fourth = client.deal(4, channel, 1).propose();
    assertEquals("RATE_LIMITED", fourth.awaitRefusal());
    assertEquals(Optional.of(1L), fourth.awaitResult("RATE_LIMITED").retryAfter());
  }

  @Test
  void whoPaysMayProposeAgain() throws IOException {
    market.close();
    open(
        new Market(
            folder.resolveSibling(folder.getFileName() + "-paid"),
            ProviderLimits.DEFAULT.with(new ProviderLimits.PeerRates(1, 2, 1)),
            TokenAmount.ZERO));
    // Told of last: the provider itself has heard by then, and counts the peer as one that pays.
    AtomicLong settled = new AtomicLong();
    market
        .provider
        .deals()
        .listen(
            applied -> {
              if (applied.event().equals("SETTLED")) {
                settled.incrementAndGet();
              }
            });
    for (long number = 1; number <= 3; number++) {
      Client.Deal deal = leaf(number);
      market.awaitDeal(client, number, ProviderState.FINALIZING);
      deal.pay(1, 250);
      market.awaitDeal(client, number, "COMPLETED");
      long all = number;
      Market.until(() -> settled.get() == all, () -> "told of " + settled);
    }
    for (long number = 4; number <= 5; number++) {
      leaf(number);
      market.awaitDeal(client, number, ProviderState.FINALIZING);
    }
    assertEquals("RATE_LIMITED", leaf(6).awaitRefusal());
  }

  private Client.Deal leaf(long number) throws IOException {
    Client.Deal deal = client.deal(number, channel, number);
    deal.root = market.dag.leaves().getFirst();
    deal.propose();
    return deal;
  }
}
