package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.Lane;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A neighbour that answers from a log in memory, and goes wrong as a test wants it to. */
final class LogNeighbour implements Neighbour {
  private static final int PAGE = 50;

  private final MemoryPullHome home;
  final AtomicInteger deliveries = new AtomicInteger();
  final AtomicInteger requests = new AtomicInteger();
  final AtomicInteger offers = new AtomicInteger();
  final Set<Cid> gone = ConcurrentHashMap.newKeySet();
  final Map<Cid, Integer> delivered = new ConcurrentHashMap<>();
  volatile Optional<NeighbourException> refusal = Optional.empty();
  volatile boolean down;
  volatile UnaryOperator<Page> lie = page -> page;

  LogNeighbour(MemoryPullHome home) {
    this.home = home;
  }

  private void answer() throws IOException, NeighbourException {
    requests.incrementAndGet();
    if (down) {
      throw new ConnectException("nobody listens there");
    }
    if (refusal.isPresent()) {
      throw refusal.get();
    }
  }

  @Override
  public Position position(Lane lane) throws IOException, NeighbourException {
    answer();
    return new Position(home.log.epoch(), home.log.cursor());
  }

  @Override
  public Page page(Lane lane, long epoch, long from, long to, Duration wait, PageReceiver receiver)
      throws IOException, NeighbourException {
    answer();
    boolean live = to == LIVE;
    if (live && epoch == home.log.epoch()) {
      await(from, wait);
    }
    if (epoch != home.log.epoch()) {
      throw new NeighbourException(
          NeighbourException.Kind.OTHER_EPOCH, "numbers began anew", Duration.ZERO);
    }
    long end = live ? home.log.cursor() : to;
    List<LogEntry> entries = end < from ? List.of() : home.log.read(from, end, PAGE);
    long topmost = entries.size() == PAGE ? entries.getLast().number() : end;
    if (live && entries.isEmpty()) {
      topmost = Math.max(from - 1, end);
    }
    List<Item> items = entries.stream().map(LogNeighbour::item).toList();
    offers.addAndGet(items.size());
    List<Item> wanted = new ArrayList<>();
    for (Item item : items) {
      if (receiver.wants(item)) {
        wanted.add(item);
      }
    }
    List<Failed> failed = new ArrayList<>();
    for (Item item : wanted) {
      Optional<Block> block = home.log.get(item.cid());
      if (block.isEmpty() || gone.contains(item.cid())) {
        failed.add(new Failed(item, "gone", Duration.ZERO));
      } else {
        deliveries.incrementAndGet();
        delivered.merge(item.cid(), 1, Integer::sum);
        receiver.receive(item, block.get());
      }
    }
    return lie.apply(new Page(topmost, items, failed));
  }

  private void await(long from, Duration wait) throws IOException {
    Semaphore risen = new Semaphore(0);
    AutoCloseable listening = home.log.onRise(risen::release);
    try (listening) {
      if (home.log.cursor() < from) {
        var unused = risen.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (Exception e) {
      throw new IOException("interrupted", e);
    }
  }

  private static Item item(LogEntry entry) {
    return new Item(
        entry.number(),
        entry.cid(),
        switch (entry.what()) {
          case LogEntry.BlockCame block -> new Item.OfferedBlock(block.size());
          case LogEntry.RootListed root ->
              new Item.ListedRoot(listing(root.tag()), root.offered(), root.name());
          case LogEntry.RootRemoved removed ->
              new Item.RemovedRoot(removed.tags().stream().map(LogNeighbour::listing).toList());
        });
  }

  private static Item.Listing listing(RootTag tag) {
    return new Item.Listing(tag.epoch(), tag.number());
  }
}
