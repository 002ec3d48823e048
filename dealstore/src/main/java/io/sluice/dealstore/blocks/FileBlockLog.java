package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.LogEntry.BlockCame;
import io.sluice.dealstore.blocks.LogEntry.RootListed;
import io.sluice.dealstore.blocks.LogEntry.RootRemoved;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.fsm.CrashPoint;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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

  private static final String FOLDER = "log";
  private static final int GROUP = 4096;

  private final FileBlockStore store;
  private final Path folder;
  private final BlockLogConfig config;
  private final DiskWatch watch;
  private final ReentrantLock writing = new ReentrantLock();
  private final Map<Object, Runnable> listeners = new ConcurrentHashMap<>();
  private final RootListings roots;
  private final SyncSoon soon;
  private final LogFiles files;
  private volatile long epoch;
  private volatile long cursor;
  private volatile NumberedPlaces places;

  /** The highest number that was written; under the lock, as all below. */
  private long given;

  /** Whether blocks were passed over that no fact on the disk says so of. */
  private boolean passedOver;

  /** Whether all that an earlier process left is numbered. */
  private boolean caughtUp;

  private boolean published;
  private @Nullable IOException broken;

  /** Which blocks get a number. */
  @FunctionalInterface
  private interface BlockRule {
    boolean counts(BlockFile file, CarEntry entry) throws IOException;
  }

  private FileBlockLog(
      FileBlockStore store,
      Path folder,
      BlockLogConfig config,
      DiskWatch watch,
      LogFiles files,
      RootListings roots) {
    this.store = store;
    this.folder = folder;
    this.config = config;
    this.watch = watch;
    this.files = files;
    this.roots = roots;
    this.places = NumberedPlaces.NONE;
    this.soon = new SyncSoon(config.settle(), store::sync);
  }

  // ---- to open and to make

  static boolean isIn(Path directory) {
    return Files.isDirectory(directory.resolve(FOLDER));
  }

  /**
   * Opens the log of a store, or makes it; blocks that have no number get one. A log that is
   * damaged begins anew, with another epoch.
   *
   * @param directory the store's, whose lock for appending is held
   */
  static FileBlockLog open(
      FileBlockStore store, Path directory, BlockLogConfig config, DiskWatch watch)
      throws IOException {
    Path folder = directory.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return anew(store, folder, config, watch, new RootListings());
    }
    try {
      return opened(store, folder, config, watch);
    } catch (LogDamagedException e) {
      log.error(
          "the block log is damaged, and its numbers begin anew; neighbours will compare everything"
              + " again: {}",
          e.getMessage());
      return anew(store, folder, config, watch, salvaged(folder));
    }
  }

  private static FileBlockLog opened(
      FileBlockStore store, Path folder, BlockLogConfig config, DiskWatch watch)
      throws IOException {
    LogHead head = LogHead.read(folder);
    RootListings roots = new RootListings();
    roots.takeAll(head);
    List<LogFact> newest = new ArrayList<>();
    LogFiles files = LogFiles.open(folder, head, watch, config.segmentEntries(), newest::add);
    FileBlockLog opened = new FileBlockLog(store, folder, config, watch, files, roots);
    try {
      opened.restore(head, newest);
      return opened;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private void restore(LogHead head, List<LogFact> newest) throws IOException {
    epoch = head.epoch();
    given = head.cursor();
    places = head.places();
    newest.forEach(this::note);
    places = places.within(store.files());
    cursor = given;
    published = true;
    Optional<Long> inode = Inode.of(files.newest().path());
    if (!inode.equals(head.inode())) {
      log.warn(
          "the block log is a copy, perhaps an old one: neighbours will compare everything again");
      epoch = config.random().nextLong();
      writeHead(files.seals(), files.newest());
    }
    files.deleteOthers();
    try {
      flush();
    } catch (IOException e) {
      log.warn("what came last has no numbers yet: {}", e.toString());
    }
  }

  private static FileBlockLog anew(
      FileBlockStore store, Path folder, BlockLogConfig config, DiskWatch watch, RootListings known)
      throws IOException {
    LogFiles files = LogFiles.begin(folder, watch, config.segmentEntries());
    FileBlockLog made = new FileBlockLog(store, folder, config, watch, files, known);
    try {
      made.numberAll();
      return made;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private void numberAll() throws IOException {
    writing.lock();
    try {
      epoch = config.random().nextLong();
      FileBlockStore.SyncedBlocks blocks = store.synced();
      BlockRule first = (file, entry) -> files.numberOf(entry.cid().hash(), 0) == 0;
      numberOwn(blocks, first);
      for (ExternalFile archive : blocks.files().archives()) {
        number(archive, first);
      }
      List<LogFact> known = new ArrayList<>();
      roots
          .ended()
          .forEach((root, tags) -> known.addAll(removals(given + known.size(), root, tags)));
      for (RootListings.Listing listing : roots.going()) {
        known.add(numbered(given + known.size() + 1, listing.root(), listing.as()));
      }
      append(known);
      commit();
      writeHead(files.seals(), files.newest());
      published = true;
      caughtUp = true;
      files.deleteOthers();
    } finally {
      writing.unlock();
    }
  }

  /** The listings of a damaged log, as far as it can be read. */
  private static RootListings salvaged(Path folder) throws IOException {
    RootListings roots = new RootListings();
    try {
      roots.takeAll(LogHead.read(folder));
    } catch (LogDamagedException e) {
      log.debug("nothing is known from the head", e);
    }
    LogFiles.salvage(
        folder,
        fact -> {
          if (fact instanceof LogFact.Numbered numbered) {
            roots.take(numbered.entry());
          }
        });
    return roots;
  }

  private void writeHead(List<LogSegment.Seal> sealed, LogSegment newest) throws IOException {
    new LogHead(
            epoch,
            given,
            Inode.of(newest.path()),
            sealed,
            newest.id(),
            places,
            roots.going(),
            LogHead.EndedListings.of(roots.ended()))
        .write(folder, watch);
  }

  private void writeHeadOnceItCounts(List<LogSegment.Seal> sealed, LogSegment newest)
      throws IOException {
    if (published) {
      writeHead(sealed, newest);
    }
  }

  // ---- to number blocks

  /** Syncs the store's blocks and numbers those that came since; all is durable on return. */
  void flush() throws IOException {
    long before = cursor;
    writing.lock();
    try {
      appendBlocks();
      commit();
    } finally {
      writing.unlock();
      tell(before);
    }
  }

  private void appendBlocks() throws IOException {
    refuseIfBroken();
    FileBlockStore.SyncedBlocks blocks = store.synced();
    if (caughtUp) {
      if (passedOver || !places.upTo().equals(blocks.end())) {
        numberOwn(blocks, (file, entry) -> true);
      }
      return;
    }
    // What room was given back for may be here twice: moved, and where it was.
    numberOwn(blocks, (file, entry) -> !isInOlder(blocks.files(), file, entry.cid().hash()));
    for (ExternalFile archive : blocks.files().archives()) {
      if (!places.has(archive)) {
        numberArchive(archive, blocks.files());
      }
    }
    caughtUp = true;
  }

  private boolean isInOlder(BlockFiles all, BlockFile file, Multihash hash) throws IOException {
    for (BlockFile older : all.ownFrom(0)) {
      if (BlockFiles.number(older) >= BlockFiles.number(file)) {
        return false;
      }
      if (store.isIn(older, hash)) {
        return true;
      }
    }
    return false;
  }

  private void numberOwn(FileBlockStore.SyncedBlocks blocks, BlockRule rule) throws IOException {
    LogFact.NumberedUpTo from = places.upTo();
    for (BlockFile file : blocks.files().ownFrom(from.file())) {
      boolean last = file.equals(blocks.files().active());
      CarPayload payload = last ? blocks.tail() : file.payload();
      long begin = BlockFiles.number(file) == from.file() ? from.offset() : 0;
      NumberedGroup group = new NumberedGroup(BlockFiles.number(file));
      for (CarEntry entry : sections(payload, begin)) {
        if (store.isSound(file, entry) && !group.has(entry) && rule.counts(file, entry)) {
          group.add(entry);
        }
        group.reached(entry.next());
      }
      group.reached(payload.length());
      group.end();
    }
  }

  private static Iterable<CarEntry> sections(CarPayload payload, long begin) {
    return Sections.from(payload, begin == 0 ? -1 : begin);
  }

  /** Numbers what is nowhere else in the files that are numbered. */
  private void numberArchive(ExternalFile archive, BlockFiles others) throws IOException {
    long before = given;
    number(
        archive,
        (file, entry) -> {
          Multihash hash = entry.cid().hash();
          return files.numberOf(hash, before) == 0 && !isNumberedIn(others, hash);
        });
  }

  private boolean isNumberedIn(BlockFiles all, Multihash hash) throws IOException {
    for (BlockFile file : all.all()) {
      boolean numbered = !(file instanceof ExternalFile archive) || places.has(archive);
      if (numbered && store.isIn(file, hash)) {
        return true;
      }
    }
    return false;
  }

  private void number(ExternalFile archive, BlockRule rule) throws IOException {
    NumberedGroup group = new NumberedGroup(0);
    for (CarEntry entry : Sections.of(archive.payload())) {
      if (!entry.cid().isIdentity()
          && store.isSound(archive, entry)
          && !group.has(entry)
          && rule.counts(archive, entry)) {
        group.add(entry);
      }
    }
    group.end();
    append(List.of(new LogFact.ArchiveNumbered(archive.name(), archive.stamp())));
  }

  /** Blocks that are about to be numbered together. */
  private final class NumberedGroup {
    private final long file;
    private final List<LogFact> facts = new ArrayList<>();
    private final Set<Multihash> hashes = new HashSet<>();
    private long reached;

    /** Of a file of the store's own, or with 0 of an archive. */
    NumberedGroup(long file) {
      this.file = file;
    }

    boolean has(CarEntry entry) {
      return hashes.contains(entry.cid().hash());
    }

    void add(CarEntry entry) throws IOException {
      if (facts.size() >= GROUP) {
        end();
      }
      facts.add(numbered(given + facts.size() + 1, entry.cid(), new BlockCame(entry.dataLength())));
      hashes.add(entry.cid().hash());
    }

    void reached(long offset) {
      reached = offset;
    }

    void end() throws IOException {
      if (file > 0) {
        facts.add(new LogFact.NumberedUpTo(file, reached));
      }
      append(facts);
      facts.clear();
      hashes.clear();
    }
  }

  private static LogFact numbered(long number, Cid cid, LogEntry.What what) {
    return new LogFact.Numbered(new LogEntry(number, cid, what));
  }

  private void append(List<LogFact> group) throws IOException {
    if (group.isEmpty()) {
      return;
    }
    try {
      files.append(group);
    } catch (IOException e) {
      if (!files.newest().wholeAfterFailure()) {
        throw brokenBy(e);
      }
      throw e;
    }
    group.forEach(this::note);
    passedOver = false;
    if (files.newestIsFull()) {
      files.roll(this::writeHeadOnceItCounts);
    }
  }

  private void note(LogFact fact) {
    places = places.after(fact);
    if (fact instanceof LogFact.Numbered numbered) {
      given = numbered.entry().number();
      roots.take(numbered.entry());
    }
  }

  private void commit() throws IOException {
    CrashPoint.BLOCK_LOG_WRITTEN.reached();
    try {
      files.force();
    } catch (IOException e) {
      throw brokenBy(e);
    }
    CrashPoint.BLOCK_LOG_SYNCED.reached();
    cursor = given;
  }

  private void refuseIfBroken() throws IOException {
    IOException cause = broken;
    if (cause != null) {
      throw new IOException("the block log failed before: " + cause.getMessage(), cause);
    }
  }

  /** Nobody knows what is on the disk then. */
  private IOException brokenBy(IOException cause) {
    broken = cause;
    log.error("{}: no more numbers are given until the next start: {}", folder, cause.toString());
    return cause;
  }

  // ---- what the store says

  /** A block was put. */
  void came() {
    if (!listeners.isEmpty()) {
      soon.due();
    }
  }

  /** Blocks were moved to the end of the store's files; they keep their numbers. */
  void moved() {
    writing.lock();
    try {
      places = places.after(store.end());
      passedOver = true;
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
    long was = cursor;
    writing.lock();
    try {
      refuseIfBroken();
      numberArchive(archive, before);
      commit();
    } finally {
      writing.unlock();
      tell(was);
    }
  }

  /** An archive is not going to be served any more. */
  void letGoOf(String archive) throws IOException {
    writing.lock();
    try {
      if (places.archives().containsKey(archive)) {
        refuseIfBroken();
        append(List.of(new LogFact.ArchiveGone(archive)));
        commit();
      }
    } finally {
      writing.unlock();
    }
  }

  /** Drops what means nothing any more; numbers, cursor and epoch stay. */
  void compact() throws IOException {
    writing.lock();
    try {
      refuseIfBroken();
      for (String archive : places.archives().keySet()) {
        if (store.files().named(archive).isEmpty()) { // else it came back with nothing of it here
          append(List.of(new LogFact.ArchiveGone(archive)));
        }
      }
      commit();
      if (files.newest().entries() > 0) {
        files.roll(this::writeHeadOnceItCounts);
      }
    } finally {
      writing.unlock();
    }
    Optional<LogFiles.Rewritten> rewritten = files.rewrite(this::means);
    if (rewritten.isPresent()) {
      writing.lock();
      try {
        files.replace(rewritten.get(), this::writeHeadOnceItCounts);
      } finally {
        writing.unlock();
      }
    }
  }

  private boolean means(LogEntry entry) throws IOException {
    return switch (entry.what()) {
      case BlockCame came ->
          store.find(entry.cid().hash()).isPresent()
              && files.numberOf(entry.cid().hash(), entry.number()) == 0;
      case RootListed listed -> roots.goesOn(listed.tag());
      case RootRemoved removed -> true;
    };
  }

  /** Shows how the hashes of blocks begin that came at a number or later. */
  void heads(long from, LongConsumer taker) throws IOException {
    var unused =
        files.read(
            from,
            cursor,
            () ->
                entry -> {
                  if (entry.what() instanceof BlockCame) {
                    taker.accept(TailIndex.head(entry.cid().hash().digest()));
                  }
                  return true;
                });
  }

  // ---- what it tells

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public long cursor() {
    return cursor;
  }

  @Override
  public List<LogEntry> read(long from, long to, int most) throws IOException {
    if (from < 1 || most < 1) {
      throw new IllegalArgumentException("%d entries from %d on".formatted(most, from));
    }
    // First: of what is durable by now everything is in the segments that are read.
    long last = Math.min(to, cursor);
    return files.read(from, last, () -> new LogPage(most)).entries;
  }

  /** Entries that mean something, up to so many. */
  private final class LogPage implements LogSegment.EntryTaker {
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
    long before = cursor;
    writing.lock();
    try {
      appendBlocks();
      RootTag tag = new RootTag(epoch, given + 1);
      append(List.of(numbered(given + 1, root, new RootListed(tag, offered, LogFact.cut(name)))));
      commit();
      return tag;
    } finally {
      writing.unlock();
      tell(before);
    }
  }

  @Override
  public boolean learned(Cid root, RootTag tag, boolean offered, String name) throws IOException {
    long before = cursor;
    writing.lock();
    try {
      if (roots.goesOn(tag) || roots.ended(tag)) {
        return false;
      }
      appendBlocks();
      append(List.of(numbered(given + 1, root, new RootListed(tag, offered, LogFact.cut(name)))));
      commit();
      return true;
    } finally {
      writing.unlock();
      tell(before);
    }
  }

  @Override
  public boolean removed(Cid root, Set<RootTag> tags) throws IOException {
    long before = cursor;
    writing.lock();
    try {
      List<RootTag> ending = roots.endable(root, tags);
      if (ending.isEmpty()) {
        return false;
      }
      appendBlocks();
      append(removals(given, root, ending));
      commit();
      return true;
    } finally {
      writing.unlock();
      tell(before);
    }
  }

  /** Entries for the end of listings, numbered from one above. */
  private static List<LogFact> removals(long above, Cid root, List<RootTag> tags) {
    List<LogFact> removals = new ArrayList<>();
    for (int at = 0; at < tags.size(); at += LogFact.MOST_TAGS) {
      List<RootTag> some = tags.subList(at, Math.min(tags.size(), at + LogFact.MOST_TAGS));
      removals.add(numbered(above + removals.size() + 1, root, new RootRemoved(some)));
    }
    return removals;
  }

  @Override
  public Set<RootTag> listings(Cid root) {
    return roots.of(root);
  }

  @Override
  public Set<Cid> listedRoots() {
    return roots.going().stream()
        .map(RootListings.Listing::root)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public boolean ended(RootTag tag) {
    return roots.ended(tag);
  }

  @Override
  public AutoCloseable onRise(Runnable listener) {
    Object key = new Object(); // one listener may be there twice
    listeners.put(key, listener);
    if (!places.upTo().equals(store.end())) {
      soon.due();
    }
    return () -> listeners.remove(key);
  }

  private void tell(long before) {
    if (cursor > before) {
      for (Runnable listener : listeners.values()) {
        try {
          listener.run();
        } catch (RuntimeException e) { // it is theirs, and nothing failed here
          log.warn("a listener of the block log failed", e);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    soon.close();
    writing.lock();
    try {
      files.close();
    } finally {
      writing.unlock();
    }
  }
}
