package io.sluice.node.content;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.node.pricing.Catalogue;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The roots of a home, as documents of the deal store. Where the home has a block log, that is told
 * which roots are listed, with what lies beneath them.
 *
 * <p>List and log are two stores, so a process may die between them. The list is always changed
 * first, and {@link #agree} has the log follow at the next start; a root that was adopted from a
 * neighbour has that listing in its document, so that it is not taken for another one then. Safe
 * for any number of threads.
 */
public final class Contents {
  private static final String COLLECTION = "content";
  private static final String REMOVED = "removed";

  private final DealStore store;
  private final KnownLog log;

  /** Held while list and log are changed; neither waits for anything but the disk. */
  private final ReentrantLock changing = new ReentrantLock();

  /** The log of the home's blocks, if there is one; in step with the list when it is first told. */
  @FunctionalInterface
  public interface KnownLog {
    /** The log, opened if it has to be. */
    Optional<BlockLog> get() throws IOException;
  }

  /** The list in a store. */
  public Contents(DealStore store, KnownLog log) {
    this.store = store;
    this.log = log;
  }

  /** Facts about an imported root, however its CID is written. */
  public Optional<Catalogue.Listing> listing(Cid root) {
    return imported(root).map(record -> new Catalogue.Listing(record.size(), record.blocks()));
  }

  /** Whether some of an imported root is not here, so that nobody can be sold all of it. */
  public boolean isIncomplete(Cid root) {
    return imported(root).filter(record -> !record.complete()).isPresent();
  }

  private Optional<ContentRecord> imported(Cid root) {
    return find(root)
        .or(() -> otherVersion(root).flatMap(this::find))
        .filter(ContentRecord::imported);
  }

  /** Whoever asks may write the CID in the other way. */
  private static Optional<Cid> otherVersion(Cid cid) {
    boolean both = cid.codec() == Codec.DAG_PB && cid.hash().code() == Multihash.SHA2_256;
    return both
        ? Optional.of(cid.version() == 0 ? cid.asV1() : Cid.v0(cid.hash()))
        : Optional.empty();
  }

  /** What is known of a root that is listed under this CID. */
  public Optional<ContentRecord> find(Cid root) {
    return store.document(COLLECTION, root.toString()).map(ContentRecord.CODEC::decode);
  }

  /** All that is listed, by the text of the CIDs. */
  public Map<Cid, ContentRecord> all() {
    Map<Cid, ContentRecord> all = new LinkedHashMap<>();
    store.documents(COLLECTION).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry ->
                all.put(Cid.parse(entry.getKey()), ContentRecord.CODEC.decode(entry.getValue())));
    return all;
  }

  /** Puts a root on the list, or other facts about one that is. */
  public void put(Cid root, ContentRecord record) throws IOException {
    Optional<BlockLog> known = log.get(); // not under the lock: it may have to be opened
    changing.lock();
    try {
      write(root, record);
      if (known.isPresent()) {
        tell(known.get(), root, record);
      }
    } finally {
      changing.unlock();
    }
  }

  private void write(Cid root, ContentRecord record) throws IOException {
    store.putDocument(COLLECTION, root.toString(), ContentRecord.CODEC.encode(record));
  }

  private static void tell(BlockLog log, Cid root, ContentRecord record) throws IOException {
    if (!record.complete() || !log.listings(root).isEmpty()) {
      return;
    }
    if (record.adopted().isPresent()) {
      log.learned(root, record.adopted().get(), record.imported(), record.name());
    } else {
      log.listed(root, record.imported(), record.name());
    }
  }

  /**
   * Puts a root on the list by the listing of another node.
   *
   * @param record has the listing
   * @return false, and nothing is changed, if that listing has ended
   */
  public boolean adopt(Cid root, ContentRecord record) throws IOException {
    RootTag tag = record.adopted().orElseThrow();
    BlockLog known = log.get().orElseThrow();
    changing.lock();
    try {
      if (known.ended(tag)) {
        return false;
      }
      if (find(root).filter(ContentRecord::complete).isEmpty()) {
        write(root, record);
      }
      known.learned(root, tag, record.imported(), record.name());
      return true;
    } finally {
      changing.unlock();
    }
  }

  /** Takes a root off the list. That somebody said so is noted first, and outlives the root. */
  public void remove(Cid root, Instant now) throws IOException {
    Optional<BlockLog> known = log.get();
    changing.lock();
    try {
      takeOff(root, now);
      if (known.isPresent()) {
        known.get().removed(root, known.get().listings(root));
      }
    } finally {
      changing.unlock();
    }
  }

  private void takeOff(Cid root, Instant now) throws IOException {
    store.putDocument(REMOVED, root.toString(), Node.of(now.toEpochMilli()));
    store.removeDocument(COLLECTION, root.toString());
  }

  /** Whether a root is listed here by some listings, and by no others. */
  public boolean isListedBy(Cid root, Set<RootTag> tags) throws IOException {
    return isListedBy(log.get().orElseThrow(), root, tags);
  }

  private static boolean isListedBy(BlockLog log, Cid root, Set<RootTag> tags) {
    Set<RootTag> here = log.listings(root);
    return !here.isEmpty() && tags.containsAll(here);
  }

  /**
   * Ends listings, of which another node says that they ended. A root that has no other is taken
   * off the list.
   */
  public void end(Cid root, Set<RootTag> tags, Instant now) throws IOException {
    BlockLog known = log.get().orElseThrow();
    changing.lock();
    try {
      if (isListedBy(known, root, tags)) {
        takeOff(root, now);
      }
      known.removed(root, tags);
    } finally {
      changing.unlock();
    }
  }

  /** Has a log follow the list where a process died between them, or the log is new. */
  public void agree(BlockLog with, Instant now) throws IOException {
    changing.lock();
    try {
      for (Map.Entry<Cid, ContentRecord> entry : all().entrySet()) {
        Optional<RootTag> adopted = entry.getValue().adopted();
        boolean unlisted = with.listings(entry.getKey()).isEmpty();
        if (unlisted && adopted.filter(with::ended).isPresent()) {
          takeOff(entry.getKey(), now);
        } else {
          tell(with, entry.getKey(), entry.getValue());
        }
      }
      for (Cid root : with.listedRoots()) {
        if (find(root).isEmpty()) {
          with.removed(root, with.listings(root));
        }
      }
    } finally {
      changing.unlock();
    }
  }

  /** Whether a root was taken off the list at that time or later. */
  public boolean removedSince(Cid root, Instant time) {
    return store
        .document(REMOVED, root.toString())
        .filter(at -> at.asLong() >= time.toEpochMilli())
        .isPresent();
  }
}
