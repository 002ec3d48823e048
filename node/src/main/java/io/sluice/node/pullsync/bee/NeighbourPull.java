package io.sluice.node.pullsync.bee;

import io.sluice.fsm.sync.Intervals.Range;
import io.sluice.node.pullsync.bee.BeeClient.BeePeer;
import io.sluice.node.pullsync.bee.BeeClient.Cursors;
import io.sluice.protocol.DoublingPause;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Throttle;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.pullsync.bee.BadPullsync;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.Proximity;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls from one neighbour for as long as it is let: what there was before, bin after bin, and what
 * comes, all bins at once. Whatever fails is tried again, later each time; nothing ends for good
 * but with the thread.
 */
final class NeighbourPull implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(NeighbourPull.class);

  private final BeeClient client;
  private final BeePeer peer;
  private final String name;
  private final Reserve reserve;
  private final PullPace pace;

  /**
   * How fast a neighbour is pulled from.
   *
   * @param pause after failures in a row
   * @param rate of chunks, from all neighbours together
   * @param ticker by which both are measured
   */
  record PullPace(DoublingPause pause, Throttle rate, Ticker ticker) {}

  NeighbourPull(BeeClient client, BeePeer peer, Reserve reserve, PullPace pace) {
    this.client = client;
    this.peer = peer;
    this.name = peer.peer().toString();
    this.reserve = reserve;
    this.pace = pace;
  }

  @Override
  public void run() {
    int failures = 0;
    try {
      while (true) {
        long began = pace.ticker().nanos();
        String why = visit();
        boolean lasted = pace.ticker().nanos() - began > pace.pause().longest().toNanos();
        failures = lasted ? 1 : failures + 1;
        LOG.info("nothing is pulled from {} for now: {}", name, why);
        sleep(pace.pause().after(failures));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sleep(Duration time) throws InterruptedException {
    Thread.sleep(time);
  }

  /** Pulls until the neighbour is gone or numbers anew; says why. */
  private String visit() throws InterruptedException {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        return new Visit(client.cursors(peer)).run(workers);
      } catch (IOException | ProtocolException e) {
        return e.toString();
      } finally {
        workers.shutdownNow();
      }
    }
  }

  /** By 1.0.0 nothing tells new numbers: a cursor below what was done does. */
  private long epoch(Cursors cursors) {
    if (cursors.version() == BeeVersion.V1_4) {
      return cursors.epoch();
    }
    OptionalLong noted = reserve.epochOf(name);
    if (noted.isEmpty()) {
      return 0;
    }
    for (int bin = 0; bin < Proximity.BINS; bin++) {
      long highest = reserve.done(name, noted.getAsLong(), bin).highest();
      if (cursors.numbers().get(bin) < highest) {
        return noted.getAsLong() + 1;
      }
    }
    return noted.getAsLong();
  }

  /** One time that the neighbour is there. */
  private final class Visit {
    private final Cursors cursors;
    private final long epoch;
    private final List<BinPull> bins = new ArrayList<>();
    private final Semaphore changed = new Semaphore(0);

    Visit(Cursors cursors) {
      this.cursors = cursors;
      this.epoch = epoch(cursors);
      for (int bin = reserve.rules().radius(); bin < Proximity.BINS; bin++) {
        bins.add(new BinPull(bin));
      }
    }

    String run(ExecutorService workers) throws InterruptedException {
      CompletionService<String> all = new ExecutorCompletionService<>(workers);
      all.submit(this::history);
      bins.forEach(bin -> all.submit(bin::live));
      try {
        return all.take().get();
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (!(cause instanceof IOException || cause instanceof ProtocolException)) {
          LOG.error("pulling from {} failed", name, cause);
        }
        return cause.toString();
      }
    }

    /** What is not done, bin after bin; then what failed, as it is due. */
    private String history() throws IOException, InterruptedException {
      while (true) {
        boolean idle = true;
        for (BinPull bin : bins) {
          idle &= !bin.step();
        }
        if (idle) {
          long now = pace.ticker().nanos();
          Optional<Duration> due =
              bins.stream()
                  .map(bin -> bin.dueIn(now))
                  .flatMap(Optional::stream)
                  .min(Duration::compareTo);
          boolean unused =
              changed.tryAcquire(
                  due.map(Duration::toNanos).orElse(Long.MAX_VALUE), TimeUnit.NANOSECONDS);
          changed.drainPermits();
        }
      }
    }

    /** A neighbour that numbers anew, or says what cannot be, is visited again. */
    private void confirm(int bin, long topmost) throws IOException {
      Cursors now = client.cursors(peer);
      if (now.epoch() != cursors.epoch() || now.version() != cursors.version()) {
        throw BadPullsync.because("its numbers begin anew");
      }
      if (now.numbers().get(bin) < topmost) {
        throw BadPullsync.because(
            "topmost %d, and its cursor is %d".formatted(topmost, now.numbers().get(bin)));
      }
    }

    /** One bin of it. */
    private final class BinPull {
      private final int bin;
      private final BinPlan plan;

      BinPull(int bin) {
        this.bin = bin;
        this.plan =
            new BinPlan(reserve.done(name, epoch, bin), cursors.numbers().get(bin), pace.pause());
      }

      synchronized Optional<Duration> dueIn(long now) {
        return plan.dueIn(now);
      }

      private synchronized Optional<Range> next() {
        return plan.next(pace.ticker().nanos());
      }

      /** Asks for one page of what is not done; whether there was any. */
      boolean step() throws IOException, InterruptedException {
        Optional<Range> next = next();
        if (next.isPresent()) {
          long from = next.get().from();
          try {
            PullResult page = client.pull(peer, cursors.version(), bin, from, next.get().to());
            if (page.topmost() > next.get().to()) { // by 1.4.0 requests have no end
              confirm(bin, page.topmost());
            }
            take(from, page);
          } catch (InterruptedIOException e) {
            throw e;
          } catch (IOException | ProtocolException e) {
            failed(from, next.get().to(), e.toString());
            client.requireConnected(peer);
          }
        }
        return next.isPresent();
      }

      /** What comes. */
      String live() throws IOException, InterruptedException {
        long from = cursors.numbers().get(bin) + 1;
        int failures = 0;
        while (true) {
          try {
            PullResult page = client.pull(peer, cursors.version(), bin, from, Long.MAX_VALUE);
            confirm(bin, page.topmost() < from ? 0 : page.topmost());
            take(from, page);
            from = page.topmost() + 1;
            failures = 0;
          } catch (InterruptedIOException e) {
            throw e;
          } catch (IOException | ProtocolException e) {
            LOG.debug("bin {} of {} from {} on: {}", bin, name, from, e.toString());
            failures++;
            client.requireConnected(peer);
            if (failures > BinPlan.MOST_TRIES) {
              throw e;
            }
            sleep(pace.pause().after(failures));
          }
        }
      }

      private void take(long from, PullResult page) throws IOException, InterruptedException {
        if (page.topmost() < from) {
          return;
        }
        if (page.isWorthAnotherTry()) {
          failed(from, page.topmost(), page.failures().getFirst().reason());
        } else {
          synchronized (this) {
            plan.done(from, page.topmost());
          }
          reserve.done(name, epoch, bin, from, page.topmost());
        }
        sleep(pace.rate().take(page.stored()));
      }

      private void failed(long from, long to, String reason) throws IOException {
        boolean givenUp;
        synchronized (this) {
          givenUp = plan.failed(from, to, pace.ticker().nanos());
        }
        if (givenUp) {
          LOG.warn("{} to {} of bin {} of {} are given up: {}", from, to, bin, name, reason);
        } else {
          LOG.debug("{} to {} of bin {} of {}: {}", from, to, bin, name, reason);
          changed.release();
        }
      }
    }
  }
}
