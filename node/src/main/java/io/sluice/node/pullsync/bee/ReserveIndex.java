package io.sluice.node.pullsync.bee;

import io.sluice.protocol.pullsync.bee.ChunkId;
import io.sluice.protocol.pullsync.bee.Proximity;
import io.sluice.protocol.retrieval.Bytes32;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the chunks of a reserve are: by number, by what they are, by the place of their stamp. Not
 * safe for several threads.
 */
final class ReserveIndex {
  private final List<NavigableMap<Long, Entry>> bins = new ArrayList<>();
  private final long[] highest = new long[Proximity.BINS];
  private final Map<ChunkId, Entry> byId = new HashMap<>();
  private final Map<StampPlace, Entry> byPlace = new HashMap<>();
  private final Map<Bytes32, List<Entry>> byAddress = new HashMap<>();
  private long bytes;

  /**
   * A chunk that is here.
   *
   * @param id what it is
   * @param place of its stamp
   * @param timestamp of its stamp
   * @param bin where it lies
   * @param number that it has there
   * @param position of its record
   * @param length of its record
   */
  record Entry(
      ChunkId id,
      StampPlace place,
      long timestamp,
      int bin,
      long number,
      long position,
      int length) {}

  /**
   * A place in a batch: it is good for one chunk, the one that was stamped last.
   *
   * @param batch whose place it is
   * @param index of the stamp
   */
  record StampPlace(Bytes32 batch, long index) {}

  ReserveIndex() {
    for (int bin = 0; bin < Proximity.BINS; bin++) {
      bins.add(new TreeMap<>());
    }
  }

  /** Adds a chunk; one that has the place of its stamp goes. */
  void add(Entry entry) {
    Entry before = byPlace.put(entry.place(), entry);
    if (before != null) {
      drop(before);
    }
    bins.get(entry.bin()).put(entry.number(), entry);
    byId.put(entry.id(), entry);
    byAddress.computeIfAbsent(entry.id().address(), address -> new ArrayList<>(1)).add(entry);
    bytes += entry.length();
    given(entry.bin(), entry.number());
  }

  /** A number was given, to whatever. */
  void given(int bin, long number) {
    highest[bin] = Math.max(highest[bin], number);
  }

  void remove(Entry entry) {
    byPlace.remove(entry.place(), entry);
    drop(entry);
  }

  private void drop(Entry entry) {
    bins.get(entry.bin()).remove(entry.number());
    byId.remove(entry.id(), entry);
    byAddress.computeIfPresent(
        entry.id().address(),
        (address, all) -> {
          all.remove(entry);
          return all.isEmpty() ? null : all;
        });
    bytes -= entry.length();
  }

  Optional<Entry> find(ChunkId id) {
    return Optional.ofNullable(byId.get(id));
  }

  Optional<Entry> find(Bytes32 address) {
    return Optional.ofNullable(byAddress.get(address)).map(List::getLast);
  }

  Optional<Entry> find(StampPlace place) {
    return Optional.ofNullable(byPlace.get(place));
  }

  @Nullable Entry numbered(int bin, long number) {
    return bins.get(bin).get(number);
  }

  long highest(int bin) {
    return highest[bin];
  }

  int count() {
    return byId.size();
  }

  /** What the records of all chunks take. */
  long bytes() {
    return bytes;
  }

  /** All chunks of a bin, in order. */
  Collection<Entry> bin(int bin) {
    return bins.get(bin).values();
  }

  /** So many chunks of a bin that are accepted, from a number to another, in order. */
  List<Entry> page(int bin, long from, long to, int most, Predicate<Entry> accepted) {
    return from > to
        ? List.of()
        : bins.get(bin).subMap(from, true, to, true).values().stream()
            .filter(accepted)
            .limit(most)
            .toList();
  }
}
