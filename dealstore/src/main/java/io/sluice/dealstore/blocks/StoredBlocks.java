package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.log.LogFact;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.fsm.CrashPoint;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blocks of a store as they lie in its files. Any number of threads look for blocks and read
 * them, each hashed, since a disk may rot and an archive that is served in place may change under
 * us; what does not match counts as absent from then on. One thread at a time appends or changes
 * which files there are: whoever holds {@link #appending}.
 *
 * <p>Files are never changed but at the end of the active one, and are let go of only after what
 * stays of them is durable elsewhere. A reader that meets a closed file looks again among those of
 * the moment.
 */
final class StoredBlocks {
  private static final Logger log = LoggerFactory.getLogger(StoredBlocks.class);

  private final Path directory;
  private final BlockStoreConfig config;
  private final DiskWatch watch;
  private final DamagedPlaces damaged;
  private final ReentrantLock appending = new ReentrantLock();
  private volatile BlockFiles files;
  private volatile @Nullable IOException broken;

  /** Opens what is in a directory. */
  StoredBlocks(Path directory, BlockStoreConfig config, DiskWatch watch) throws IOException {
    this.directory = directory;
    this.config = config;
    this.watch = watch;
    this.damaged = DamagedPlaces.open(directory);
    this.files = BlockFiles.open(directory, watch);
  }

  /** Held by whoever appends, or changes which files there are. */
  ReentrantLock appending() {
    return appending;
  }

  /** What was found damaged. */
  DamagedPlaces damaged() {
    return damaged;
  }

  /** A block, hashed. */
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

  /** Where a sound block with a hash is. */
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

  /** The files at this moment. */
  BlockFiles files() {
    return files;
  }

  /** Other files from now on; for who holds {@link #appending}. */
  void replace(BlockFiles by) {
    files = by;
  }

  /** Whether it failed in a way that nobody knows the outcome of. */
  boolean isBroken() {
    return broken != null;
  }

  /** The place at which the next block will come. */
  LogFact.NumberedUpTo end() {
    return files.end();
  }

  /** Whether a file has a sound block with a hash. */
  boolean isIn(BlockFile file, Multihash hash) throws IOException {
    return file.find(hash, damaged.in(file)).isPresent();
  }

  /** Whether a block was found damaged and is nowhere sound. */
  boolean isDamaged(Cid cid) {
    try {
      return damaged.hashes().anyMatch(cid.hash()::equals) && find(cid.hash()).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether nothing is known against a block of a file. */
  boolean isSound(BlockFile file, CarEntry entry) {
    return damaged.in(file).sound(entry);
  }

  // ---- to write

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

  /** Puts a block behind all others; for who holds {@link #appending}. */
  void append(Block block) throws IOException {
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
  BlockFiles sealedNow() throws IOException {
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

  /** Refuses after a failure that nobody knows the outcome of. */
  void checkWhole() throws IOException {
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
