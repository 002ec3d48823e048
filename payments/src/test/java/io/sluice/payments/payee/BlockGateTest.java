package io.sluice.payments.payee;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.COIN;
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

import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.Samples;
import io.sluice.payments.token.Amounts;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One unit a byte, windows of 1000, a confirmed deposit of 5000; a payer 3000, the node 4000. */
class BlockGateTest {
  private static final PayeePolicy POLICY =
      new PayeePolicy(
          List.of(Samples.payee(PAYEE, 0, 1)),
          3000,
          4000,
          amount(0),
          Amounts.of(COIN, amount(1)),
          Duration.ofDays(1),
          Amounts.of(COIN, amount(100_000)),
          Duration.ofHours(1),
          3,
          1);

  private final Exposure exposure = new Exposure();
  private final PayeeContext context =
      new PayeeContext(POLICY, Clock.fixed(NOW, ZoneOffset.UTC), any -> {}, exposure);
  private final LatestView view = new LatestView(CHANNEL, 1);
  private final LaneCredits lanes = new LaneCredits(view);
  private final ChannelDeals deals = new ChannelDeals();
  private final BlockGate gate = new BlockGate(PAYER.address(), lanes, view, deals, context);
  private final DealFigures deal = deal("p-1", 0);

  private DealFigures deal(String name, long lane) {
    DealFigures made = new DealFigures(new DealRef(name), lanes.lane(lane), amount(0), TERMS);
    lanes.lane(lane).pays(made);
    deals.add(
        new DealAccount(
            new PayeeChannel(DOMAIN, CHANNEL, PAYER.address(), PAYER.address(), 1, context), made));
    return made;
  }

  @BeforeEach
  void deposit() {
    view.see(view(channel(CHANNEL, 5000, 0), 5000, 1));
  }

  private void pay(long lane, long total) {
    lanes.take(lanes.claim(lanes.lane(lane), amount(total)), voucher(CHANNEL, lane, total, total));
    lanes.judge(view.confirmed(), amount(1));
  }

  @Test
  void opensForAWindowBeyondWhatIsPaid() {
    deal.charge(999);
    assertEquals(BlockPermit.OPEN, gate.pass(deal, 500), "the block that crosses the limit goes");
    deal.charge(1000);
    assertEquals(BlockPermit.PAYMENT_NEEDED, gate.pass(deal, 1));
    pay(0, 1);
    assertEquals(BlockPermit.OPEN, gate.pass(deal, 1));
  }

  @Test
  void depositHasToBeGoodForWhatAllDealsOwe() {
    DealFigures other = deal("p-2", 1);
    pay(1, 4000);
    other.charge(4600); // owes 600 of the 1000 that are left
    deal.charge(399);
    assertEquals(BlockPermit.OPEN, gate.pass(deal, 1));
    deal.charge(400);
    assertEquals(BlockPermit.PAYMENT_NEEDED, gate.pass(deal, 1), "it owes some of that itself");
    pay(0, 400);
    assertEquals(BlockPermit.DEPOSIT_USED, gate.pass(deal, 1));
  }

  @Test
  void shortfall_isWhatAWindowMoreWouldTake_andNeverNothing() {
    assertEquals(amount(1), gate.shortfall(deal), "there is enough");
    pay(0, 4500);
    deal.charge(4500);
    assertEquals(amount(500), gate.shortfall(deal), "4500 and a window, of 5000");
  }

  @Test
  void givenPayerOwesTooMuchElsewhere_itIsAtItsLimit() {
    exposure.add(PAYER.address(), 2999);
    assertEquals(BlockPermit.OPEN, gate.pass(deal, 1));
    exposure.add(PAYER.address(), 1);
    assertEquals(BlockPermit.PAYER_LIMIT, gate.pass(deal, 1));
    deal.charge(1);
    assertEquals(BlockPermit.PAYMENT_NEEDED, gate.pass(deal, 1), "it can pay for that first");
  }

  @Test
  void givenNodeTrustsTooMuch_whoHasDebtsPaysAhead() {
    pay(0, 10);
    long trusted = gate.limit(deal);
    exposure.add(PAYEE, 4000);
    assertEquals(1010, gate.limit(deal));
    assertEquals(1010, trusted, "windows of one interval do not shrink");
    gate.indebted(true);
    assertEquals(10, gate.limit(deal));
  }
}
