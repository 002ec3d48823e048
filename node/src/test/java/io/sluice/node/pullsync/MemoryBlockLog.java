package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A block store in memory that numbers what comes, as the one on disk does. */
final class MemoryBlockLog extends MemoryBlockStore implements BlockLog {
  private final TreeMap<Long, LogEntry> entries = new TreeMap<>();
  private final Map<Multihash, Long> numbers = new HashMap<>();
  private final Map<Cid, Set<RootTag>> listings = new HashMap<>();
  private final Set<RootTag> known = new HashSet<>();
  private final Set<RootTag> ended = new HashSet<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final AtomicInteger reads = new AtomicInteger();
  private long epoch;
  private long cursor;

  MemoryBlockLog(long epoch) {
    this.epoch = epoch;
  }

  @Override
  public void put(Block block) {
    synchronized (this) {
      if (has(block.cid())) {
        return;
      }
      super.put(block);
      numbers.put(block.cid().hash(), cursor + 1);
      add(block.cid(), new LogEntry.BlockCame(block.size()));
    }
    risen();
  }

  /** A block is lost, or nobody needs it any more. */
  synchronized void lose(Cid cid) {
    remove(cid);
    Long number = numbers.remove(cid.hash());
    if (number != null) {
      entries.remove(number);
    }
  }

  /** Numbers begin anew, from what is here. */
  synchronized void restart(long newEpoch) {
    List<LogEntry> all = List.copyOf(entries.values());
    entries.clear();
    numbers.clear();
    epoch = newEpoch;
    cursor = 0;
    for (LogEntry each : all) {
      if (each.what() instanceof LogEntry.BlockCame) {
        numbers.put(each.cid().hash(), cursor + 1);
      }
      add(each.cid(), each.what());
    }
  }

  @Override
  public synchronized void renew() {
    epoch++;
  }

  /** How often {@link #read} was called. */
  int reads() {
    return reads.get();
  }

  private void add(Cid cid, LogEntry.What what) {
    cursor++;
    entries.put(cursor, new LogEntry(cursor, cid, what));
  }

  private void risen() {
    listeners.forEach(Runnable::run);
  }

  @Override
  public synchronized long epoch() {
    return epoch;
  }

  @Override
  public synchronized long cursor() {
    return cursor;
  }

  @Override
  public List<LogEntry> read(long from, long to, int most) {
    reads.incrementAndGet();
    synchronized (this) {
      return from > to
          ? List.of()
          : entries.subMap(from, true, to, true).values().stream().limit(most).toList();
    }
  }

  @Override
  public RootTag listed(Cid root, boolean offered, String name) {
    RootTag tag;
    synchronized (this) {
      tag = new RootTag(epoch, cursor + 1);
      list(root, tag, offered, name);
    }
    risen();
    return tag;
  }

  @Override
  public boolean learned(Cid root, RootTag tag, boolean offered, String name) {
    synchronized (this) {
      if (known.contains(tag)) {
        return false;
      }
      list(root, tag, offered, name);
    }
    risen();
    return true;
  }

  private void list(Cid root, RootTag tag, boolean offered, String name) {
    known.add(tag);
    listings.computeIfAbsent(root, each -> new LinkedHashSet<>()).add(tag);
    add(root, new LogEntry.RootListed(tag, offered, name));
  }

  @Override
  public boolean removed(Cid root, Set<RootTag> tags) {
    synchronized (this) {
      List<RootTag> fresh = tags.stream().filter(tag -> !ended.contains(tag)).toList();
      if (fresh.isEmpty()) {
        return false;
      }
      known.addAll(fresh);
      ended.addAll(fresh);
      listings.getOrDefault(root, new HashSet<>()).removeAll(fresh);
      entries.values().removeIf(entry -> listedBy(entry, fresh));
      add(root, new LogEntry.RootRemoved(fresh));
    }
    risen();
    return true;
  }

  private static boolean listedBy(LogEntry entry, List<RootTag> tags) {
    return entry.what() instanceof LogEntry.RootListed listed && tags.contains(listed.tag());
  }

  @Override
  public synchronized Set<RootTag> listings(Cid root) {
    return Set.copyOf(listings.getOrDefault(root, Set.of()));
  }

  @Override
  public synchronized boolean ended(RootTag tag) {
    return ended.contains(tag);
  }

  @Override
  public AutoCloseable onRise(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
