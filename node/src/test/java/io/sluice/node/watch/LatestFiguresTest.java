package io.sluice.node.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.ledger.LedgerStanding;
import io.sluice.payments.watch.MoneyFigures;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One look is made for all who ask at a time, and nobody waits long for it. */
@Timeout(60)
class LatestFiguresTest {
  private static final long PATIENT = 30_000;

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger looks = new AtomicInteger();

  private MoneyFigures figures() {
    int number = looks.incrementAndGet();
    return new MoneyFigures(
        Optional.empty(),
        Optional.empty(),
        Instant.EPOCH,
        Instant.EPOCH,
        List.of(),
        LedgerStanding.DIRECT,
        number,
        0,
        0);
  }

  private LatestFigures latest(Supplier<MoneyFigures> look, long patience) {
    return new LatestFigures(look, nanos::get, patience);
  }

  private static Optional<Integer> number(LatestFigures latest) {
    return latest.get().map(MoneyFigures::acts);
  }

  @Test
  void lastsForASecond() {
    LatestFigures latest = latest(this::figures, PATIENT);

    assertEquals(Optional.of(1), number(latest));
    nanos.addAndGet(LatestFigures.LASTS_NANOS - 1);
    assertEquals(Optional.of(1), number(latest));
    nanos.addAndGet(1);
    assertEquals(Optional.of(2), number(latest));
  }

  @Test
  void whileALookTakesLong_theOneBeforeIsGiven_andNoOtherIsMade() throws InterruptedException {
    CountDownLatch ledger = new CountDownLatch(1);
    LatestFigures latest =
        latest(
            () -> {
              try {
                if (looks.get() > 0) {
                  ledger.await();
                }
                return figures();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            PATIENT);
    assertEquals(Optional.of(1), number(latest));
    nanos.addAndGet(LatestFigures.LASTS_NANOS);
    Thread reader = Thread.ofVirtual().start(latest::get);
    while (reader.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }

    nanos.addAndGet(LatestFigures.LASTS_NANOS);
    assertEquals(Optional.of(1), number(latest));
    assertEquals(1, looks.get());

    ledger.countDown();
    reader.join();
    nanos.addAndGet(-LatestFigures.LASTS_NANOS);
    assertEquals(Optional.of(2), number(latest));
  }

  @Test
  void whatFails_isNoFigureAndTriedAgain() {
    LatestFigures latest =
        latest(
            () -> {
              if (looks.get() == 0) {
                looks.incrementAndGet();
                throw new IllegalStateException("to see what happens");
              }
              return figures();
            },
            PATIENT);

    assertEquals(Optional.empty(), latest.get());
    nanos.addAndGet(LatestFigures.LASTS_NANOS);
    assertEquals(Optional.of(2), number(latest));
  }
}
