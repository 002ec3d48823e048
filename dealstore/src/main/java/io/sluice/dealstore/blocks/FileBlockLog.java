package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.index.TailIndex;
import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.BlockLogConfig;
import io.sluice.dealstore.blocks.log.LogDamagedException;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.LogEntry.BlockCame;
import io.sluice.dealstore.blocks.log.LogEntry.RootListed;
import io.sluice.dealstore.blocks.log.LogEntry.RootRemoved;
import io.sluice.dealstore.blocks.log.LogFact;
import io.sluice.dealstore.blocks.log.LogFiles;
import io.sluice.dealstore.blocks.log.LogWriter;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a {@link FileBlockStore}, beside its files. Nothing is written when a block is put:
 * with the next sync those that came since are read back in the order of the files, which is the
 * order in which they came, and get their numbers. So a process that dies in between loses nothing;
 * the next one goes on where the numbers end.
 *
 * <p>A number means something if its block is here and no higher number stands for the same block.
 * So nothing has to be written when blocks go: one that comes again gets another number, and the
 * old one never comes alive again.
 *
 * <p>Locks are taken in this order: the store's, this one's.
 */
final class FileBlockLog implements BlockLog, Closeable {
  private static final Logger log = LoggerFactory.getLogger(FileBlockLog.class);

  private final StoredBlocks store;
  private final LogWriter writer;
  private final BlockNumbering numbering;
  private final ReentrantLock writing = new ReentrantLock();
  private final Map<Object, Runnable> listeners = new ConcurrentHashMap<>();
  private final SyncSoon soon;

  /** Blocks that are about to come again: their old numbers are not told any more. */
  private final Set<Multihash> again = ConcurrentHashMap.newKeySet();

  private FileBlockLog(StoredBlocks store, LogWriter writer, BlockLogConfig config) {
    this.store = store;
    this.writer = writer;
    this.numbering = new BlockNumbering(store, writer, again);
    this.soon = new SyncSoon(config.settle(), this::flush);
  }

  /**
   * Opens the log of a store, or makes it; blocks that have no number get one. A log that is
   * damaged begins anew, with another epoch.
   *
   * @param directory the store's, into which nothing is put meanwhile
   */
  static FileBlockLog open(
      StoredBlocks store, Path directory, BlockLogConfig config, DiskWatch watch)
      throws IOException {
    if (!LogWriter.isIn(directory)) {
      return anew(store, directory, config, watch);
    }
    try {
      LogWriter writer = LogWriter.open(directory, store.end(), config, watch);
      FileBlockLog opened = new FileBlockLog(store, writer, config);
      opened.catchUp();
      return opened;
    } catch (LogDamagedException e) {
      log.error(
          "the block log is damaged, its numbers begin anew and neighbours will compare everything"
              + " again: {}",
          e.getMessage());
      return anew(store, directory, config, watch);
    }
  }

