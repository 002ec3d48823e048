package io.sluice.payments.payer;

import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.OPEN;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.closed;
import static io.sluice.payments.Samples.settling;
import static io.sluice.payments.Samples.view;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the rest of a channel comes back, and what stands in the way. */
class RefundTest {
  private static final DealRef DEAL = new DealRef("c-1");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Bytes32 ID = OPEN.channel(DOMAIN);

  private final LatestView view = new LatestView(ID, 1);
  private final ChannelFunds funds = new ChannelFunds(OPEN.id(), view);
  private final LanePool lanes = new LanePool();
  private final Refund refund = new Refund(DOMAIN, OPEN, lanes, funds);
  private long turn;

  @BeforeEach
  void opened() {
    ledger(channel(ID, 100, 0));
    funds.ended(OPEN.id());
  }

  private void ledger(Channel channel) {
    view.see(view(channel, 100, ++turn));
  }

  private static List<PaymentRecord> records(Optional<PaymentRecord> record) {
    return record.stream().toList();
  }

  @Test
  void seenIdle_isRecordedOnceUntilADealLeaves() {
    Instant later = NOW.plusSeconds(60);
    assertEquals(List.of(new PaymentRecord.ChannelIdle(ID, NOW)), records(refund.seenIdle(NOW)));
    assertEquals(List.of(), records(refund.seenIdle(later)), "it idles since then already");
    refund.used();
    assertEquals(
        List.of(new PaymentRecord.ChannelIdle(ID, later)), records(refund.seenIdle(later)));
  }

  @Test
  void givenDealOnIt_isNotIdle() {
    lanes.give(DEAL, amount(10), Set.of(), funds);
    assertEquals(List.of(), records(refund.seenIdle(NOW)));
  }

  @Test
  void givenDealWaitsForMoney_isNotIdle() {
    funds.waiting().put(DEAL, amount(10));
    assertEquals(List.of(), records(refund.seenIdle(NOW)));
  }

  @Test
  void givenTopUpOnItsWay_isNotIdle() {
    funds.begun(new IntentId("top-up"));
    assertEquals(List.of(), records(refund.seenIdle(NOW)));
  }

  @Test
  void idleFunds_areWhatWasNotSignedAway() {
    lanes.lane(0).keep(voucher(ID, 0, 1, 30));
    refund.idle(NOW);
    assertEquals(Optional.of(new IdleFunds(NOW, amount(70))), refund.idleFunds());
  }

  @Test
  void givenItEnds_thereIsNothingIdle() {
    refund.idle(NOW);
    ledger(settling(channel(ID, 100, 0), NOW));
    assertEquals(Optional.empty(), refund.idleFunds());
    assertEquals(Optional.empty(), refund.planSettle(RANDOM));
  }

  @Test
  void givenIdle_whenSettlePlanned_thenNothingElseBegins() {
    refund.idle(NOW);
    Intent.Settle settle = refund.planSettle(RANDOM).orElseThrow();
    assertEquals(ID, settle.channel());
    assertTrue(funds.isOnItsWay(settle.id()));
    assertEquals(Optional.empty(), refund.planSettle(RANDOM), "one is on its way");
  }

  @Test
  void givenChallengePeriod_collectionWaitsForItsEnd() {
    Channel ends = settling(channel(ID, 100, 40), NOW.plusSeconds(10));
    ledger(ends);
    assertEquals(Optional.empty(), refund.planCollect(PAYER.address(), RANDOM));
    PlannedAct plan = refund.planOfCollecting().orElseThrow();
    assertEquals(amount(60), plan.amount());
    assertEquals(Optional.of(NOW.plusSeconds(10)), plan.at());

    turn = 20; // samples have a second a turn
    ledger(ends);
    Intent.Collect collect = refund.planCollect(PAYER.address(), RANDOM).orElseThrow();
    assertTrue(funds.isOnItsWay(collect.id()));
    assertEquals(Optional.empty(), refund.planCollect(PAYER.address(), RANDOM));
  }

  @Test
  void givenClosed_nothingIsCollected() {
    ledger(closed(channel(ID, 100, 40)));
    assertEquals(Optional.empty(), refund.planOfCollecting());
    assertEquals(Optional.empty(), refund.planCollect(PAYER.address(), RANDOM));
  }

  @Test
  void consent_isAskedForAllThatWasSigned_andNothingIsPromisedMeanwhile() {
    lanes.lane(0).keep(voucher(ID, 0, 1, 30));
    lanes.lane(1).keep(voucher(ID, 1, 1, 12));
    assertEquals(new CloseConsent(ID, amount(42), 1_000), refund.proposeClose(1_000));
    assertFalse(funds.isUsable());
    PaymentException again = assertThrows(PaymentException.class, () -> refund.proposeClose(1_000));
    assertEquals(DealCode.CHANNEL_CLOSING, again.code());
  }

  @Test
  void givenSomethingOnItsWay_consentIsNotAskedFor() {
    funds.begun(new IntentId("top-up"));
    assertThrows(PaymentException.class, () -> refund.proposeClose(1_000));
    assertTrue(funds.isUsable(), "what was refused changes nothing");
  }
}
