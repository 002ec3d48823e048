package io.sluice.dealstore.blocks;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes once to every block beneath a root. Which blocks were seen is remembered by their place on
 * disk: exact, and a few bytes each.
 */
final class DagVisit {
  private static final Logger log = LoggerFactory.getLogger(DagVisit.class);

  private static final int MISSING_NAMED = 1000;
  private static final int OFFSET_BITS = 44;

  private final StoredBlocks store;
  private final BlockVisitor visitor;
  private final Map<String, Integer> fileNumbers = new HashMap<>();
  private final LongSet leaves = new LongSet();
  private final LongSet opened = new LongSet();
  private final Deque<Cid> ahead = new ArrayDeque<>();
  private final List<Cid> missing = new ArrayList<>();
  private long blocks;
  private long bytes;

  /** Is shown each block once. */
  @FunctionalInterface
  interface BlockVisitor {
    void at(BlockPlace found) throws IOException;
  }

  DagVisit(StoredBlocks store, BlockVisitor visitor) {
    this.store = store;
    this.visitor = visitor;
  }

  DagSummary from(Cid root) throws IOException {
    ahead.push(root);
    while (!ahead.isEmpty()) {
      visit(ahead.pop());
    }
    return new DagSummary(
        blocks, bytes, missing, missing.stream().filter(store::isDamaged).toList());
  }

  private void visit(Cid cid) throws IOException {
    if (cid.isIdentity()) {
      follow(store.load(cid).orElseThrow());
      return;
    }
    Optional<BlockPlace> found = store.find(cid.hash());
    if (found.isEmpty()) {
      if (missing.size() < MISSING_NAMED && !missing.contains(cid)) {
        missing.add(cid);
      }
      return;
    }
    long place = place(found.get());
    boolean leaf = cid.codec() == Codec.RAW;
    boolean first = !leaves.contains(place) && !opened.contains(place);
    boolean news = leaf ? leaves.add(place) : opened.add(place);
    if (first) {
      blocks++;
      bytes += found.get().entry().dataLength();
      visitor.at(found.get());
    }
    if (news && !leaf) {
      Optional<Block> block = store.load(cid);
      if (block.isPresent()) {
        follow(block.get());
      }
    }
  }

  /** A block that is not of its codec leads nowhere; whether it is damaged is told by its hash. */
  private void follow(Block block) {
    try {
      Links.of(block).reversed().forEach(ahead::push);
    } catch (ProtocolException e) {
      log.debug("{} has no links that can be read: {}", block.cid(), e.getMessage());
    }
  }

  /** Whether a place was visited. */
  boolean visited(BlockPlace found) {
    if (!visitedIn(found.file())) {
      return false;
    }
    long place = place(found);
    return leaves.contains(place) || opened.contains(place);
  }

  /** Whether any place in a file was visited. */
  boolean visitedIn(BlockFile file) {
    return fileNumbers.containsKey(file.name());
  }

  private long place(BlockPlace found) {
    int number = fileNumbers.computeIfAbsent(found.file().name(), name -> fileNumbers.size() + 1);
    return (long) number << OFFSET_BITS | found.entry().offset();
  }
}
