package io.sluice.protocol.dsync;

import io.sluice.protocol.dsync.Manifest.Link;
import io.sluice.protocol.multiformats.Cid;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is told of a DAG before its blocks travel. Whoever reads one from a peer believes nothing of
 * it before the blocks have come.
 *
 * @param manifest its blocks
 * @param labels names of blocks, to their indexes
 * @param sizes by index; of raw and CBOR blocks their bytes, of dag-pb blocks the cumulative size
 *     of what lies beneath; unsigned numbers. Empty if they are not told
 */
public record Info(Manifest manifest, SortedMap<String, Integer> labels, List<Long> sizes) {
  /**
   * Copies what it is given.
   *
   * @throws io.sluice.protocol.ProtocolException {@code BAD_MANIFEST} if a label names no block, or
   *     there are more or fewer sizes than blocks
   */
  public Info {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    sizes = List.copyOf(sizes);
    int nodes = manifest.nodes().size();
    labels
        .values()
        .forEach(
            index -> {
              if (index < 0 || index >= nodes) {
                throw BadManifest.because("label of node %d of %d".formatted(index, nodes));
              }
            });
    if (!sizes.isEmpty() && sizes.size() != nodes) {
      throw BadManifest.because("%d sizes for %d nodes".formatted(sizes.size(), nodes));
    }
  }

  /** An info without labels and sizes. */
  public static Info of(Manifest manifest) {
    return new Info(manifest, Collections.emptySortedMap(), List.of());
  }

  /** This one with another label, which replaces one of that name. */
  public Info withLabel(String label, int index) {
    SortedMap<String, Integer> more = new TreeMap<>(labels);
    more.put(label, Objects.checkIndex(index, manifest.nodes().size()));
    return new Info(manifest, more, sizes);
  }

  /** The info of the DAG under the block of that label. Throws if there is none. */
  public Info subInfo(String label) {
    Integer index = labels.get(label);
    if (index == null) {
      throw new IllegalArgumentException("no label " + label);
    }
    return subInfo(index);
  }

  /** The info of the DAG under a block. Throws if it is not in the manifest. */
  public Info subInfo(Cid root) {
    int index = manifest.nodes().indexOf(root);
    if (index < 0) {
      throw new IllegalArgumentException("no node " + root);
    }
    return subInfo(index);
  }

  /**
   * The info of the DAG under the block of that index: all that its links lead to, however they
   * come. The block is the first, the others keep their order.
   *
   * @throws IndexOutOfBoundsException if there is no such block
   */
  public Info subInfo(int root) {
    Objects.checkIndex(root, manifest.nodes().size());
    BitSet below = reachable(root);
    below.clear(root);
    int[] renumbered = new int[manifest.nodes().size()];
    java.util.Arrays.fill(renumbered, -1);
    List<Cid> nodes = new ArrayList<>();
    List<Long> subSizes = new ArrayList<>();
    for (int index = root; index >= 0; index = below.nextSetBit(index == root ? 0 : index + 1)) {
      renumbered[index] = nodes.size();
      nodes.add(manifest.nodes().get(index));
      if (!sizes.isEmpty()) {
        subSizes.add(sizes.get(index));
      }
    }
    return new Info(
        new Manifest(nodes, renumbered(renumbered)), renumberedLabels(renumbered), subSizes);
  }

  private List<Link> renumbered(int[] numbers) {
    List<Link> links = new ArrayList<>();
    for (Link link : manifest.links()) {
      if (numbers[link.from()] >= 0) {
        links.add(new Link(numbers[link.from()], numbers[link.to()]));
      }
    }
    Collections.sort(links);
    return links;
  }

  private SortedMap<String, Integer> renumberedLabels(int[] numbers) {
    SortedMap<String, Integer> kept = new TreeMap<>();
    labels.forEach(
        (label, index) -> {
          if (numbers[index] >= 0) {
            kept.put(label, numbers[index]);
          }
        });
    return kept;
  }

  private BitSet reachable(int root) {
    LinkTable children = LinkTable.of(manifest);
    BitSet seen = new BitSet();
    Deque<Integer> ahead = new ArrayDeque<>();
    seen.set(root);
    ahead.push(root);
    while (!ahead.isEmpty()) {
      int from = ahead.pop();
      for (int i = children.first(from); i < children.first(from + 1); i++) {
        if (!seen.get(children.to(i))) {
          seen.set(children.to(i));
          ahead.push(children.to(i));
        }
      }
    }
    return seen;
  }
}
