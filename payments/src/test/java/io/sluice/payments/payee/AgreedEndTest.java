package io.sluice.payments.payee;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.closed;
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
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.protocol.retrieval.DealCode;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A channel of 100 whose lane has vouchered 30; the ledger's time is a second after NOW. */
class AgreedEndTest {
  private static final long MOST = 60;

  private final LatestView view = new LatestView(CHANNEL, 1);
  private final LaneCredits lanes = new LaneCredits(view);
  private final AgreedEnd end = new AgreedEnd(lanes, view);

  @BeforeEach
  void open() {
    ledger(1, channel(CHANNEL, 100, 0));
    PayeeLane lane = lanes.lane(0);
    lanes.take(lanes.claim(lane, amount(30)), voucher(CHANNEL, 0, 1, 30));
  }

  private void ledger(long turn, Channel channel) {
    view.see(view(channel, 100, turn));
  }

  private static CloseConsent asked(long total, long seconds) {
    return new CloseConsent(CHANNEL, amount(total), NOW.getEpochSecond() + seconds);
  }

  private Optional<PaymentRecord> agree(CloseConsent asked) {
    return end.agree(asked, MOST, false);
  }

  private void assertRefused(CloseConsent asked) {
    PaymentException refused = assertThrows(PaymentException.class, () -> agree(asked));
    assertEquals(DealCode.CLOSE_REFUSED, refused.code());
    assertFalse(end.isStanding(), "a refusal promises nothing");
  }

  @Test
  void total_hasToBeWhatIsVouchered() {
    assertRefused(asked(29, 30));
    assertRefused(asked(31, 30));
    assertEquals(
        Optional.of(new PaymentRecord.ConsentGiven(CHANNEL, amount(30), NOW.getEpochSecond() + 30)),
        agree(asked(30, 30)));
    assertTrue(end.isStanding());
  }

  @Test
  void givenMoreWasRedeemed_totalIsThat() {
    ledger(2, channel(CHANNEL, 100, 40));
    assertRefused(asked(30, 30));
    assertTrue(agree(asked(40, 30)).isPresent());
  }

  @Test
  void deadline_isNeitherOverNorFarAway() {
    assertRefused(asked(30, 0));
    assertRefused(asked(30, 1 + MOST + 1));
    assertTrue(agree(asked(30, 1 + MOST)).isPresent());
  }

  @Test
  void givenDealRunsOrIsTakingItsLane_refused() {
    assertThrows(PaymentException.class, () -> end.agree(asked(30, 30), MOST, true));
    lanes.lane(0).bind(new DealRef("p-1"));
    assertRefused(asked(30, 30));
  }

  @Test
  void givenVouchersAboveTheDeposit_refused() {
    lanes.take(lanes.claim(lanes.lane(1), amount(71)), voucher(CHANNEL, 1, 1, 71));
    assertRefused(asked(101, 30));
  }

  @Test
  void sameAgain_onlyOnceItIsDurable() {
    CloseConsent consent = asked(30, 30);
    agree(consent);
    assertThrows(PaymentException.class, () -> agree(consent), "it may yet be lost");
    end.keep();
    assertEquals(Optional.empty(), agree(consent), "nothing to write");
    assertThrows(PaymentException.class, () -> agree(asked(30, 31)), "another one");
  }

  @Test
  void givenNotWritten_itNeverWas() {
    agree(asked(30, 30));
    end.forget();
    assertFalse(end.isStanding());
    assertEquals(Optional.empty(), end.record());
    assertTrue(agree(asked(30, 31)).isPresent());
  }

  @Test
  void standing_untilTheLedgersTimeIsAfterTheDeadline() {
    agree(asked(30, 5));
    ledger(5, channel(CHANNEL, 100, 0));
    assertTrue(end.isStanding(), "at its last second it may be used");
    ledger(6, channel(CHANNEL, 100, 0));
    assertFalse(end.isStanding());
    assertTrue(agree(asked(30, 30)).isPresent(), "over, so that another may be given");
  }

  @Test
  void givenClosed_unknown() {
    ledger(2, closed(channel(CHANNEL, 100, 30)));
    assertEquals(
        DealCode.CHANNEL_UNKNOWN,
        assertThrows(PaymentException.class, () -> agree(asked(30, 30))).code());
  }

  @Test
  void restored_itStandsAndMayBeSignedAgain() {
    PaymentRecord.ConsentGiven given =
        new PaymentRecord.ConsentGiven(CHANNEL, amount(30), NOW.getEpochSecond() + 30);
    end.restore(given);
    assertTrue(end.isStanding());
    assertEquals(Optional.of(given), end.record());
    assertEquals(Optional.empty(), agree(asked(30, 30)));
  }
}
