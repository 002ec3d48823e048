package io.sluice.node.client;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.WalkLedger;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.LinkLoader;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.ipld.UnixFsFields;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.CidSet;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What of a DAG is here already, found by walking it: never by a counter, which can run ahead of
 * what reached the disk.
 *
 * @param complete whether nothing is missing
 * @param exclusions what a first request can leave out
 * @param position leading visits that are satisfied here
 * @param charged bytes charged up to that position, by the deal's own exclusions
 * @param bytes bytes of the distinct blocks that are here
 * @param blocks how many those are
 * @param spared bytes of those that a first request can leave out: not all, where they are very
 *     many
 */
record LocalContent(
    boolean complete,
    Exclusions exclusions,
    long position,
    long charged,
    long bytes,
    long blocks,
    long spared) {

  /** Most blocks that a list of exclusions may name. */
  private static final int MAX_LISTED = 20_000;

  /** Walks what is here; {@code first} are the exclusions of a deal that has begun. */
  static LocalContent of(BlockStore store, Cid root, Node selector, Exclusions first)
      throws IOException, InterruptedException {
    // Where everything is wanted, what stands in raw leaves leads the walk nowhere: it is not read.
    boolean unreadLeaves = selector.equals(Selectors.exploreAll().node());
    Scan scan = new Scan(store, first, unreadLeaves);
    Selector parsed = Selector.parse(selector);
    try {
      Walk.run(root, parsed, visit -> scan.load(visit.cid()), WalkBudget.DEFAULT);
    } catch (ProtocolException e) {
      // A directory whose next shard is not here ends the walk; what is not here will come.
      if (!e.code().equals(Walk.WALK_FAILED) || !scan.gap) {
        throw e;
      }
    }
    List<String> way = parsed.way().segments();
    // Of a stretch of a file, what lies behind a gap may be none of it.
    if (scan.gap && parsed.equals(Selectors.unixfsPath(way, Selectors.Scope.ENTITY))) {
      behindTheGap(store, root, way, scan);
    }
    return scan.result();
  }

  /**
   * A file that is asked for as bytes is read up to the first part that is missing. Parts that are
   * here behind it are found by their links, so that they are not bought again.
   */
  private static void behindTheGap(BlockStore store, Cid root, List<String> way, Scan scan)
      throws IOException, InterruptedException {
    Cid[] last = {root};
    Walk.run(
        root,
        Selectors.unixfsPath(way, Selectors.Scope.BLOCK),
        visit -> {
          last[0] = visit.cid();
          return LinkLoader.of(store).load(visit);
        },
        WalkBudget.DEFAULT);
    Optional<Block> target = store.get(last[0]);
    if (target.isPresent() && isFile(target.get())) {
      Scan parts = new Scan(store, Exclusions.NONE, true);
      parts.gap = true;
      Walk.run(
          last[0], Selectors.exploreAll(), visit -> parts.load(visit.cid()), WalkBudget.DEFAULT);
      scan.take(parts);
    }
  }

  private static boolean isFile(Block block) {
    try {
      return block.cid().codec() == Codec.DAG_PB
          && DagPb.decode(block.data())
              .data()
              .filter(data -> UnixFsFields.decode(data).type() == UnixFsFields.FILE)
              .isPresent();
    } catch (ProtocolException e) {
      return false;
    }
  }

  /**
   * The same for a deal whose first request leaves out all of this: nothing is charged up to the
   * position then, and the walk need not be made again to know it.
   */
  LocalContent leftOut() {
    return new LocalContent(complete, exclusions, position, 0, bytes, blocks, spared);
  }

  private static final class Scan {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final BlockStore store;
    private final WalkLedger ledger;
    private final boolean unreadLeaves;
    private final CidSet seen = new CidSet();
    private final Set<Cid> later = new LinkedHashSet<>();
    private boolean gap;
    private long leading;
    private long charged;
    private long bytes;
    private long spared;

    Scan(BlockStore store, Exclusions first, boolean unreadLeaves) {
      this.store = store;
      this.unreadLeaves = unreadLeaves;
      this.ledger = new WalkLedger(first);
    }

    LoadResult load(Cid cid) throws IOException {
      boolean unread = unreadLeaves && cid.codec() == Codec.RAW && !cid.isIdentity();
      Optional<ByteBuffer> data = unread ? Optional.of(NOTHING) : store.get(cid).map(Block::data);
      OptionalInt found =
          unread
              ? store.size(cid)
              : data.map(read -> OptionalInt.of(read.remaining())).orElse(OptionalInt.empty());
      if (found.isEmpty()) {
        gap = true;
        return new LoadResult.Skip();
      }
      int size = found.getAsInt();
      if (!gap) {
        ledger.visit(cid, size);
        leading++;
        charged = ledger.charged();
      }
      if (!cid.isIdentity() && seen.add(cid)) {
        bytes += size;
        if (!gap) {
          spared += size;
        } else if (later.size() < MAX_LISTED) {
          later.add(cid);
          spared += size;
        }
      }
      return new LoadResult.Loaded(data.orElseThrow());
    }

    /** Adds what was found behind the gap and is not counted yet. */
    void take(Scan parts) {
      for (Cid cid : parts.later) {
        if (seen.add(cid)) {
          int size = store.size(cid).orElse(0);
          bytes += size;
          if (later.size() < MAX_LISTED) {
            later.add(cid);
            spared += size;
          }
        }
      }
    }

    LocalContent result() {
      return new LocalContent(
          !gap,
          new Exclusions(leading, List.copyOf(later)),
          leading,
          charged,
          bytes,
          seen.size(),
          spared);
    }
  }
}
