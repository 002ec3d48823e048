package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.StoredBlocks.SyncedBlocks;
import io.sluice.dealstore.blocks.log.LogEntry.BlockCame;
import io.sluice.dealstore.blocks.log.LogFact;
import io.sluice.dealstore.blocks.log.LogWriter;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the blocks of a store that have no number, and gives them one. Those that came are what
 * lies behind the last place that is numbered: files only grow at their end. For one thread at a
 * time.
 */
final class BlockNumbering {
  /** Blocks that are numbered by one write. */
  private static final int GROUP = 4096;

  private final StoredBlocks store;
  private final LogWriter writer;
  private final Set<Multihash> again;

  /** Whether all that an earlier process left is numbered. */
  private boolean caughtUp;

  /** Whether what comes has its number from before. */
  private boolean paused;

  /**
   * Gives numbers with a writer.
   *
   * @param again blocks that wait for another number; those that got it are taken out
   */
  BlockNumbering(StoredBlocks store, LogWriter writer, Set<Multihash> again) {
    this.store = store;
    this.writer = writer;
    this.again = again;
  }

  /** Which blocks get a number. */
  @FunctionalInterface
  private interface BlockRule {
    boolean counts(BlockFile file, CarEntry entry) throws IOException;
  }

  /** Numbers everything, in a log that has no blocks yet; what is here twice gets one number. */
  void all(SyncedBlocks blocks) throws IOException {
    BlockRule once = (file, entry) -> writer.files().numberOf(entry.cid().hash(), 0) == 0;
    own(blocks, once);
    for (ExternalFile archive : blocks.files().archives()) {
      archive(archive, once);
    }
    caughtUp = true;
  }

  /** Numbers what came since the last time. */
  void newcomers(SyncedBlocks blocks) throws IOException {
    if (paused) {
      return;
    }
    if (caughtUp) {
      if (writer.passedOver() || !writer.places().upTo().equals(blocks.end())) {
        own(blocks, (file, entry) -> true);
      }
      return;
    }
    // A process that died while it gave room back has left blocks twice: moved, and where they
    // were.
    own(blocks, (file, entry) -> !isInOlder(blocks.files(), file, entry.cid().hash()));
    for (ExternalFile archive : blocks.files().archives()) {
      if (!isNumbered(archive)) {
        archive(archive, blocks.files());
      }
    }
    caughtUp = true;
  }

  /** Has nothing numbered for a while. */
  void pause(boolean on) {
    paused = on;
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

  /**
   * Numbers what is in an archive and nowhere else.
   *
   * @param others files that may have blocks of it, numbered ones and others
   */
  void archive(ExternalFile archive, BlockFiles others) throws IOException {
    long before = writer.number(0) - 1;
    archive(
        archive,
        (file, entry) -> {
          Multihash hash = entry.cid().hash();
          return writer.files().numberOf(hash, before) == 0 && !isNumberedIn(others, hash);
        });
  }

  private boolean isNumberedIn(BlockFiles all, Multihash hash) throws IOException {
    for (BlockFile file : all.all()) {
      boolean numbered = !(file instanceof ExternalFile archive) || isNumbered(archive);
      if (numbered && store.isIn(file, hash)) {
        return true;
      }
    }
    return false;
  }

  private boolean isNumbered(ExternalFile archive) {
    return writer.places().has(archive.name(), archive.stamp());
  }

  private void own(SyncedBlocks blocks, BlockRule rule) throws IOException {
    LogFact.NumberedUpTo from = writer.places().upTo();
    for (BlockFile file : blocks.files().ownFrom(from.file())) {
      CarPayload payload = file.equals(blocks.files().active()) ? blocks.tail() : file.payload();
      // A payload begins with a head, so that nothing of it is at 0.
      long begin = BlockFiles.number(file) == from.file() && from.offset() > 0 ? from.offset() : -1;
      NumberedGroup group = new NumberedGroup(BlockFiles.number(file));
      number(file, payload, begin, rule, group);
      group.reached = payload.length();
      group.end();
    }
  }

  private void archive(ExternalFile archive, BlockRule rule) throws IOException {
    NumberedGroup group = new NumberedGroup(0);
    number(archive, archive.payload(), -1, rule, group);
    group.end();
    writer.append(List.of(new LogFact.ArchiveNumbered(archive.name(), archive.stamp())));
  }

  private void number(
      BlockFile file, CarPayload payload, long begin, BlockRule rule, NumberedGroup group)
      throws IOException {
    try {
      for (CarEntry entry : Sections.from(payload, begin)) {
        if (!entry.cid().isIdentity()
            && store.isSound(file, entry)
            && !group.hashes.contains(entry.cid().hash())
            && rule.counts(file, entry)) {
          group.add(entry);
        }
        group.reached = entry.next();
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Blocks that are about to be numbered together. */
  private final class NumberedGroup {
    private final long file;
    private final List<LogFact> facts = new ArrayList<>();
    private final Set<Multihash> hashes = new HashSet<>();

    /** How far the file was looked through. */
    private long reached;

    /** Of a file of the store's own, or with 0 of an archive. */
    NumberedGroup(long file) {
      this.file = file;
    }

    void add(CarEntry entry) throws IOException {
      if (facts.size() >= GROUP) {
        end();
      }
      facts.add(
          LogWriter.numbered(
              writer.number(facts.size()), entry.cid(), new BlockCame(entry.dataLength())));
      hashes.add(entry.cid().hash());
    }

    void end() throws IOException {
      if (file > 0) {
        facts.add(new LogFact.NumberedUpTo(file, reached));
      }
      writer.append(facts);
      again.removeAll(hashes);
      facts.clear();
      hashes.clear();
    }
  }
}
