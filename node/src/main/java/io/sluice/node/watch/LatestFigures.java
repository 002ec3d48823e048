package io.sluice.node.watch;

import io.sluice.payments.watch.MoneyFigures;
import io.sluice.protocol.Ticker;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest look at the money, for the many figures that are asked for one after the other.
 *
 * <p>A look asks the ledger, and may wait for nodes that do not answer; just then somebody wants to
 * see the other figures. So it is made on a thread of its own, is waited for a moment only, and
 * whoever comes meanwhile gets the one before.
 */
public final class LatestFigures {
  private static final Logger LOG = LoggerFactory.getLogger(LatestFigures.class);

  /** Whoever asks more often gets the same. */
  static final long LASTS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Supplier<MoneyFigures> look;
  private final Ticker ticker;
  private final long patienceMillis;
  private volatile Optional<MoneyFigures> latest = Optional.empty();
  private @Nullable CountDownLatch underWay;
  private long begun;

  /**
   * None yet.
   *
   * @param look may block for as long as it likes; one at a time
   * @param patienceMillis how long one is waited for
   */
  public LatestFigures(Supplier<MoneyFigures> look, Ticker ticker, long patienceMillis) {
    this.look = look;
    this.ticker = ticker;
    this.patienceMillis = patienceMillis;
  }

  /** The newest; empty as long as no look has come to its end. Blocks for as long as patience. */
  public Optional<MoneyFigures> get() {
    Optional<CountDownLatch> ours = begin();
    if (ours.isPresent()) {
      try {
        boolean unused = ours.get().await(patienceMillis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return latest;
  }

  /** Only who begins a look waits for it. */
  private synchronized Optional<CountDownLatch> begin() {
    long now = ticker.nanos();
    if (underWay != null && (underWay.getCount() > 0 || now - begun < LASTS_NANOS)) {
      return Optional.empty();
    }
    CountDownLatch ended = new CountDownLatch(1);
    underWay = ended;
    begun = now;
    Thread unused = Thread.ofVirtual().name("money-watch").start(() -> look(ended));
    return Optional.of(ended);
  }

  private void look(CountDownLatch ended) {
    try {
      latest = Optional.of(look.get());
    } catch (RuntimeException e) { // what there was is old from now on, and the cause in the log
      LOG.error("the money cannot be looked at", e);
      latest = Optional.empty();
    } finally {
      ended.countDown();
    }
  }
}
