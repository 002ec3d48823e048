package io.sluice.protocol.dsync;

import io.sluice.protocol.dsync.Manifest.Link;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Makes the info of a DAG that lies whole in a store. Blocks come heaviest first, where a block
 * weighs one for each link that is met beneath it when the DAG is walked depth first, blocks met
 * before not being entered again; of equal weight, by their text. So the root is the first and
 * leaves are the last, and two programs that keep to this make the same manifest. Safe for any
 * number of threads.
 *
 * <p>Spec: dsync 0.2.0, ordering of nodes.
 */
public final class ManifestGenerator {
  private final BlockStore store;
  private final ManifestLimits limits;

  /** Takes blocks from a store. */
  public ManifestGenerator(BlockStore store, ManifestLimits limits) {
    this.store = store;
    this.limits = limits;
  }

  /**
   * Walks a DAG, which reads all its blocks but raw ones, of which only the size is asked.
   *
   * @throws BlockMissingException if a block is not here
   * @throws io.sluice.protocol.ProtocolException {@code MANIFEST_TOO_LARGE} if it is over the
   *     limits; if a block is not of its codec
   */
  public Info of(Cid root) throws IOException {
    return new Generation().from(root);
  }

  /** One block that was met. */
  private static final class Met {
    private final Cid cid;
    private final String text;
    private final long size;

    /** Its links, in the order of the block. */
    private final List<Cid> links;

    /** Where those lead that were followed. */
    private final Met[] children;

    private int followed;
    private long weight;
    private int index;

    private Met(Cid cid, long size, List<Cid> links) {
      this.cid = cid;
      this.text = cid.toString();
      this.size = size;
      this.children = new Met[links.size()];
      this.links = links;
    }
  }

  private final class Generation {
    private final Map<Cid, Met> met = new HashMap<>();
    private long linkCount;

    Info from(Cid root) throws IOException {
      walk(meet(root));
      List<Met> order = new ArrayList<>(met.values());
      order.sort(
          Comparator.comparingLong((Met block) -> block.weight)
              .reversed()
              .thenComparing(block -> block.text));
      for (int i = 0; i < order.size(); i++) {
        order.get(i).index = i;
      }
      List<Link> all = new ArrayList<>((int) linkCount);
      List<Long> sizes = new ArrayList<>(order.size());
      for (Met block : order) {
        for (Met child : block.children) {
          all.add(new Link(block.index, child.index));
        }
        sizes.add(block.size);
      }
      Collections.sort(all);
      List<Cid> nodes = order.stream().map(block -> block.cid).toList();
      return new Info(new Manifest(nodes, all), Collections.emptySortedMap(), sizes);
    }

    /** Depth first by hand: chains may be longer than a thread's stack. */
    private void walk(Met root) throws IOException {
      Deque<Met> path = new ArrayDeque<>();
      path.push(root);
      while (!path.isEmpty()) {
        Met block = path.peek();
        if (block.followed == block.children.length) {
          path.pop();
          if (!path.isEmpty()) {
            path.peek().weight += block.weight;
          }
          continue;
        }
        Cid cid = block.links.get(block.followed);
        block.weight++;
        Met known = met.get(cid);
        Met child = known == null ? meet(cid) : known;
        block.children[block.followed++] = child;
        if (known == null) {
          path.push(child);
        }
      }
    }

    private Met meet(Cid cid) throws IOException {
      if (met.size() == limits.nodes()) {
        throw BadManifest.tooMany("blocks beneath a root", limits.nodes());
      }
      Met block;
      if (cid.codec() == Codec.RAW) {
        OptionalInt size = store.size(cid);
        if (size.isEmpty()) {
          throw new BlockMissingException(cid);
        }
        block = new Met(cid, size.getAsInt(), List.of());
      } else {
        block = open(store.get(cid).orElseThrow(() -> new BlockMissingException(cid)));
      }
      met.put(cid, block);
      return block;
    }

    private Met open(Block block) {
      List<Cid> targets;
      long size = block.size();
      if (block.cid().codec() == Codec.DAG_PB) {
        targets = new ArrayList<>();
        for (PbLink link : DagPb.decode(block.data()).links()) {
          targets.add(link.cid());
          size += link.tsize().orElse(0);
        }
      } else {
        targets = Links.of(block);
      }
      linkCount += targets.size();
      if (linkCount > limits.links()) {
        throw BadManifest.tooMany("links beneath a root", limits.links());
      }
      return new Met(block.cid(), size, targets);
    }
  }
}
