package io.sluice.node;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Blocks of roots that were taken off the list, which are here only until {@code gc}: they are not
 * served any more, unless they lie beneath another root that is listed. Found by walks, and kept
 * until the list changes; where nothing was taken off it costs nothing. Thread-safe.
 */
final class WithdrawnBlocks {
  private final Contents contents;
  private final OfferedContent offered;
  private final BeneathRoots beneath;

  /** What the answer was found for; guarded by this. */
  private World seen = new World(Set.of(), Set.of());

  private Set<Multihash> blocks = Set.of();

  private record World(Set<Cid> withdrawn, Set<Cid> listed) {}

  WithdrawnBlocks(Contents contents, OfferedContent offered, BeneathRoots beneath) {
    this.contents = contents;
    this.offered = offered;
    this.beneath = beneath;
  }

  /** Those of this moment; does not change any more. */
  synchronized Set<Multihash> now() throws IOException {
    Set<Cid> withdrawn = offered.withdrawn();
    if (withdrawn.isEmpty()) {
      return Set.of();
    }
    World world = new World(withdrawn, contents.all().keySet());
    if (!world.equals(seen)) {
      blocks = find(world);
      seen = world;
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
