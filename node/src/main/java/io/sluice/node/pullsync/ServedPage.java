package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.node.pullsync.PageScan.ScannedPage;
import io.sluice.node.pullsync.PullsyncHome.LaneView;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.Get;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Offer;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.PullsyncError;
import io.sluice.protocol.pullsync.Want;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * One page, from the side that has it: waits for it if it is live, offers it, and delivers what is
 * wanted of it block by block, each looked at anew before it goes.
 */
final class ServedPage {
  private static final Duration LATER = Duration.ofSeconds(1);

  private final Serving serving;
  private final PeerId peer;
  private final Get get;
  private final MessageStream messages;
  private final RequestWatch watch;

  /** What all pages share. */
  record Serving(
      PullsyncHome home,
      SharedReads reads,
      PeerRates rates,
      Semaphore deliveries,
      PullsyncLimits limits,
      Ticker ticker,
      PullsyncMetrics metrics) {}

  ServedPage(Serving serving, PeerId peer, Get get, MessageStream messages, RequestWatch watch) {
    this.serving = serving;
    this.peer = peer;
    this.get = get;
    this.messages = messages;
    this.watch = watch;
  }

  /**
   * Has the whole conversation behind the request.
   *
   * @throws RequestWatch.CalledOffException if the requestor wants no more of it
   */
  void run() throws IOException, PullsyncRefusal {
    charge();
    Offer offer = offer();
    messages.write(offer);
    serving.metrics.offered(offer.items().size());
    if (!offer.offersBlocks()) {
      return;
    }
    Want want = watch.awaitWant(serving.limits.patience());
    want.requireFor(offer);
    List<Item> wanted = new ArrayList<>();
    for (int i = 0; i < offer.items().size(); i++) {
      if (want.wants(i)) {
        wanted.add(offer.items().get(i));
      }
    }
    serving.metrics.wanted(wanted.size());
    deliver(wanted);
  }

  private Offer offer() throws IOException, PullsyncRefusal {
    BlockLog log = home(PullsyncHome::log);
    if (!get.isLive()) {
      return offerOf(log);
    }
    AutoCloseable rises = log.onRise(watch::rise); // before the cursor is looked at
    try {
      return offerOf(log);
    } finally {
      stop(rises);
    }
  }

  private static void stop(AutoCloseable rises) {
    try {
      rises.close();
    } catch (Exception e) { // a log ends this without any
      throw new IllegalStateException(e);
    }
  }

  private Offer offerOf(BlockLog log) throws IOException, PullsyncRefusal {
    long began = serving.ticker.nanos();
    long patience = shorter(get.patience(), Pullsync.LONGEST_WAIT).toNanos();
    long from = get.start();
    while (true) {
      LaneView view = home(home -> home.view(peer, get.lane())); // before anything is told
      long cursor = log.cursor();
      requireSame(log, cursor);
      long last = Math.max(Math.min(get.end().orElse(cursor), cursor), get.start() - 1);
      long first = from;
      ScannedPage page = home(home -> PageScan.of(serving.reads, view, first, last, most()));
      requireSame(log, cursor); // numbers may have begun anew meanwhile
      if (!get.isLive() || !page.items().isEmpty()) {
        boolean ended = !get.isLive() && page.topmost() == last;
        return new Offer(page.topmost(), page.items(), get.epoch(), ended, cursor);
      }
      from = page.topmost() + 1;
      long left = patience - (serving.ticker.nanos() - began);
      // What is full of other lanes' content is gone on with at once.
      if (page.topmost() == last && !watch.awaitRise(left)) {
        return new Offer(page.topmost(), page.items(), get.epoch(), false, cursor);
      }
      watch.requireGoingOn();
    }
  }

  private int most() {
    return get.items() == 0 ? Pullsync.ITEMS : Math.min(get.items(), Pullsync.ITEMS);
  }

  private static Duration shorter(Duration asked, Duration most) {
    return asked.compareTo(most) < 0 ? asked : most;
  }

  /** The numbers have to be those that the requestor knows. */
  private void requireSame(BlockLog log, long cursor) throws PullsyncRefusal {
    long epoch = log.epoch();
    if (epoch != get.epoch()) {
      throw new PullsyncRefusal(
          new PullsyncError(
              PullsyncError.Code.OTHER_EPOCH,
              "the numbers are of epoch %x, not %x".formatted(epoch, get.epoch()),
              Duration.ZERO,
              epoch));
    }
    if (get.start() - 1 > cursor) { // who asks has seen more: this log is older than it was
      throw new PullsyncRefusal(
          new PullsyncError(
              PullsyncError.Code.OTHER_EPOCH,
              "the numbers end at %d, before %d".formatted(cursor, get.start()),
              Duration.ZERO,
              epoch));
    }
  }

  // ---- deliveries

  private void deliver(List<Item> wanted) throws IOException, PullsyncRefusal {
    boolean room = serving.deliveries.tryAcquire();
    try {
      for (Item item : wanted) {
        Delivery delivery =
            room ? delivery(item) : Delivery.without(item.cid(), Delivery.Status.BUSY, LATER);
        messages.write(delivery);
        count(delivery);
      }
    } finally {
      if (room) {
        serving.deliveries.release();
      }
    }
  }

  /** A question costs as much as a block, or those that bring nothing would be free. */
  private void charge() throws IOException, PullsyncRefusal {
    long wait = take(0);
    if (wait > serving.limits.hold().toNanos()) {
      throw PullsyncRefusal.later("more than is given a second", Duration.ofNanos(wait));
    }
    watch.pause(wait);
  }

  private long take(int bytes) {
    return serving.rates.take(peer, bytes, serving.ticker.nanos(), serving.limits.hold().toNanos());
  }

  private Delivery delivery(Item item) throws IOException, PullsyncRefusal {
    long wait = take(item.bytes());
    if (wait > serving.limits.hold().toNanos()) {
      return Delivery.without(item.cid(), Delivery.Status.BUSY, Duration.ofNanos(wait));
    }
    watch.pause(wait);
    watch.requireGoingOn();
    return home(
        home -> {
          Delivery.Status status = mayRead(home, item);
          Optional<Block> block =
              status == Delivery.Status.OK ? home.store().get(item.cid()) : Optional.empty();
          if (block.isPresent()) {
            return Delivery.of(item.cid(), block.get().data());
          }
          return Delivery.without(
              item.cid(),
              status == Delivery.Status.OK ? Delivery.Status.GONE : status,
              Duration.ZERO);
        });
  }

  private Delivery.Status mayRead(PullsyncHome home, Item item) throws IOException {
    try {
      LaneView view = home.view(peer, get.lane());
      return view.mayRead(item.cid());
    } catch (PullsyncRefusal e) {
      return e.error().code() == PullsyncError.Code.PAYMENT_REQUIRED
          ? Delivery.Status.PAYMENT_REQUIRED
          : Delivery.Status.REFUSED;
    }
  }

  private void count(Delivery delivery) {
    if (delivery.status() == Delivery.Status.OK) {
      serving.metrics.delivered(delivery.data().remaining());
    } else {
      serving.metrics.refused(delivery.status().name().toLowerCase(Locale.ROOT));
    }
  }

  private interface AtHome<T> {
    T ask(PullsyncHome home) throws IOException, PullsyncRefusal;
  }

  /** Asks this node; that its disk fails is not for the requestor to find out from a reset. */
  private <T> T home(AtHome<T> question) throws PullsyncRefusal {
    try {
      return question.ask(serving.home);
    } catch (IOException e) {
      throw FailedHome.because(e);
    }
  }
}
