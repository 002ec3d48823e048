package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.blocks.FileBlockStore;
import io.sluice.node.content.Contents;
import io.sluice.node.pricing.Catalogue;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of the blocks here may be sold: what is listed and whole, and what lies beneath that.
 *
 * <p>Two things make it look closer, both of them rare. After {@code rm} the blocks are still here
 * until {@code gc} takes them: then only what lies beneath a listed root counts. And once a block
 * was found damaged, no content is sold that lacks it. What was found by walking is kept until the
 * list or the damage changes, so that asking often costs little.
 */
final class OfferedContent implements Catalogue {
  private static final Logger LOG = LoggerFactory.getLogger(OfferedContent.class);
  private static final String WITHDRAWN = "withdrawn";
  private static final int REMEMBERED = 10_000;

  private final DealStore store;
  private final Contents contents;
  private final BlocksOfHome blocks;

  /** What the answers below were found for. */
  private volatile World seen = new World(Set.of(), Set.of());

  /** How often something was withdrawn or given back. */
  private final AtomicLong changes = new AtomicLong();

  private final Map<Multihash, Boolean> held = new ConcurrentHashMap<>();
  private final Map<Cid, Boolean> damaged = new ConcurrentHashMap<>();

  private record World(Set<Cid> listed, Set<Multihash> damaged) {}

  /** The block store, opened when it is first needed. */
  @FunctionalInterface
  interface BlocksOfHome {
    FileBlockStore open() throws IOException;
  }

  OfferedContent(DealStore store, Contents contents, BlocksOfHome blocks) {
    this.store = store;
    this.contents = contents;
    this.blocks = blocks;
  }

  @Override
  public Optional<Listing> listing(Cid root) {
    return contents.listing(root);
  }

  @Override
  public Optional<DealCode> withheld(Cid cid) {
    if (cid.isIdentity()) {
      return Optional.empty(); // everybody has it
    }
    if (contents.isIncomplete(cid)) {
      return Optional.of(DealCode.NOT_FOUND);
    }
    try {
      boolean rotten = !blocks.open().damaged().isEmpty();
      boolean withdrawn = !store.documents(WITHDRAWN).isEmpty();
      if (!rotten && !withdrawn) {
        return Optional.empty();
      }
      lookAnew();
      if (rotten && isDamaged(cid)) {
        return Optional.of(DealCode.DAMAGED);
      }
      return withdrawn && !isHeld(cid) ? Optional.of(DealCode.NOT_FOUND) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a block beneath that root was found damaged, and is nowhere sound. */
  boolean isDamaged(Cid root) throws IOException {
    if (blocks.open().damaged().isEmpty()) {
      return false;
    }
    lookAnew();
    Boolean known = damaged.get(root);
    if (known == null) {
      known = !blocks.open().summarize(root).damaged().isEmpty();
      if (known) {
        LOG.error("{} is damaged and not offered any more; bring it in again", root);
      }
      remember(damaged, root, known);
    }
    return known;
  }

  private synchronized void lookAnew() throws IOException {
    World now = new World(contents.all().keySet(), blocks.open().damaged());
    if (!now.equals(seen)) {
      held.clear();
      damaged.clear();
      seen = now;
    }
  }

  private boolean isHeld(Cid cid) throws IOException {
    Boolean known = held.get(cid.hash());
    if (known == null) {
      known = isBeneath(seen.listed(), cid.hash());
      remember(held, cid.hash(), known);
    }
    return known;
  }

  private boolean isBeneath(Set<Cid> roots, Multihash wanted) throws IOException {
    Set<Cid> passed = new HashSet<>(roots);
    Deque<Cid> ahead = new ArrayDeque<>(roots);
    while (!ahead.isEmpty()) {
      Cid cid = ahead.pop();
      if (cid.hash().equals(wanted)) {
        return true;
      }
      if (cid.codec() != Codec.RAW) {
        Optional<Block> block = blocks.open().get(cid);
        if (block.isPresent()) {
          Links.of(block.get()).stream().filter(passed::add).forEach(ahead::push);
        }
      }
    }
    return false;
  }

  private static <K> void remember(Map<K, Boolean> answers, K key, boolean answer) {
    if (answers.size() >= REMEMBERED) {
      answers.clear();
    }
    answers.put(key, answer);
  }

  /** A root is taken off the list; until its blocks are gone, what is asked for is looked up. */
  void withdraw(Cid root) throws IOException {
    store.putDocument(WITHDRAWN, root.toString(), Node.of(true));
    changes.incrementAndGet();
  }

  /** Another number whenever {@link #withdrawn} may say something else. */
  long changes() {
    return changes.get();
  }

  /** The roots that were taken off the list, and of which blocks are here still. */
  Set<Cid> withdrawn() {
    return store.documents(WITHDRAWN).keySet().stream().map(Cid::parse).collect(Collectors.toSet());
  }

  /** Blocks were given back: roots that are gone need not be thought of any more. */
  void collected() throws IOException {
    for (String root : store.documents(WITHDRAWN).keySet()) {
      if (!blocks.open().has(Cid.parse(root))) {
        store.removeDocument(WITHDRAWN, root);
        changes.incrementAndGet();
      }
    }
  }
}
