package io.sluice.node.pullsync.bee;

import io.sluice.node.pullsync.bee.ReserveIndex.Entry;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.ChunkId;
import io.sluice.protocol.retrieval.Bytes32;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a page has at one moment.
 *
 * @param topmost the request is answered up to here
 * @param chunks in the order of their numbers
 * @param isFinal nothing that may come yet belongs to it: it is full, or its last number was given
 *     long ago. bee waits where the last number's chunk was removed; here nobody does
 */
record PageView(long topmost, List<ChunkId> chunks, boolean isFinal) {
  PageView {
    chunks = List.copyOf(chunks);
  }

  static PageView of(PageRequest request, ReserveIndex index) {
    int most = request.version().page();
    List<Entry> entries =
        index.page(request.bin(), request.from(), request.to(), most, accepted(request));
    boolean full = entries.size() == most;
    boolean past = index.highest(request.bin()) >= request.to();
    long last = entries.isEmpty() ? 0 : entries.getLast().number();
    return new PageView(
        past && !full ? request.to() : last,
        entries.stream().map(Entry::id).toList(),
        full || past);
  }

  /** By 1.0.0 a chunk is its address, so one that has two stamps is offered once. */
  private static Predicate<Entry> accepted(PageRequest request) {
    if (request.version() == BeeVersion.V1_4) {
      return entry -> true;
    }
    Set<Bytes32> seen = new HashSet<>();
    return entry -> seen.add(entry.id().address());
  }
}
