package io.sluice.payments.payee;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.TERMS;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One unit a byte, windows of 1000; the lane stood at 100 when the deal took it. */
class DealFiguresTest {
  private static final DealRef DEAL = new DealRef("p-1");

  private final PayeeLane lane = new PayeeLane(0);
  private final DealFigures deal = new DealFigures(DEAL, lane, amount(100), TERMS);

  private void paid(long lanesTotal) {
    lane.keep(voucher(CHANNEL, 0, lanesTotal, lanesTotal));
    lane.raiseCredit(amount(lanesTotal));
  }

  @Test
  void credit_isTheLanesPartAboveTheBase() {
    paid(100);
    assertEquals(amount(0), deal.credit());
    paid(130);
    assertEquals(amount(30), deal.credit());
    assertEquals(amount(30), deal.vouchered());
  }

  @Test
  void charge_absoluteAndNeverLess() {
    deal.charge(500);
    deal.charge(400);

    assertEquals(500, deal.charged());
    assertEquals(amount(500), deal.due());
    assertEquals(amount(500), deal.owed());
    assertFalse(deal.isSettled());
    paid(600);
    assertEquals(amount(0), deal.owed());
    assertTrue(deal.isSettled());
  }

  @Test
  void voucheredButNotCounted_owesNothingAndIsNotSettled() {
    deal.charge(500);
    lane.keep(voucher(CHANNEL, 0, 1, 600));

    assertEquals(amount(0), deal.owed());
    assertFalse(deal.isSettled());
  }

  @Test
  void frozen_whatComesAfterIsTheNextDeals() {
    paid(300);
    deal.freeze(amount(250));
    deal.freeze(amount(400));
    paid(500);

    assertTrue(deal.isFrozen());
    assertEquals(amount(150), deal.credit());
    assertEquals(amount(150), deal.share(amount(900)));
    assertEquals(amount(50), deal.share(amount(150)));
  }

  @Test
  void frozenBelowItsBase_hasNothing() {
    deal.freeze(amount(50));
    paid(500);

    assertEquals(amount(0), deal.credit());
  }

  @Test
  void endedAndPaid_frozenAtWhatIsVouchered() {
    paid(700);
    deal.charge(600);
    deal.freezeIfPaid();
    assertFalse(deal.isFrozen(), "it goes on");

    deal.end(600, NOW);
    paid(800);

    assertTrue(deal.isFrozen());
    assertEquals(amount(600), deal.credit());
  }

  @Test
  void endedInDebt_openUntilItIsPaid() {
    deal.end(600, NOW);
    assertFalse(deal.isFrozen());
    paid(699);
    deal.freezeIfPaid();
    assertFalse(deal.isFrozen());
    paid(700);
    deal.freezeIfPaid();
    assertTrue(deal.isFrozen());
  }

  @Test
  void endedTwice_whenItWasFirst() {
    deal.end(600, NOW);
    deal.end(500, NOW.plusSeconds(9));

    assertFalse(deal.isLive());
    assertEquals(Optional.of(new PaymentRecord.DealEnded(DEAL, 600, NOW)), deal.endRecord());
  }

  @Test
  void live_noEndToRecord() {
    assertTrue(deal.isLive());
    assertEquals(Optional.empty(), deal.endRecord());
  }

  @Test
  void exposure_whatIsChargedAndNotPaidAsLongAsItIsLive() {
    assertEquals(0, deal.exposureChange());
    deal.charge(500);
    assertEquals(500, deal.exposureChange());
    assertEquals(0, deal.exposureChange());
    paid(400);
    assertEquals(-300, deal.exposureChange());
    paid(5000);
    assertEquals(-200, deal.exposureChange());
  }

  @Test
  void ended_usesNothingOfThePayersLimit() {
    deal.charge(500);
    deal.exposureChange();
    deal.end(700, NOW);

    assertEquals(-500, deal.exposureChange());
  }

  @Test
  void debt_fadesByAnIntervalADay() {
    assertEquals(0, deal.debt(NOW));
    deal.charge(2500);
    assertEquals(0, deal.debt(NOW), "a live deal has none");
    deal.end(2500, NOW);
    paid(200);

    assertEquals(2400, deal.debt(NOW));
    assertEquals(2400, deal.debt(NOW.minusSeconds(60)), "clocks differ");
    assertEquals(1900, deal.debt(NOW.plus(Duration.ofHours(12))));
    assertEquals(400, deal.debt(NOW.plus(Duration.ofDays(2))));
    assertEquals(0, deal.debt(NOW.plus(Duration.ofDays(3))));
  }

  @Test
  void forgettable_onlyOverPaidAndReplaced() {
    lane.pays(deal);
    paid(700);
    deal.charge(600);
    assertFalse(deal.isForgettable(NOW), "live");
    deal.end(600, NOW);
    assertFalse(deal.isForgettable(NOW), "the lane's newest");
    lane.pays(new DealFigures(new DealRef("p-2"), lane, amount(700), TERMS));
    assertTrue(deal.isForgettable(NOW));
  }

  @Test
  void inDebt_notForgottenUntilItHasFaded() {
    deal.end(600, NOW);
    deal.freeze(amount(100));
    lane.pays(new DealFigures(new DealRef("p-2"), lane, amount(100), TERMS));

    assertFalse(deal.isForgettable(NOW));
    assertTrue(deal.isForgettable(NOW.plus(Duration.ofDays(1))));
  }
}
