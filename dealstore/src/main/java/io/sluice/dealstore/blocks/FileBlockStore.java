package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.BlockLogConfig;
import io.sluice.dealstore.blocks.log.LogWriter;
import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
  private static final int LARGEST = 32 << 20;

  private final Path directory;
  private final DirectoryLock lock;
  private final DiskWatch watch;
  private final FreeSpace freeSpace;
  private final StoredBlocks stored;
  private final DamagedPlaces damaged;
  private final BlockLogConfig logConfig;

  /** What came, numbered; null where nobody has asked for it. */
  private volatile @Nullable FileBlockLog numbers;

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
    this.logConfig = logConfig;
    this.lock = lock;
    this.freeSpace = new FreeSpace(directory, config.freeBytes());
    this.watch = watch;
    this.stored = new StoredBlocks(directory, config, watch);
    this.damaged = stored.damaged();
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

  /** The same, if this store has one. */
  Optional<FileBlockLog> numbers() {
    return Optional.ofNullable(numbers);
  }

  /** The log, if this store has one. */
  public Optional<BlockLog> knownLog() {
    return Optional.ofNullable(numbers);
  }

  private FileBlockLog openLog() throws IOException {
    stored.appending().lock();
    try {
      FileBlockLog known = numbers;
      if (known == null) {
        stored.checkWhole();
        known = FileBlockLog.open(stored, directory, logConfig, watch);
        numbers = known;
      }
      return known;
    } finally {
      stored.appending().unlock();
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
      Optional<BlockPlace> found = stored.find(cid.hash());
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
    return stored.load(cid);
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
    stored.appending().lock();
    try {
      stored.checkWhole();
      countOn(block.cid());
      if (stored.load(block.cid()).isEmpty()) { // read, so that a damaged copy does not count
        freeSpace.take(block.size());
        FileBlockLog known = numbers;
        if (known == null) {
          stored.append(block);
        } else {
          known.coming(block.cid().hash());
          stored.append(block);
          known.came();
        }
      }
    } finally {
      stored.appending().unlock();
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
      if (stored.find(hash).isEmpty()) {
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
      var unused = stored.synced();
    } else {
      known.flush();
    }
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
    stored.appending().lock();
    try {
      BlockFiles without = stored.files();
      Optional<BlockFile> before = without.named(external.name());
      stored.replace(without.without(external.name()).with(external));
      FileBlockLog known = numbers;
      if (known != null) {
        known.served(external, without);
      }
      if (before.isPresent()) {
        damaged.forget(before.get());
        before.get().close();
      }
    } finally {
      stored.appending().unlock();
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
    stored.appending().lock();
    try {
      Optional<BlockFile> served = stored.files().named(ExternalFile.PREFIX + name);
      FileBlockLog known = numbers;
      if (known != null) { // first: what is not served again by a crash has to be numbered then
        known.letGoOf(ExternalFile.PREFIX + name);
      }
      if (served.isPresent()) {
        stored.replace(stored.files().without(served.get().name()));
        damaged.forget(served.get());
        served.get().close();
      }
      ExternalFile.forget(directory, name);
      return served.isPresent();
    } finally {
      stored.appending().unlock();
    }
  }

  /** Archives that are served from where they lie. */
  public List<Path> servedInPlace() {
    return stored.files().all().stream()
        .filter(ExternalFile.class::isInstance)
        .map(BlockFile::path)
        .toList();
  }

  /** How many blocks there are; one that lies in several archives counts each time. */
  public long blocks() {
    return stored.files().all().stream().mapToLong(BlockFile::blocks).sum();
  }

  /** Goes through the CIDs of all blocks in the order of the disk; damaged ones are left out. */
  public void each(Consumer<Cid> visitor) {
    for (BlockFile file : stored.files().all()) {
      for (CarEntry entry : Sections.of(file.payload())) {
        if (damaged.in(file).sound(entry)) {
          visitor.accept(entry.cid());
        }
      }
    }
  }

  /** How many bytes the blocks take with what frames them, archives served in place included. */
  public long bytes() {
    return stored.files().all().stream().mapToLong(file -> file.payload().length()).sum();
  }

  /**
   * Hashes everything on disk again, and looks after archives served in place. Damaged blocks count
   * as absent from then on.
   *
   * @param hashing where blocks are hashed
   */
  public VerifyReport verify(ExecutorService hashing) throws IOException {
    Rehash rehash = new Rehash(stored, hashing);
    for (BlockFile file : stored.files().all()) {
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
    Rehash rehash = new Rehash(stored, hashing);
    DagSummary dag = new DagVisit(stored, rehash::place).from(root);
    return rehash.report(
        dag.missing(), dag.complete() ? List.of() : ExternalFile.lost(directory, roots -> true));
  }

  /** How many distinct blocks and bytes lie beneath a root, and whether something is missing. */
  public DagSummary summarize(Cid root) throws IOException {
    return new DagVisit(stored, found -> {}).from(root);
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
    int archives = stored.files().archives().size();
    Set<Multihash> meanwhile = ConcurrentHashMap.newKeySet();
    counted = meanwhile;
    Reclaimed freed;
    try {
      freed = new Reclamation(this, stored, directory, watch).of(roots, meanwhile);
    } finally {
      counted = null;
    }
    FileBlockLog known = numbers;
    boolean gone = !freed.equals(Reclaimed.NOTHING) || stored.files().archives().size() < archives;
    if (known != null && gone) {
      known.compact();
    }
    return freed;
  }

  /** Syncs and closes. Who still reads gets an {@link IOException}. */
  @Override
  public void close() throws IOException {
    stored.appending().lock();
    try (lock) {
      try {
        if (!stored.isBroken()) {
          sync();
        }
      } finally {
        closeFiles();
      }
    } finally {
      stored.appending().unlock();
    }
  }

  private void closeFiles() throws IOException {
    FileBlockLog known = numbers;
    try {
      if (known != null) {
        known.close();
      }
    } finally {
      for (BlockFile file : stored.files().all()) {
        file.close();
      }
    }
  }
}
