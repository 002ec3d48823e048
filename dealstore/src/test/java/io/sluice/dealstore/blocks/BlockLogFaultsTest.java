package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.BlockLogConfig;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk fails at each single change in turn, once or from then on, while a log is kept. */
class BlockLogFaultsTest {
  private static final BlockStoreConfig SMALL = new BlockStoreConfig(1 << 20, 6, 0);
  private static final BlockLogConfig LOG = new BlockLogConfig(new Random(3), Duration.ZERO, 8);

  /** One of so many changes fails where time is short. */
  private static final int SOME = 25;

  @TempDir Path directory;
  private final List<Block> blocks = TestBlocks.some(71, 24, 100);
  private final Cid root = blocks.getFirst().cid();

  private static final class Failure implements DiskWatch {
    private final int at;
    private final boolean forGood;
    private int count;

    Failure(int at, boolean forGood) {
      this.at = at;
      this.forGood = forGood;
    }

    @Override
    public void before(Path path, Change change) throws IOException {
      count++;
      if (forGood ? count >= at : count == at) {
        throw new IOException("disk failed at change " + count + ", " + change + " of " + path);
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void tryTo(Work work) {
    try {
      work.run();
    } catch (IOException e) {
      // what was said before has to hold all the same
    }
  }

  /** What somebody was told. */
  private static final class Told {
    private final Map<Long, LogEntry> entries = new HashMap<>();
    private long epoch;
    private long cursor;

    /** What is told now agrees with what was told before. */
    void compare(FileBlockStore store) throws IOException {
      BlockLog log = store.log();
      if (cursor > 0) {
        assertEquals(epoch, log.epoch());
        assertTrue(log.cursor() >= cursor, log.cursor() + " after " + cursor);
      }
      for (LogEntry entry : LogAssertions.all(log)) {
        LogEntry before = entries.putIfAbsent(entry.number(), entry);
        assertTrue(before == null || before.equals(entry), entry + " was " + before);
        assertTrue(before != null || entry.number() > cursor, entry + " came after " + cursor);
      }
      epoch = log.epoch();
      cursor = log.cursor();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givenFailureAtSomeChanges_thenNoNumberStandsForSomethingElse(boolean forGood)
      throws IOException {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("sluice.seed=" + seed);
    failAt(1 + new Random(seed).nextInt(SOME), SOME, forGood);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givenFailureAtEachChange_thenNoNumberStandsForSomethingElse(boolean forGood)
      throws IOException {
    failAt(1, 1, forGood);
  }

  private void failAt(int first, int step, boolean forGood) throws IOException {
    Failure none = new Failure(Integer.MAX_VALUE, false);
    work(directory.resolve("whole"), none, new Told());
    assertTrue(none.count > 100, none.count + " changes");
    for (int at = first; at <= none.count; at += step) {
      Path folder = directory.resolve("fails" + at);
      Told told = new Told();
      work(folder, new Failure(at, forGood), told);

      try (FileBlockStore store = FileBlockStore.open(folder, SMALL, LOG, DiskWatch.NONE)) {
        told.compare(store);
        LogAssertions.assertSound(store, blocks);
        for (Block block : blocks) {
          store.put(block);
        }
        store.sync();
        told.compare(store);
        LogAssertions.assertSound(store, blocks);
        Set<RootTag> listings = store.log().listings(root);
        assertEquals(!listings.isEmpty(), store.log().removed(root, listings));
        store.reclaim(() -> List.of(root, blocks.get(5).cid()));
        told.compare(store);
        LogAssertions.assertSound(store, blocks);
      }
    }
  }

  /** A life of a store in which all that the log writes is written. */
  private void work(Path folder, DiskWatch watch, Told told) {
    tryTo(
        () -> {
          try (FileBlockStore store = FileBlockStore.open(folder, SMALL, LOG, watch)) {
            tryTo(() -> store.put(blocks.get(0)));
            tryTo(() -> store.put(blocks.get(1)));
            tryTo(store::log);
            for (int i = 2; i < 20; i++) {
              Block block = blocks.get(i);
              tryTo(() -> store.put(block));
              if (i % 3 == 0) {
                tryTo(store::sync);
                tryTo(() -> told.compare(store));
              }
            }
            tryTo(() -> store.log().listed(root, true, "root"));
            tryTo(() -> store.log().learned(root, new RootTag(4, 4), true, ""));
            tryTo(() -> told.compare(store));
            tryTo(() -> store.log().removed(root, Set.of(new RootTag(4, 4))));
            tryTo(() -> store.put(blocks.get(20)));
            tryTo(() -> store.reclaim(() -> blocks.stream().limit(13).map(Block::cid).toList()));
            tryTo(() -> told.compare(store));
            tryTo(() -> store.put(blocks.get(15)));
            tryTo(store::sync);
            tryTo(() -> told.compare(store));
          }
        });
    // Where closing failed, too, the lock goes with the process.
  }
}
