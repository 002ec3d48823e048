package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.DamagedPlaces.FilePlaces;
import io.sluice.dealstore.blocks.index.TailIndex;
import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.SteadyFile;
import io.sluice.fsm.CrashPoint;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarIndexBuilder;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.car.CarV2Header;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that grows: an unfinished CARv2 (its header says that the payload has no length yet).
 *
 * <pre>
 * 0 pragma, header │ … 1024 durable mark … │ 4096 payload: header, block, block, block …
 * </pre>
 *
 * One thread at a time appends, under the store's lock; any thread reads and syncs.
 *
 * <p>The mark lets a start be quick and still be right: up to it a sync has answered, so what lies
 * there was promised to somebody and is not cut off; behind it nobody was promised anything, and
 * each block has to prove itself. The mark is written after the sync and is not synced itself: one
 * that is too low costs hashing, and too high it can never be.
 */
final class ActiveFile implements BlockFile {
  /** Blocks that somebody put are taken back whatever their size; bounded by what an int holds. */
  static final CarLimits OWN = new CarLimits(64 << 10, 16, 64 << 20, false);

  private static final Logger log = LoggerFactory.getLogger(ActiveFile.class);

  static final long PAYLOAD = 4096;
  private static final int STAGE = 64 << 10;

  /** Bytes that are not durable when a sync is begun that nobody has asked for. */
  static final long BEHIND = 32L << 20;

  private final SteadyFile file;
  private final TailIndex index = new TailIndex();
  private final ByteBuffer stage = ByteBuffer.allocateDirect(STAGE);
  private final ReentrantLock syncing = new ReentrantLock();

  /** One at a time: a second would only wait for the first. */
  private final AtomicBoolean syncingBehind = new AtomicBoolean();

  private @Nullable IOException failedSync; // under the lock
  private volatile long length;
  private volatile long durable;
  private volatile boolean whole = true;

  private ActiveFile(SteadyFile file) {
    this.file = file;
  }

  /** A new file; it is durable, and so is its name. */
  static ActiveFile create(Path path, DiskWatch watch) throws IOException {
    ActiveFile active = new ActiveFile(SteadyFile.create(path, watch));
    active.file.write(new CarV2Header(false, PAYLOAD, 0, 0).encodeWithPragma(), 0);
    ByteBuffer head = CarWriter.payloadHead(List.of());
    active.length = head.remaining();
    active.file.write(head, PAYLOAD);
    active.sync();
    Directories.force(path, watch);
    return active;
  }

  /**
   * Opens a file that was not sealed. Up to the durable mark the blocks are only counted; behind it
   * each is hashed, and the first that is not whole ends the file: it and what follows is cut off.
   * Damage before the mark is not a torn end but a failing disk: then nothing is cut, and the file
   * is sealed with what can be read.
   */
  static BlockFile recover(SteadyFile file) throws IOException {
    ActiveFile active = new ActiveFile(file);
    long marked = DurableMark.read(file);
    long there = Math.max(0, file.size() - PAYLOAD);
    long end = active.readBack(new CarPayload(file, PAYLOAD, there, OWN), marked);
    active.length = end;
    file.write(new CarV2Header(false, PAYLOAD, 0, 0).encodeWithPragma(), 0);
    // More may be good behind the damage than before it, and was paid for. So it goes into a sealed
    // file as it is, from which blocks are read one by one, and new ones go elsewhere.
    if (end < marked) {
      log.error(
          "{}: damaged at byte {} though {} were durable; {} blocks before it are kept",
          file.path(),
          end,
          marked,
          active.index.size());
      return active.seal(PAYLOAD + there, entry -> true);
    }
    // A write that the death of the process cut short, or that never reached the disk.
    if (end < there) {
      log.info("{}: cut off {} bytes behind the last whole block", file.path(), there - end);
      file.truncate(PAYLOAD + end);
    }
    active.sync();
    return active;
  }

  /** Puts the payload's head right, which is the same in every file of ours. */
  static void mendHead(SteadyFile file) throws IOException {
    ByteBuffer wanted = CarWriter.payloadHead(List.of());
    ByteBuffer found = ByteBuffer.allocate(wanted.remaining());
    if (file.size() < PAYLOAD + found.capacity()) {
      return;
    }
    file.readFully(found, PAYLOAD);
    if (!found.flip().equals(wanted)) {
      log.warn("{}: the head of its payload was damaged and is put right", file.path());
      file.write(wanted, PAYLOAD);
    }
  }

  /** Whether a file had begun to be filled. */
  static boolean isBegun(SteadyFile file) throws IOException {
    return DurableMark.read(file) > 0;
  }

  /** Whether the start of the payload can be read. */
  static boolean hasHead(SteadyFile file) throws IOException {
    try {
      new CarPayload(file, PAYLOAD, Math.max(0, file.size() - PAYLOAD), OWN).roots();
      return true;
    } catch (ProtocolException e) {
      return false;
    }
  }

