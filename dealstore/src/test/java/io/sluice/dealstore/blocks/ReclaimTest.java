package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes and what stays when room is given back, also when the disk fails in the middle. */
class ReclaimTest {
  private static final BlockStoreConfig SMALL = new BlockStoreConfig(1 << 20, 8, 0);

  @TempDir Path directory;

  private final List<Block> leaves = TestBlocks.some(31, 20, 3000);
  private final Block tree = parent(leaves.subList(0, 10));
  private final List<Block> others = leaves.subList(10, 20);

  private static Block parent(List<Block> children) {
    Node links = Node.list(children.stream().map(Block::cid).map(Node::of).toList());
    return Block.of(Codec.DAG_CBOR, ByteBuffer.wrap(DagCbor.encode(links)));
  }

  private FileBlockStore filled(Path folder, DiskWatch watch) throws IOException {
    FileBlockStore store = FileBlockStore.open(folder, SMALL, watch);
    for (Block leaf : leaves) {
      store.put(leaf);
    }
    store.put(tree);
    return store;
  }

  private void assertTreeIsWhole(FileBlockStore store) throws IOException {
    TestBlocks.assertHolds(store, List.of(tree));
    TestBlocks.assertHolds(store, leaves.subList(0, 10));
  }

  @Test
  void whatLiesBeneathARootStaysAndAllElseIsCounted() throws IOException {
    try (FileBlockStore store = filled(directory, DiskWatch.NONE)) {
      Reclaimed freed = store.reclaim(() -> List.of(tree.cid()));

      assertEquals(new Reclaimed(10, others.stream().mapToLong(Block::size).sum()), freed);
      assertTreeIsWhole(store);
      for (Block other : others) {
        assertFalse(store.has(other.cid()));
      }
      assertEquals(Reclaimed.NOTHING, store.reclaim(() -> List.of(tree.cid())));
    }
  }

  @Test
  void givenNothingToFree_thenNoFileIsWrittenAnew() throws IOException {
    List<Cid> all = new ArrayList<>(leaves.stream().map(Block::cid).toList());
    all.add(tree.cid());
    try (FileBlockStore store = filled(directory, DiskWatch.NONE)) {
      assertEquals(Reclaimed.NOTHING, store.reclaim(() -> all));
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertTrue(files.anyMatch(file -> file.endsWith("00000001.car")));
    }
  }

  @Test
  void givenRootOfWhichPartIsMissing_thenTheRestStays() throws IOException {
    Block lacking = Block.of(Codec.RAW, ByteBuffer.wrap(new byte[] {9}));
    Block torn = parent(List.of(leaves.get(12), lacking, leaves.get(13)));
    try (FileBlockStore store = filled(directory, DiskWatch.NONE)) {
      store.put(torn);

      store.reclaim(() -> List.of(torn.cid()));

      TestBlocks.assertHolds(store, List.of(torn, leaves.get(12), leaves.get(13)));
      assertEquals(3, store.blocks());
    }
  }

  @Test
  void givenBlockThatSomebodyLooksForMeanwhile_thenItStays() throws IOException {
    try (FileBlockStore store = filled(directory, DiskWatch.NONE)) {
      Block sized = others.get(0);
      Block read = others.get(1);
      NeededRoots looking =
          () -> {
            assertTrue(store.size(sized.cid()).isPresent());
            assertTrue(store.get(read.cid()).isPresent());
            return List.of();
          };

      assertEquals(19, store.reclaim(looking).blocks());

      TestBlocks.assertHolds(store, List.of(sized, read));
      assertFalse(store.has(tree.cid()));
    }
  }

  /** A look-up between the last block moved and the file's end finds its block there: it stays. */
  @Test
  void givenLookUpWhileAFileIsWrittenAnew_thenItsBlockStays() throws IOException {
    Block late = others.getFirst();
    FileBlockStore[] opened = new FileBlockStore[1];
    DiskWatch lookUp =
        (path, operation) -> {
          if (operation == DiskWatch.Change.DELETE) {
            opened[0].has(late.cid());
          }
        };
    try (FileBlockStore store = filled(directory, lookUp)) {
      opened[0] = store;

      store.reclaim(() -> List.of(tree.cid()));

      TestBlocks.assertHolds(store, List.of(late));
      assertTreeIsWhole(store);
    }
  }

  @Test
  void givenDealThatBeginsBetweenTwoFiles_thenItsRootIsHeldToo() throws IOException {
    Block second = parent(others.subList(0, 3));
    try (FileBlockStore store = filled(directory, DiskWatch.NONE)) {
      store.put(second);
      int[] asked = {0};
      NeededRoots growing =
          () -> ++asked[0] < 2 ? List.of(tree.cid()) : List.of(tree.cid(), second.cid());

      store.reclaim(growing);

      TestBlocks.assertHolds(store, others.subList(0, 3));
      assertTrue(asked[0] > 2, asked[0] + " times asked");
    }
  }

  @Test
  void givenFailureAtEachChange_thenWhatIsNeededIsThereAndTheNextRunEndsIt() throws IOException {
    int[] changes = {0};
    try (FileBlockStore store = filled(directory.resolve("whole"), (path, it) -> changes[0]++)) {
      int before = changes[0];
      store.reclaim(() -> List.of(tree.cid()));
      changes[0] -= before;
    }
    assertTrue(changes[0] > 10, changes[0] + " changes");
    for (int at = 1; at <= changes[0]; at++) {
      Path folder = directory.resolve("fails" + at);
      int[] left = {Integer.MAX_VALUE};
      DiskWatch failing =
          (path, operation) -> {
            if (--left[0] <= 0) {
              throw new IOException("disk failed at " + operation);
            }
          };
      FileBlockStore store = filled(folder, failing);
      left[0] = at;
      assertThrows(IOException.class, () -> store.reclaim(() -> List.of(tree.cid())));
      assertTreeIsWhole(store);
      try {
        store.close();
      } catch (IOException e) {
        // the disk fails for good: what matters is what the next start finds
      }

      try (FileBlockStore again = FileBlockStore.open(folder, SMALL)) {
        assertTreeIsWhole(again);
        again.reclaim(() -> List.of(tree.cid()));
        assertTreeIsWhole(again);
        assertEquals(11, again.blocks(), "after a failure at change " + at);
      }
    }
  }

  /** Sections behind the damage can only be found by the index, so moving would lose them. */
  @Test
  void givenFileWithADamagedSection_thenItIsLeftAlone() throws IOException {
    filled(directory, DiskWatch.NONE).close();
    long second = 4096 + 18 + TestBlocks.sectionBytes(leaves.getFirst());
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("00000001.car").toFile(), "rw")) {
      file.seek(second);
      file.write(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1});
    }
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      Block behind = leaves.get(2);
      TestBlocks.assertHolds(store, List.of(behind));

      store.reclaim(() -> List.of(behind.cid()));

      TestBlocks.assertHolds(store, List.of(behind));
    }
  }

  @Test
  void givenRootsThatCannotBeRead_thenNothingIsLetGo() throws IOException {
    NeededRoots failing =
        () -> {
          throw new IOException("the deals cannot be read");
        };
    try (FileBlockStore store = filled(directory, DiskWatch.NONE)) {
      assertThrows(IOException.class, () -> store.reclaim(failing));

      TestBlocks.assertHolds(store, leaves);
      Collection<Cid> none = List.of();
      assertEquals(21, store.reclaim(() -> none).blocks(), "and the next run goes on as ever");
    }
  }
}
