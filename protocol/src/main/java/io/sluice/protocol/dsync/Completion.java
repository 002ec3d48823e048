package io.sluice.protocol.dsync;

import io.sluice.protocol.multiformats.Cid;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which blocks of a manifest are there. Immutable: a block that comes makes another one, which
 * shares what does not change.
 */
final class Completion {
  /** What stands for a block that is there, of as many hundredths. */
  private static final int WHOLE = 100;

  private final Map<Cid, Integer> indexes;
  private final int total;
  private final BitSet present;

  private Completion(Map<Cid, Integer> indexes, int total, BitSet present) {
    this.indexes = indexes;
    this.total = total;
    this.present = present;
  }

  /**
   * What is there to begin with: all but the missing.
   *
   * @param missing blocks of the manifest; others count for nothing
   */
  public static Completion of(Manifest manifest, Manifest missing) {
    Map<Cid, Integer> indexes = HashMap.newHashMap(manifest.nodes().size());
    for (Cid cid : manifest.nodes()) {
      indexes.putIfAbsent(cid, indexes.size());
    }
    BitSet present = new BitSet(indexes.size());
    present.set(0, indexes.size());
    for (Cid cid : missing.nodes()) {
      Integer index = indexes.get(cid);
      if (index != null) {
        present.clear(index);
      }
    }
    return new Completion(indexes, indexes.size(), present);
  }

  /** As this, with a block that has come; this itself if that is nothing new. */
  public Completion with(Cid cid) {
    Integer index = indexes.get(cid);
    if (index == null || present.get(index)) {
      return this;
    }
    BitSet more = (BitSet) present.clone();
    more.set(index);
    return new Completion(indexes, total, more);
  }

  /** Whether a block is one of the manifest. */
  public boolean names(Cid cid) {
    return indexes.containsKey(cid);
  }

  /** How many blocks are there. */
  public int count() {
    return present.cardinality();
  }

  /** How many blocks there are to be. */
  public int total() {
    return total;
  }

  /** Whether all are there; of no blocks they are. */
  public boolean isComplete() {
    return count() == total;
  }

  /** How much is there, in blocks, 0 to 100; 100 of no blocks. */
  public double percent() {
    return total == 0 ? WHOLE : (double) WHOLE * count() / total;
  }

  /** For each block of the manifest 100 if it is there, else 0. */
  public List<Integer> values() {
    return IntStream.range(0, total).map(i -> present.get(i) ? WHOLE : 0).boxed().toList();
  }

  @Override
  public String toString() {
    return count() + "/" + total;
  }
}