  private static FileBlockLog anew(
      StoredBlocks store, Path directory, BlockLogConfig config, DiskWatch watch)
      throws IOException {
    LogWriter writer = LogWriter.begin(directory, config, watch);
    try {
      FileBlockLog made = new FileBlockLog(store, writer, config);
      // All of it before the head names it: a start that dies in here begins once more.
      made.numbering.all(store.synced());
      writer.appendRoots();
      writer.publish();
      return made;
    } catch (IOException | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  /** A store can be read though its log cannot be written; the next sync tries again. */
  private void catchUp() {
    try {
      flush();
    } catch (IOException e) {
      log.warn("what came last has no numbers yet: {}", e.toString());
    }
  }

  /** Something to do while nobody else writes. */
  @FunctionalInterface
  private interface LogWork<T> {
    T run() throws IOException;
  }

  /** Whoever waits is told if the cursor has risen by it. */
  private <T> T alone(LogWork<T> work) throws IOException {
    long before = writer.cursor();
    try {
      // Told outside of the lock, also behind a failure: part of the work may be durable by then.
      writing.lock();
      try {
        return work.run();
      } finally {
        writing.unlock();
      }
    } finally {
      if (writer.cursor() > before) {
        tell();
      }
    }
  }

  private void tell() {
    for (Runnable listener : listeners.values()) {
      try {
        listener.run();
      } catch (RuntimeException e) { // it is theirs, and nothing failed here
        log.warn("a listener of the block log failed", e);
      }
    }
  }

  // ---- what the store says

  /** Syncs the store's blocks and numbers those that came since; all is durable on return. */
  void flush() throws IOException {
    alone(
        () -> {
          numbering.newcomers(store.synced());
          writer.commit();
          return true;
        });
  }

  /** A block that is not here is about to be put. */
  void coming(Multihash hash) throws IOException {
    // Before it is here: once it is, its old number would be alive until it has the new one.
    if (writer.files().numberOf(hash, 0) > 0) {
      again.add(hash);
    }
  }

  /** A block was put. */
  void came() {
    // Without anybody who waits, the store's next sync is soon enough.
    if (!listeners.isEmpty()) {
      soon.due();
    }
  }

  /**
   * Blocks are about to be moved to the end of the store's files, where nothing else comes
   * meanwhile: what came before has its numbers on return, and nothing gets one until {@link
   * #moved}.
   */
  void moving() throws IOException {
    alone(
        () -> {
          numbering.newcomers(store.synced());
          writer.commit();
          // From here on new and moved blocks cannot be told apart by where they lie.
          numbering.pause(true);
          return true;
        });
  }

  /** Blocks were moved to the end of the store's files; they keep their numbers. */
  void moved() {
    writing.lock();
    try {
      writer.passOver(store.end());
      numbering.pause(false);
    } finally {
      writing.unlock();
    }
  }

  /**
   * An archive is served.
   *
   * @param before the files without it
   */
  void served(ExternalFile archive, BlockFiles before) throws IOException {
    alone(
        () -> {
          // Those that were here before keep the number they have, wherever they are read from.
          numbering.archive(archive, before);
          writer.commit();
          return true;
        });
  }

  /** An archive is not going to be served any more. */
  void letGoOf(String archive) throws IOException {
    alone(
        () -> {
          if (writer.places().archives().containsKey(archive)) {
            writer.append(List.of(new LogFact.ArchiveGone(archive)));
            writer.commit();
          }
          return true;
        });
  }

  /**
   * Drops what means nothing any more; numbers, cursor and epoch stay. For one thread at a time.
   */
  void compact() throws IOException {
    alone(
        () -> {
          for (String archive : writer.places().archives().keySet()) {
            if (store.files().named(archive).isEmpty()) { // it may come back, without its numbers
              writer.append(List.of(new LogFact.ArchiveGone(archive)));
            }
          }
          writer.sealNewest();
          return true;
        });
    // Outside of the lock: it reads all there is, and what comes meanwhile goes to another segment.
    Optional<LogFiles.Rewritten> rewritten = writer.files().rewrite(this::means);
    if (rewritten.isPresent()) {
      alone(
          () -> {
            writer.replace(rewritten.get());
            return true;
          });
    }
  }

  private boolean means(LogEntry entry) throws IOException {
    return switch (entry.what()) {
      case BlockCame came ->
          // In this order: a block that comes again is here last, and has its number before that is
          // not waited for any more.
          store.find(entry.cid().hash()).isPresent()
              && !again.contains(entry.cid().hash())
              && writer.files().numberOf(entry.cid().hash(), entry.number()) == 0;
      case RootListed listed -> writer.roots().goesOn(listed.tag());
      case RootRemoved removed -> true;
    };
  }

  /** Shows how the hashes of blocks begin that came at a number or later. */
  void heads(long from, LongConsumer taker) throws IOException {
    LogFiles.EntryTaker each =
        entry -> {
          if (entry.what() instanceof BlockCame) {
            taker.accept(TailIndex.head(entry.cid().hash().digest()));
          }
          return true;
        };
    writer.files().read(from, writer.cursor(), () -> each);
  }

  // ---- what it tells

  @Override
  public void renew() throws IOException {
    alone(
        () -> {
          writer.renew();
          return true;
        });
  }

  @Override
  public long epoch() {
    return writer.epoch();
  }

  @Override
  public long cursor() {
    return writer.cursor();
  }

  @Override
  public List<LogEntry> read(long from, long to, int most) throws IOException {
    if (from < 1 || most < 1) {
      throw new IllegalArgumentException("%d entries from %d on".formatted(most, from));
    }
    // The cursor first: of what is durable by now everything is in the segments that are read.
    long last = Math.min(to, writer.cursor());
    return writer.files().read(from, last, () -> new LogPage(most)).entries;
  }

  /** Entries that mean something, up to so many. */
  private final class LogPage implements LogFiles.EntryTaker {
    private final int most;
    private final List<LogEntry> entries = new ArrayList<>();

    LogPage(int most) {
      this.most = most;
    }

    @Override
    public boolean take(LogEntry entry) throws IOException {
      if (means(entry)) {
        entries.add(entry);
      }
      return entries.size() < most;
    }
  }

  @Override
  public RootTag listed(Cid root, boolean offered, String name) throws IOException {
    return alone(
        () -> {
          // Blocks first: who reads of a root by its number finds its blocks below that.
          numbering.newcomers(store.synced());
          RootTag tag = writer.appendListing(root, Optional.empty(), offered, name);
          writer.commit();
          return tag;
        });
  }

  @Override
  public boolean learned(Cid root, RootTag tag, boolean offered, String name) throws IOException {
    return alone(
        () -> {
          // An ended tag stays ended, in whatever order neighbours tell of it.
          if (writer.roots().goesOn(tag) || writer.roots().ended(tag)) {
            return false;
          }
          numbering.newcomers(store.synced());
          var unused = writer.appendListing(root, Optional.of(tag), offered, name);
          writer.commit();
          return true;
        });
  }

  @Override
  public boolean removed(Cid root, Set<RootTag> tags) throws IOException {
    return alone(
        () -> {
          // Tags that were never listed here end as well: the removal may overtake the listing.
          List<RootTag> ending = writer.roots().endable(root, tags);
          if (ending.isEmpty()) {
            return false;
          }
          writer.appendRemoval(root, ending);
          writer.commit();
          return true;
        });
  }

  @Override
  public Set<RootTag> listings(Cid root) {
    return writer.roots().of(root);
  }

  @Override
  public Set<Cid> listedRoots() {
    return writer.roots().roots();
  }

  @Override
  public boolean ended(RootTag tag) {
    return writer.roots().ended(tag);
  }

  @Override
  public AutoCloseable onRise(Runnable listener) {
    Object key = new Object(); // one listener may be there twice
    listeners.put(key, listener);
    // Behind it: what came while nobody listened has not been asked to be numbered.
    if (!writer.places().upTo().equals(store.end())) {
      soon.due();
    }
    return () -> listeners.remove(key);
  }

  @Override
  public void close() throws IOException {
    soon.close(); // first: a flush that is due would meet closed files
    alone(
        () -> {
          writer.close();
          return true;
        });
  }
}
