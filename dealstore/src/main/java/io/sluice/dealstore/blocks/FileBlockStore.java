package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.BlockLogConfig;
import io.sluice.dealstore.blocks.log.LogFact;
import io.sluice.dealstore.blocks.log.LogWriter;
import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.CrashPoint;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks on disk. Any number of threads read while one at a time appends; nobody waits for a sync
 * but those who ask for one. What was put survives the end of the process at once, and the loss of
 * power after {@link #sync}. A block is found under every CID with its hash. Identity CIDs carry
 * their data, so they are always "here" and never written.
 *
 * <p>Blocks are trusted as they are put (verify before), and hashed whenever they are read, since a
 * disk may rot and an archive that is served in place may change under us. A block that does not
 * match counts as absent from then on, and can be put again.
 */
public final class FileBlockStore implements BlockStore, Closeable {
  private static final Logger log = LoggerFactory.getLogger(FileBlockStore.class);

  private static final int LARGEST = 32 << 20;

  private final Path directory;
  private final BlockStoreConfig config;
  private final DirectoryLock lock;
  private final DiskWatch watch;
  private final FreeSpace freeSpace;
  private final DamagedPlaces damaged;
  private final BlockLogConfig logConfig;
  private final ReentrantLock appending = new ReentrantLock();
  private volatile BlockFiles files;

  /** What came, numbered; null where nobody has asked for it. */
  private volatile @Nullable FileBlockLog numbers;

  private volatile @Nullable IOException broken;

  /** What was put or looked for since room began to be given back; null at other times. */
  private volatile @Nullable Set<Multihash> counted;

  private FileBlockStore(
      Path directory,
      BlockStoreConfig config,
      BlockLogConfig logConfig,
      DirectoryLock lock,
      DiskWatch watch)
      throws IOException {
    this.directory = directory;
    this.config = config;
    this.logConfig = logConfig;
    this.lock = lock;
    this.freeSpace = new FreeSpace(directory, config.freeBytes());
    this.damaged = DamagedPlaces.open(directory);
    this.watch = watch;
    this.files = BlockFiles.open(directory, watch);
  }

  /**
   * Opens a store, or makes one. After a crash the end of the active file is read and hashed: at
   * most what was written since the last sync.
   *
   * @param directory the store's own; made if it is not there
   * @throws IOException also if another process has the store open
   */
  public static FileBlockStore open(Path directory, BlockStoreConfig config) throws IOException {
    return open(directory, config, DiskWatch.NONE);
  }

  /** As {@link #open(Path, BlockStoreConfig)}, watched. */
  public static FileBlockStore open(Path directory, BlockStoreConfig config, DiskWatch watch)
      throws IOException {
    return open(directory, config, BlockLogConfig.standard(), watch);
  }

  /**
   * As {@link #open(Path, BlockStoreConfig)}, watched.
   *
   * @param log how the log is kept, if there is one or it is asked for
   */
  public static FileBlockStore open(
      Path directory, BlockStoreConfig config, BlockLogConfig log, DiskWatch watch)
      throws IOException {
    Directories.create(directory, watch);
    DirectoryLock lock = DirectoryLock.take(directory);
    try {
      FileBlockStore store = new FileBlockStore(directory, config, log, lock, watch);
      if (LogWriter.isIn(directory)) {
        store.openLog();
      }
      return store;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Whether the store in a directory has a log; it need not be open. */
  public static boolean hasLog(Path directory) {
    return LogWriter.isIn(directory);
  }

  /**
   * What came to this store, numbered. Made by the first call, when what is here is numbered in the
   * order of the files and nothing can be put meanwhile; from then on it is kept, also after a
   * restart.
   */
  public BlockLog log() throws IOException {
    FileBlockLog known = numbers;
    return known == null ? openLog() : known;
  }

  /** The log, if this store has one. */
  public Optional<BlockLog> knownLog() {
    return Optional.ofNullable(numbers);
  }

  private FileBlockLog openLog() throws IOException {
    appending.lock();
    try {
      FileBlockLog known = numbers;
      if (known == null) {
        checkWhole();
        known = FileBlockLog.open(this, directory, logConfig, watch);
        numbers = known;
      }
      return known;
    } finally {
      appending.unlock();
    }
  }

  @Override
  public boolean has(Cid cid) {
    return size(cid).isPresent();
  }

  @Override
  public OptionalInt size(Cid cid) {
    if (cid.isIdentity()) {
      return OptionalInt.of(cid.hash().digestLength());
    }
    countOn(cid);
    try {
      Optional<BlockPlace> found = find(cid.hash());
      return found.isPresent()
          ? OptionalInt.of(found.get().entry().dataLength())
          : OptionalInt.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<Block> get(Cid cid) throws IOException {
    countOn(cid);
    return load(cid);
  }

  /** As {@link #get}, but nobody counts on the block. */
  Optional<Block> load(Cid cid) throws IOException {
    if (cid.isIdentity()) {
      return Optional.of(new Block(cid, ByteBuffer.wrap(cid.hash().digest())));
    }
    while (true) {
      Optional<BlockPlace> found = find(cid.hash());
      if (found.isEmpty()) {
        return Optional.empty();
      }
      try {
        return read(cid, found.get());
      } catch (ClosedChannelException e) {
        // The file was let go of in between; what it held may be in another one now.
        if (files.holds(found.get().file())) {
          throw e;
        }
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws StorageFullException if the disk has too little room left
   */
  @Override
  public void put(Block block) throws IOException {
    if (block.cid().isIdentity()) {
      return;
    }
    if (block.size() > LARGEST) {
      throw new ProtocolException(
          ProtocolException.BLOCK_TOO_LARGE, block.size() + " bytes, at most " + LARGEST);
    }
    appending.lock();
    try {
      checkWhole();
      countOn(block.cid());
      if (load(block.cid()).isEmpty()) { // read, so that a damaged copy does not count
        freeSpace.take(block.size());
        FileBlockLog known = numbers;
        if (known == null) {
          append(block);
        } else {
          known.coming(block.cid().hash());
          append(block);
          known.came();
        }
      }
    } finally {
      appending.unlock();
    }
  }

  @Override
  public boolean isDamaged(Cid cid) {
    return damaged.hashes().anyMatch(cid.hash()::equals) && !has(cid);
  }

  /** The hashes of blocks that were found damaged and are nowhere sound; nearly always none. */
  public Set<Multihash> damaged() throws IOException {
    Set<Multihash> lacking = new HashSet<>();
    for (Multihash hash : damaged.hashes().toList()) {
      if (find(hash).isEmpty()) {
        lacking.add(hash);
      }
    }
    return lacking;
  }

  private void countOn(Cid cid) {
    Set<Multihash> noted = counted;
    if (noted != null) {
      noted.add(cid.hash());
    }
  }

  /** {@inheritDoc} Where there is a log, what came has its numbers then, and they are told. */
  @Override
  public void sync() throws IOException {
    FileBlockLog known = numbers;
    if (known == null) {
      var unused = synced();
    } else {
      known.flush();
    }
  }

  /**
   * Blocks that are durable.
   *
   * @param files that hold them
   * @param tail of the active file, up to where they end
   */
  record SyncedBlocks(BlockFiles files, CarPayload tail) {
    LogFact.NumberedUpTo end() {
      return new LogFact.NumberedUpTo(BlockFiles.number(files.active()), tail.length());
    }
  }

  /** Syncs the blocks alone. */
  SyncedBlocks synced() throws IOException {
    checkWhole();
    BlockFiles now = files;
    CarPayload tail = now.active().payload();
    try {
      now.active().sync();
    } catch (IOException e) {
      throw brokenBy(e);
    }
    return new SyncedBlocks(now, tail);
  }

  /** Shows how the hashes of blocks begin that came at a number of the log or later. */
  void headsOfCame(long from, LongConsumer taker) throws IOException {
    FileBlockLog known = numbers;
    if (known != null) {
      known.heads(from, taker);
    }
  }

  /** The files at this moment. */
  BlockFiles files() {
    return files;
  }

  /** The place at which the next block will come. */
  LogFact.NumberedUpTo end() {
    return files.end();
  }

  /** Whether a file has a sound block with a hash. */
  boolean isIn(BlockFile file, Multihash hash) throws IOException {
    return file.find(hash, damaged.in(file)).isPresent();
  }

  /** Whether nothing is known against a block of a file. */
  boolean isSound(BlockFile file, CarEntry entry) {
    return damaged.in(file).sound(entry);
  }

  /**
   * Serves an archive from where it lies; nothing of it is copied. Every block is hashed now, and
   * again whenever it is read. The archive is found again after a restart, as long as its length
   * and time of change stay the same.
   *
   * @param hashing where blocks are hashed, as wide as the cores
   * @return the roots that the archive names
   * @throws ProtocolException {@code BAD_CAR}, {@code BLOCK_HASH_MISMATCH}
   */
  public List<Cid> serveInPlace(Path car, ExecutorService hashing) throws IOException {
    String name = BlockFiles.externalName(car.toRealPath());
    ExternalFile external = ExternalFile.register(directory, name, car, hashing);
    appending.lock();
    try {
      BlockFiles without = files;
      Optional<BlockFile> before = without.named(external.name());
      files = without.without(external.name()).with(external);
      FileBlockLog known = numbers;
      if (known != null) {
        known.served(external, without);
      }
      if (before.isPresent()) {
        damaged.forget(before.get());
        before.get().close();
      }
    } finally {
      appending.unlock();
    }
    return external.roots();
  }

  /**
   * Stops serving an archive, which itself is not touched.
   *
   * @return whether it was served
   */
  public boolean stopServing(Path car) throws IOException {
    Path place = Files.exists(car) ? car.toRealPath() : car.toAbsolutePath().normalize();
    String name = BlockFiles.externalName(place);
    appending.lock();
    try {
      Optional<BlockFile> served = files.named(ExternalFile.PREFIX + name);
      FileBlockLog known = numbers;
      if (known != null) { // first: what is not served again by a crash has to be numbered then
        known.letGoOf(ExternalFile.PREFIX + name);
      }
      if (served.isPresent()) {
        files = files.without(served.get().name());
        damaged.forget(served.get());
        served.get().close();
      }
      ExternalFile.forget(directory, name);
      return served.isPresent();
    } finally {
      appending.unlock();
    }
  }

  /** Archives that are served from where they lie. */
  public List<Path> servedInPlace() {
    return files.all().stream()
        .filter(ExternalFile.class::isInstance)
        .map(BlockFile::path)
        .toList();
  }

  /** How many blocks there are; one that lies in several archives counts each time. */
  public long blocks() {
    return files.all().stream().mapToLong(BlockFile::blocks).sum();
  }

  /** Goes through the CIDs of all blocks in the order of the disk; damaged ones are left out. */
  public void each(Consumer<Cid> visitor) {
    for (BlockFile file : files.all()) {
      for (CarEntry entry : Sections.of(file.payload())) {
        if (damaged.in(file).sound(entry)) {
          visitor.accept(entry.cid());
        }
      }
    }
  }

  /** How many bytes the blocks take with what frames them, archives served in place included. */
  public long bytes() {
    return files.all().stream().mapToLong(file -> file.payload().length()).sum();
  }

  /**
   * Hashes everything on disk again, and looks after archives served in place. Damaged blocks count
   * as absent from then on.
   *
   * @param hashing where blocks are hashed
   */
  public VerifyReport verify(ExecutorService hashing) throws IOException {
    Rehash rehash = new Rehash(this, hashing, damaged);
    for (BlockFile file : files.all()) {
      rehash.file(file);
    }
    return rehash.report(List.of(), ExternalFile.lost(directory, roots -> true));
  }

  /**
   * Hashes a DAG again, and looks for what it lacks.
   *
   * @param hashing where blocks are hashed
   */
  public VerifyReport verify(Cid root, ExecutorService hashing) throws IOException {
    Rehash rehash = new Rehash(this, hashing, damaged);
    DagSummary dag = new DagVisit(this, rehash::place).from(root);
    return rehash.report(
        dag.missing(), dag.complete() ? List.of() : ExternalFile.lost(directory, roots -> true));
  }

  /** How many distinct blocks and bytes lie beneath a root, and whether something is missing. */
  public DagSummary summarize(Cid root) throws IOException {
    return new DagVisit(this, found -> {}).from(root);
  }

  /** Bytes that may be written at this moment, so that the disk keeps what is reserved. */
  public long roomLeft() throws IOException {
    return Math.max(0, freeSpace.left());
  }

  /**
   * Gives back the room of blocks that lie beneath none of some roots: files that hold some are
   * written anew without them, one after the other. Reading goes on meanwhile, and so does writing
   * between two files. An archive served in place is let go of when nothing of it is needed; it
   * stays as it is. For one thread at a time.
   *
   * <p>Whoever begins something new beside this need not say so: a block that is put or looked for
   * while this runs stays, and the roots are asked for again before each file. What began before
   * has to be among the roots, since it may count on blocks that it found here.
   *
   * @return what was let go
   */
  public Reclaimed reclaim(NeededRoots roots) throws IOException {
    int archives = files.archives().size();
    Reclaimed freed = reclaimed(roots);
    FileBlockLog known = numbers;
    boolean gone = !freed.equals(Reclaimed.NOTHING) || files.archives().size() < archives;
    if (known != null && gone) {
      known.compact();
    }
    return freed;
  }

  private Reclaimed reclaimed(NeededRoots roots) throws IOException {
    Set<Multihash> meanwhile = ConcurrentHashMap.newKeySet();
    counted = meanwhile;
    try {
      if (numbers != null) {
        sync(); // what came before has its number; what comes from here on is noted
      }
      BlocksInUse inUse = new BlocksInUse(this, roots, meanwhile);
      inUse.refresh();
      Reclaimed freed = Reclaimed.NOTHING;
      for (BlockFile file : sealedNow().all()) {
        inUse.refresh();
        if (file instanceof SealedFile sealed) {
          freed = freed.plus(reclaim(sealed, entry -> inUse.holds(file, entry)));
        } else if (file instanceof ExternalFile archive && !inUse.reach(archive)) {
          stopServing(archive.path());
        }
      }
      for (Path lost : ExternalFile.lost(directory, inUse::needNone)) {
        stopServing(lost);
      }
      return freed;
    } finally {
      counted = null;
    }
  }

  /** Syncs and closes. Who still reads gets an {@link IOException}. */
  @Override
  public void close() throws IOException {
    appending.lock();
    try (lock) {
      try {
        if (broken == null) {
          sync();
        }
      } finally {
        closeFiles();
      }
    } finally {
      appending.unlock();
    }
  }

  private void closeFiles() throws IOException {
    FileBlockLog known = numbers;
    try {
      if (known != null) {
        known.close();
      }
    } finally {
      for (BlockFile file : files.all()) {
        file.close();
      }
    }
  }

  Optional<BlockPlace> find(Multihash hash) throws IOException {
    while (true) {
      BlockFiles now = files;
      try {
        for (BlockFile file : now.all()) {
          Optional<CarEntry> entry = file.find(hash, damaged.in(file));
          if (entry.isPresent()) {
            return Optional.of(new BlockPlace(file, entry.get()));
          }
        }
        return Optional.empty();
      } catch (ClosedChannelException e) {
        if (files.equals(now)) {
          throw e;
        }
      }
    }
  }

  private Optional<Block> read(Cid cid, BlockPlace found) throws IOException {
    CarEntry entry = found.entry();
    try {
      return Optional.of(Block.verified(cid, found.file().payload().data(entry)));
    } catch (ProtocolException | EOFException e) {
      damaged.in(found.file()).damage(entry.offset(), entry.cid().hash(), e.toString());
      return load(cid); // another file may hold it too
    }
  }

  private void append(Block block) throws IOException {
    ActiveFile active = files.active();
    try {
      active.append(block);
    } catch (IOException e) {
      if (!active.wholeAfterFailure()) {
        throw brokenBy(e);
      }
      throw e;
    }
    if (active.length() >= config.fileBytes() || active.blocks() >= config.fileBlocks()) {
      rotate();
    }
  }

  /** Seals the active file and begins another. */
  private void rotate() throws IOException {
    try {
      ActiveFile full = files.active();
      SealedFile sealed = full.seal(damaged.in(full)::sound);
      CrashPoint.BLOCK_FILE_SEALED.reached();
      files = files.rotated(sealed, ActiveFile.create(files.nextPath(directory), watch));
    } catch (IOException e) {
      throw brokenBy(e);
    }
  }

  /** All files, after what was active is sealed. */
  private BlockFiles sealedNow() throws IOException {
    appending.lock();
    try {
      checkWhole();
      if (files.active().blocks() > 0) {
        rotate();
      }
      return files;
    } finally {
      appending.unlock();
    }
  }

  private Reclaimed reclaim(SealedFile file, Predicate<CarEntry> needed) throws IOException {
    appending.lock();
    try {
      checkWhole();
      Predicate<CarEntry> stays = needed.and(damaged.in(file)::sound);
      if (!Sections.wellFormed(file.payload())) {
        log.warn("{} is damaged; its room is not given back", file.path());
        return Reclaimed.NOTHING;
      }
      if (Sections.stream(file.payload()).allMatch(stays)) {
        return Reclaimed.NOTHING;
      }
      Set<Long> moved = new HashSet<>();
      moveOut(file, stays, moved);
      watch.before(file.path(), DiskWatch.Change.DELETE);
      files = files.without(file.name());
      try {
        // Who looked for a block meanwhile may have found it here; whoever looks from now on does
        // not.
        moveOut(file, stays, moved);
        sync(); // also that those moved are not new: the next start cannot see where they were
        Files.delete(file.path());
      } catch (IOException | RuntimeException e) {
        files = files.with(file); // it is still there
        throw e;
      }
      Reclaimed gone =
          Sections.stream(file.payload())
              .filter(entry -> !moved.contains(entry.offset()))
              .map(entry -> new Reclaimed(1, entry.dataLength()))
              .reduce(Reclaimed.NOTHING, Reclaimed::plus);
      Directories.force(file.path(), watch);
      damaged.forget(file);
      file.close();
      return gone;
    } finally {
      appending.unlock();
    }
  }

  /** Writes what stays to the active file; durable when this returns, so the old file may go. */
  private void moveOut(SealedFile file, Predicate<CarEntry> stays, Set<Long> moved)
      throws IOException {
    FileBlockLog known = numbers;
    if (known != null) {
      known.moving();
    }
    try {
      for (CarEntry entry : Sections.of(file.payload())) {
        if (!moved.contains(entry.offset()) && stays.test(entry)) {
          append(file.payload().block(entry));
          moved.add(entry.offset());
        }
      }
    } finally {
      if (known != null) {
        known.moved();
      }
    }
    files.active().sync();
  }

  private void checkWhole() throws IOException {
    IOException cause = broken;
    if (cause != null) {
      throw new IOException("block store failed before: " + cause.getMessage(), cause);
    }
  }

  /** After a failed sync nobody knows what is on the disk, and asking again would not tell. */
  private IOException brokenBy(IOException cause) {
    broken = cause;
    log.error("{}: no more blocks are taken until the next start: {}", directory, cause.toString());
    return cause;
  }
}
