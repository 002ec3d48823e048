package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.ipld.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk fails at each single change in turn, once or from then on. */
class FailingDiskTest {

  private static final BlockStoreConfig FILES = new BlockStoreConfig(20_000, 8, 0);

  @TempDir Path directory;

  private final List<Block> blocks = TestBlocks.some(21, 20, 3000);

  /** Fails at the n-th change. */
  private static final class Failure implements DiskWatch {

    private final int at;
    private final boolean forGood;
    private int count;

    Failure(int at, boolean forGood) {
      this.at = at;
      this.forGood = forGood;
    }

    @Override
    public void before(Path path, DiskWatch.Change change) throws IOException {
      count++;
      if (forGood ? count >= at : count == at) {
        throw new IOException("disk failed at change " + count + ", " + change);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givenFailureAtEachChange_thenWhatWasPutIsThere(boolean forGood) throws IOException {
    int changes = countChanges();
    assertTrue(changes > 40, changes + " changes");
    for (int at = 1; at <= changes; at++) {
      Path home = directory.resolve("fails" + at);
      List<Block> put = putAll(home, new Failure(at, forGood));

      try (FileBlockStore store = FileBlockStore.open(home, FILES);
          ExecutorService hashing = Executors.newFixedThreadPool(1)) {
        TestBlocks.assertHolds(store, put);
        for (Block block : blocks) {
          store.put(block);
        }
        TestBlocks.assertHolds(store, blocks);
        assertTrue(store.verify(hashing).sound());
      }
    }
  }

  @Test
  void givenFailedSync_thenNothingMoreIsTaken() throws IOException {
    DiskWatch noSync =
        (path, change) -> {
          if (change == DiskWatch.Change.FORCE && Files.size(path) > 5000) {
            throw new IOException("disk failed");
          }
        };
    try (FileBlockStore store = FileBlockStore.open(directory.resolve("home"), FILES, noSync)) {
      store.put(blocks.get(0));
      store.put(blocks.get(1));
      store.put(blocks.get(2));
      assertFails(store::sync);
      assertFails(store::sync);
      assertFails(() -> store.put(blocks.get(3)));
      TestBlocks.assertHolds(store, blocks.subList(0, 3));
    }
  }

  @Test
  void givenMuchThatNobodySynced_thenItIsSyncedBehind_andItsFailureIsTold() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    DiskWatch noSync =
        (path, change) -> {
          if (change == DiskWatch.Change.FORCE && Files.size(path) > ActiveFile.BEHIND) {
            if (asked.getCount() > 0) {
              asked.countDown();
              throw new IOException("disk failed once");
            }
          }
        };
    BlockStoreConfig large = new BlockStoreConfig(1 << 30, 100, 0);
    try (FileBlockStore store = FileBlockStore.open(directory.resolve("home"), large, noSync)) {
      for (Block block : TestBlocks.some(5, 32, 4 << 20)) {
        store.put(block);
      }
      assertTrue(asked.await(30, TimeUnit.SECONDS), "nothing was synced");
      assertFails(store::sync); // although the disk would take this one
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static boolean fails(Work work) {
    try {
      work.run();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static void assertFails(Work work) {
    assertTrue(fails(work));
  }

  private int countChanges() throws IOException {
    Failure none = new Failure(Integer.MAX_VALUE, false);
    assertEquals(blocks, putAll(directory.resolve("whole"), none));
    return none.count;
  }

  /** What was put in spite of the failure. */
  private List<Block> putAll(Path home, DiskWatch watch) {
    List<Block> put = new ArrayList<>();
    fails(
        () -> {
          try (FileBlockStore store = FileBlockStore.open(home, FILES, watch)) {
            for (Block block : blocks) {
              if (!fails(() -> store.put(block))) {
                put.add(block);
              }
              if (put.size() % 5 == 0) {
                fails(store::sync);
              }
            }
            TestBlocks.assertHolds(store, put);
          }
        });
    return put;
  }
}
