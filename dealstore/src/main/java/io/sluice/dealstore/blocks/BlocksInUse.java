package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.index.TailIndex;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which blocks stay while room is given back: those beneath a needed root, and those that somebody
 * put or looked for since it began. The set only grows, so a block that was found needed once stays
 * for all of the run. For one thread.
 */
final class BlocksInUse {
  private final FileBlockStore store;
  private final NeededRoots source;
  private final Set<Multihash> meanwhile;
  private final Set<Cid> roots = new HashSet<>();
  private final DagVisit reached;

  /** How the hashes begin of blocks that came late; of two alike one more stays than has to. */
  private final LongSet late = new LongSet();

  private long lateFrom = Long.MAX_VALUE;

  BlocksInUse(
      FileBlockStore store, StoredBlocks stored, NeededRoots source, Set<Multihash> meanwhile) {
    this.store = store;
    this.source = source;
    this.meanwhile = meanwhile;
    this.reached = new DagVisit(stored, found -> {});
  }

  /** Walks what has come to be needed since the last time. */
  void refresh() throws IOException {
    long keptFrom = source.keptFrom(); // first: what a root is listed for may be claimed by then
    if (keptFrom < lateFrom) {
      Optional<FileBlockLog> log = store.numbers();
      if (log.isPresent()) {
        log.get().heads(keptFrom, head -> late.add(slot(head)));
      }
      lateFrom = keptFrom;
    }
    for (Cid root : source.now()) {
      if (roots.add(root)) {
        reached.from(root);
      }
    }
  }

  boolean holds(BlockFile file, CarEntry entry) {
    Multihash hash = entry.cid().hash();
    return meanwhile.contains(hash)
        || late.contains(slot(TailIndex.head(hash.digest())))
        || reached.visited(new BlockPlace(file, entry));
  }

  /** The set holds no zero. */
  private static long slot(long head) {
    return head == 0 ? 1 : head;
  }

  /**
   * Whether something of an archive is needed. Its own roots count even if they cannot be read: it
   * may only be damaged, and is then for {@code verify} to report.
   */
  boolean reach(ExternalFile archive) {
    return reached.visitedIn(archive) || !needNone(archive.roots());
  }

  boolean needNone(List<Cid> archived) {
    return archived.stream().noneMatch(roots::contains);
  }
}
