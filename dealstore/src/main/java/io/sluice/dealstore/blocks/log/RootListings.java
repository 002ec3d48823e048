package io.sluice.dealstore.blocks.log;

import io.sluice.dealstore.blocks.log.LogEntry.RootListed;
import io.sluice.dealstore.blocks.log.LogEntry.RootRemoved;
import io.sluice.protocol.multiformats.Cid;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The listings of roots that a log tells of: those that go on, and those that ended, which are
 * never forgotten. Safe for any number of threads.
 */
public final class RootListings {
  private final Map<RootTag, Listing> going = new LinkedHashMap<>();
  private final Map<Cid, Set<RootTag>> byRoot = new HashMap<>();
  private final Map<RootTag, Cid> ended = new LinkedHashMap<>();

  /** A listing that goes on. */
  record Listing(Cid root, RootListed as) {}

  synchronized void take(LogEntry entry) {
    switch (entry.what()) {
      case LogEntry.BlockCame came -> {}
      case RootListed listed -> list(new Listing(entry.cid(), listed));
      case RootRemoved removed -> removed.tags().forEach(tag -> end(entry.cid(), tag));
    }
  }

  synchronized void list(Listing listing) {
    RootTag tag = listing.as().tag();
    if (!ended.containsKey(tag) && going.putIfAbsent(tag, listing) == null) {
      byRoot.computeIfAbsent(listing.root(), it -> new HashSet<>()).add(tag);
    }
  }

  synchronized void end(Cid root, RootTag tag) {
    Listing gone = going.remove(tag);
    if (gone != null) {
      Set<RootTag> left = byRoot.getOrDefault(gone.root(), Set.of());
      if (left.remove(tag) && left.isEmpty()) {
        byRoot.remove(gone.root());
      }
    }
    ended.putIfAbsent(tag, root);
  }

  /** Takes over what a head knows. */
  void takeAll(LogHead head) {
    head.ended().forEach(ended -> ended.tags().forEach(tag -> end(ended.root(), tag)));
    head.going().forEach(this::list);
  }

  /** The listings of a root that go on. */
  public synchronized Set<RootTag> of(Cid root) {
    return Set.copyOf(byRoot.getOrDefault(root, Set.of()));
  }

  /** The roots with listings that go on. */
  public synchronized Set<Cid> roots() {
    return Set.copyOf(byRoot.keySet());
  }

  /** Whether a listing is known, and has not ended. */
  public synchronized boolean goesOn(RootTag tag) {
    return going.containsKey(tag);
  }

  /** Whether a listing is known to have ended. */
  public synchronized boolean ended(RootTag tag) {
    return ended.containsKey(tag);
  }

  /** Of some tags those that could end as listings of a root: not ended, and of no other root. */
  public synchronized List<RootTag> endable(Cid root, Collection<RootTag> tags) {
    return tags.stream()
        .filter(tag -> !ended.containsKey(tag))
        .filter(tag -> !going.containsKey(tag) || going.get(tag).root().equals(root))
        .distinct()
        .toList();
  }

  /** All that go on, in the order in which they came. */
  synchronized List<Listing> going() {
    return List.copyOf(going.values());
  }

  /** All that ended, by root. */
  synchronized Map<Cid, List<RootTag>> ended() {
    Map<Cid, List<RootTag>> byRoot = new TreeMap<>();
    ended.forEach((tag, root) -> byRoot.computeIfAbsent(root, it -> new ArrayList<>()).add(tag));
    return byRoot;
  }
}
