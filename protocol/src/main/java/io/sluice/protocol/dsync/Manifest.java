package io.sluice.protocol.dsync;

import io.sluice.protocol.multiformats.Cid;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The blocks of a DAG and how they hang together; or, without links, some blocks of one: what a
 * receiver still lacks. Immutable.
 *
 * @param nodes each block once, of a whole DAG the root first
 * @param links one for each place in a block that leads to another
 */
public record Manifest(List<Cid> nodes, List<Link> links) {
  /** Of no blocks. */
  public static final Manifest EMPTY = new Manifest(List.of(), List.of());

  /**
   * A link between two blocks.
   *
   * @param from index of the block that it stands in
   * @param to index of the block that it leads to
   */
  public record Link(int from, int to) implements Comparable<Link> {
    @Override
    public int compareTo(Link other) {
      int order = Integer.compare(from, other.from);
      return order == 0 ? Integer.compare(to, other.to) : order;
    }
  }

  /**
   * Copies the lists.
   *
   * @throws io.sluice.protocol.ProtocolException {@code BAD_MANIFEST} if a link begins or ends at
   *     no block
   */
  public Manifest {
    nodes = List.copyOf(nodes);
    links = List.copyOf(links);
    for (Link link : links) {
      if (!isIndex(link.from, nodes.size()) || !isIndex(link.to, nodes.size())) {
        throw BadManifest.because(
            "link [%d,%d] of a manifest of %d nodes".formatted(link.from, link.to, nodes.size()));
      }
    }
  }

  private static boolean isIndex(int index, int size) {
    return index >= 0 && index < size;
  }

  /** The first block: of a whole DAG its root. Empty if there is no block. */
  public Optional<Cid> root() {
    return nodes.isEmpty() ? Optional.empty() : Optional.of(nodes.getFirst());
  }

  /** The blocks that somebody lacks, each once, in this order and without links. */
  public Manifest diff(Predicate<Cid> has) {
    Set<Cid> seen = new HashSet<>();
    List<Cid> missing = new ArrayList<>();
    for (Cid cid : nodes) {
      if (seen.add(cid) && !has.test(cid)) {
        missing.add(cid);
      }
    }
    return new Manifest(missing, List.of());
  }
}
