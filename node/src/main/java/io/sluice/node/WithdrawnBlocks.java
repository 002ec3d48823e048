package io.sluice.node;

import io.sluice.node.content.Contents;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Blocks of roots that were taken off the list, which are here only until {@code gc}: they are not
 * served any more, unless they lie beneath another root that is listed. Found by walks, and kept
 * until the list changes; where nothing was taken off it costs nothing. A root that is taken off
 * counts at once, one that is listed anew a moment later: each block that goes out is looked up
 * here, and the list is long. Thread-safe.
 */
final class WithdrawnBlocks {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final Contents contents;
  private final OfferedContent offered;
  private final BeneathRoots beneath;
  private final Ticker ticker;

  /** What the answer was found for; guarded by this. */
  private World seen = new World(Set.of(), Set.of());

  private long seenChanges = -1;
  private long seenAt;

  private Set<Multihash> blocks = Set.of();

  private record World(Set<Cid> withdrawn, Set<Cid> listed) {}

  WithdrawnBlocks(Contents contents, OfferedContent offered, BeneathRoots beneath, Ticker ticker) {
    this.contents = contents;
    this.offered = offered;
    this.beneath = beneath;
    this.ticker = ticker;
  }

  /** Those of this moment; does not change any more. */
  synchronized Set<Multihash> now() throws IOException {
    long changes = offered.changes();
    long at = ticker.nanos();
    if (changes != seenChanges
        || (!seen.withdrawn().isEmpty() && at - seenAt > LOOK_AGAIN.toNanos())) {
      World world = new World(offered.withdrawn(), contents.all().keySet());
      if (!world.equals(seen)) {
        blocks = find(world);
        seen = world;
      }
      seenChanges = changes;
      seenAt = at;
    }
    return blocks;
  }

  private Set<Multihash> find(World world) throws IOException {
    Set<Multihash> found = new HashSet<>();
    for (Cid root : world.withdrawn()) {
      if (!world.listed().contains(root)) {
        beneath.walk(root, cid -> found.add(cid.hash()));
      }
    }
    for (Cid root : world.listed()) {
      if (!found.isEmpty()) {
        BeneathRoots.Beneath held = beneath.of(root);
        found.removeIf(held::holds);
      }
    }
    return Set.copyOf(found);
  }
}
