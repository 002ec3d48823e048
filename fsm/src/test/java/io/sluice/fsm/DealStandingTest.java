package io.sluice.fsm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.retrieval.DealCode;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DealStandingTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final Instant LATER = START.plusSeconds(1);
  private static final Instant LAST = START.plusSeconds(2);
  private static final DealReason LOST = new DealReason(DealCode.CONNECTION_LOST, "gone");
  private static final DealStanding NEW = DealStanding.begun(START);

  @Test
  void givenABegunDeal_thenNothingIsWrongAndNothingHasEnded() {
    assertEquals(new DealStanding(START, START, Optional.empty(), Optional.empty()), NEW);
  }

  @Test
  void givenAReason_whenMoved_thenItStays_whenGoingOn_thenItIsGone() {
    DealStanding stopped = NEW.because(LATER, LOST);

    assertEquals(new DealStanding(START, LATER, Optional.of(LOST), Optional.empty()), stopped);
    assertEquals(
        new DealStanding(START, LAST, Optional.of(LOST), Optional.empty()), stopped.moved(LAST));
    assertEquals(
        new DealStanding(START, LAST, Optional.empty(), Optional.empty()), stopped.goingOn(LAST));
  }

  @Test
  void givenAnEnd_whenEndedOnceMore_thenTheFirstCounts() {
    DealStanding failed = NEW.because(LATER, LOST).ended(LATER, DealOutcome.FAILED);

    assertEquals(
        new DealStanding(
            START, LAST, Optional.of(LOST), Optional.of(new DealEnd(LATER, DealOutcome.FAILED))),
        failed.ended(LAST, DealOutcome.COMPLETED));
  }

  @Test
  void whatIsStored_readsAsItWas() {
    DealStanding ended = NEW.because(LATER, LOST).ended(LAST, DealOutcome.CANCELLED);

    assertEquals(NEW, DealStanding.CODEC.decode(DealStanding.CODEC.encode(NEW)));
    assertEquals(ended, DealStanding.CODEC.decode(DealStanding.CODEC.encode(ended)));
  }
}