  @Override
  public String name() {
    return SealedFile.nameOf(file.path());
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public long blocks() {
    return index.size();
  }

  /** Length of the payload so far. */
  long length() {
    return length;
  }

  @Override
  public CarPayload payload() {
    return new CarPayload(file, PAYLOAD, length, OWN);
  }

  @Override
  public Optional<CarEntry> find(Multihash hash, FilePlaces places) throws IOException {
    long head = TailIndex.head(hash.digest());
    long[] candidates = index.candidates(head);
    if (candidates.length > 0) {
      CarPayload payload = payload();
      for (long offset : candidates) {
        Optional<CarEntry> entry = Sections.at(payload, offset);
        // The index has a part of the hash: others may share it, but at least that has to be so.
        if (entry.filter(it -> TailIndex.head(it.cid().hash().digest()) == head).isEmpty()) {
          places.damage(offset, hash, "no section of it is there");
        } else if (entry.get().cid().hash().equals(hash) && places.sound(entry.get())) {
          return entry;
        }
      }
    }
    return Optional.empty();
  }

  /** Appends a block; it can be found when this returns. */
  void append(Block block) throws IOException {
    long offset = length;
    try {
      length = offset + writeSection(block.cid(), block.data().duplicate(), PAYLOAD + offset);
      CrashPoint.BLOCK_WRITTEN.reached();
    } catch (IOException e) {
      // As if it had not been begun: else the next start would take the torn block for the end.
      length = offset;
      cutBack(PAYLOAD + offset, e);
      throw e;
    }
    // Found only now that all of it can be read: readers take no lock.
    index.add(TailIndex.head(block.cid().hash().digest()), offset);
    if (length - durable >= BEHIND && syncingBehind.compareAndSet(false, true)) {
      Thread.ofPlatform().name("blocks-behind").daemon().start(this::syncBehind);
    }
  }

  /** So that whoever waits for a sync in the end does not wait for all of it. */
  private void syncBehind() {
    try {
      sync();
    } catch (IOException e) {
      log.debug("whoever waits for the next sync is told", e);
    } finally {
      syncingBehind.set(false);
    }
  }

  /** Whether the file still ends with a whole block after an append that failed. */
  boolean wholeAfterFailure() {
    return whole;
  }

  private void cutBack(long size, IOException failure) {
    try {
      file.truncate(size);
    } catch (IOException e) {
      // The store has to leave this file: what is appended behind a torn block is lost at the next
      // start.
      whole = false;
      failure.addSuppressed(e);
    }
  }

  /** All that was appended before is on the disk when this returns; callers share one sync. */
  void sync() throws IOException {
    long wanted = length;
    if (durable >= wanted) {
      return;
    }
    syncing.lock();
    try {
      if (durable >= wanted) {
        return;
      }
      refuseAfterFailure();
      // Taken before the disk is asked: what is appended meanwhile may not be in it.
      long reached = length;
      try {
        file.force();
      } catch (IOException e) {
        failedSync = e;
        throw e;
      }
      // The mark after the sync, never before: it says what is so.
      CrashPoint.BLOCKS_SYNCED.reached();
      DurableMark.write(file, reached);
      durable = reached;
    } finally {
      syncing.unlock();
    }
  }

  /**
   * Writes the index behind the payload, then the header that makes the file a finished CARv2.
   *
   * @param usable which blocks the index shall name
   */
  SealedFile seal(Predicate<CarEntry> usable) throws IOException {
    syncing.lock();
    try {
      refuseAfterFailure();
      SealedFile sealed = seal(PAYLOAD + length, usable);
      durable = length; // a sync that still waits for its turn leaves the finished file alone
      return sealed;
    } finally {
      syncing.unlock();
    }
  }

  /** Under the lock. A sync after one that failed would succeed, whatever is on the disk. */
  private void refuseAfterFailure() throws IOException {
    IOException failed = failedSync;
    if (failed != null) {
      throw new IOException("an earlier sync failed: " + failed.getMessage(), failed);
    }
  }

  private SealedFile seal(long indexOffset, Predicate<CarEntry> usable) throws IOException {
    CarPayload payload = payload();
    CarIndexBuilder builder = new CarIndexBuilder();
    // Asked once more: a block that was found damaged meanwhile shall not be named for good.
    for (long offset : index.offsets()) {
      Sections.at(payload, offset)
          .filter(usable)
          .ifPresent(entry -> builder.add(entry.cid().hash(), offset));
    }
    return SealedFile.seal(file, length, indexOffset, builder);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Small blocks go in one write with their head; of large ones the first part does. */
  private int writeSection(Cid cid, ByteBuffer data, long position) throws IOException {
    ByteBuffer head = CarWriter.sectionHead(cid, data.remaining());
    int total = head.remaining() + data.remaining();
    stage.clear().put(head);
    int first = Math.min(stage.remaining(), data.remaining());
    stage.put(data.slice(data.position(), first)).flip();
    data.position(data.position() + first);
    int staged = stage.remaining();
    // The head never without a part of its block, so that a torn end is shorter than it says.
    file.write(stage, position);
    file.write(data, position + staged);
    return total;
  }

  /** Fills the index; returns where the whole blocks end. */
  private long readBack(CarPayload payload, long marked) throws IOException {
    long end = 0;
    try {
      end = payload.firstSection();
      payload.roots();
      Optional<CarEntry> entry = payload.entryAt(end);
      while (entry.isPresent()) {
        CarEntry found = entry.get();
        // Pages reach the disk in any order: behind the mark a head can be there without its block.
        if (found.next() > marked) {
          Block.verified(found.cid(), payload.data(found));
        }
        index.add(TailIndex.head(found.cid().hash().digest()), found.offset());
        end = found.next();
        entry = payload.entryAt(end);
      }
    } catch (ProtocolException e) {
      log.debug("{}: no whole block at {}: {}", file.path(), end, e.getMessage());
    }
    return end;
  }
}
