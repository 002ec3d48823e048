package io.sluice.node;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.CidSet;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies beneath roots: found by a walk and kept for a while, of as many blocks as is bounded; a
 * DAG does not change under its root. What is not all here may grow, and is walked again once there
 * are other blocks. One walk at a time: strangers can ask for it. Thread-safe.
 */
final class BeneathRoots {
  private static final Logger LOG = LoggerFactory.getLogger(BeneathRoots.class);
  private static final float LOAD = 0.75f;

  /** Of all walks that are kept; about 40 bytes each. */
  private static final int MOST_BLOCKS = 1_000_000;

  private final BlockStore blocks;
  private final LongSupplier count;

  /** Those last asked for last; guarded by this. */
  private final Map<Multihash, KeptWalk> kept = new LinkedHashMap<>(16, LOAD, true);

  private long keptBlocks;

  /**
   * A walk that was made.
   *
   * @param at how many blocks there were
   */
  private record KeptWalk(Beneath found, long at) {}

  /**
   * @param count how many blocks there are: where more lies beneath a root than there did, it is
   *     another number
   */
  BeneathRoots(BlockStore blocks, LongSupplier count) {
    this.blocks = blocks;
    this.count = count;
  }

  /**
   * What was found beneath a root, itself included.
   *
   * @param hashes of the blocks, whatever the version and codec of the links to them; does not
   *     change any more
   * @param closed whether all blocks with links are here, so that there will be no more of it
   */
  record Beneath(CidSet hashes, boolean closed) {
    /** Whether a block lies there, however its CID is written. */
    boolean holds(Multihash block) {
      return hashes.contains(plain(block));
    }
  }

  /** One name for all that have the same bytes. */
  static Cid plain(Multihash hash) {
    return Cid.v1(Codec.RAW, hash);
  }

  /** Whether a root was walked before, so that it costs nothing to ask for it. */
  synchronized boolean knows(Cid root) {
    return kept.containsKey(root.hash());
  }

  /** What lies beneath a root, as far as it is here. */
  synchronized Beneath of(Cid root) throws IOException {
    long now = count.getAsLong();
    KeptWalk known = kept.get(root.hash());
    if (known != null && (known.found().closed() || known.at() == now)) {
      return known.found();
    }
    CidSet hashes = new CidSet();
    boolean closed = walk(root, cid -> hashes.add(plain(cid.hash())));
    Beneath found = new Beneath(hashes, closed);
    KeptWalk before = kept.put(root.hash(), new KeptWalk(found, now));
    keptBlocks += hashes.size() - (before == null ? 0 : before.found().hashes().size());
    Iterator<KeptWalk> eldest = kept.values().iterator();
    while (keptBlocks > MOST_BLOCKS && kept.size() > 1) {
      keptBlocks -= eldest.next().found().hashes().size();
      eldest.remove();
    }
    return found;
  }

  /**
   * Passes every block beneath a root, itself included, as far as it is here.
   *
   * @return whether all blocks with links are here
   */
  boolean walk(Cid root, Consumer<Cid> visitor) throws IOException {
    CidSet passed = new CidSet(); // the same bytes may be linked to as another codec, too
    boolean closed = true;
    Deque<Cid> ahead = new ArrayDeque<>();
    passed.add(root);
    ahead.push(root);
    while (!ahead.isEmpty()) {
      Cid cid = ahead.pop();
      visitor.accept(cid);
      if (cid.codec() == Codec.RAW) {
        continue;
      }
      Optional<Block> block = blocks.get(cid);
      closed &= block.isPresent();
      if (block.isPresent()) {
        for (Cid link : links(block.get())) {
          if (passed.add(link)) {
            ahead.push(link);
          }
        }
      }
    }
    return closed;
  }

  /** A block that is not of its codec leads nowhere. */
  private static List<Cid> links(Block block) {
    try {
      return Links.of(block);
    } catch (ProtocolException e) {
      LOG.debug("{} has no links that can be read: {}", block.cid(), e.getMessage());
      return List.of();
    }
  }
}
