package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarFile;
import io.sluice.protocol.car.CarIndex;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlockStoreTest {

  private static final BlockStoreConfig SMALL = new BlockStoreConfig(200_000, 1000, 0);

  @TempDir Path directory;

  @Test
  void givenBlocks_whenReadBack_thenTheSame() throws IOException {
    List<Block> blocks = TestBlocks.some(1, 300, 5000);

    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      for (Block block : blocks) {
        store.put(block);
        assertEquals(Optional.of(block), store.get(block.cid()));
      }
      TestBlocks.assertHolds(store, blocks);
    }
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      TestBlocks.assertHolds(store, blocks);
      assertEquals(blocks.size(), store.blocks());
    }
  }

  @Test
  void givenUnknownCid_thenAbsent() throws IOException {
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      for (Block block : TestBlocks.some(2, 200, 3000)) {
        store.put(block);
      }
      for (Block block : TestBlocks.some(3, 200, 3000)) {
        assertFalse(store.has(block.cid()));
        assertEquals(OptionalInt.empty(), store.size(block.cid()));
        assertEquals(Optional.empty(), store.get(block.cid()));
      }
    }
  }

  @Test
  void whenPutTwice_thenWrittenOnce() throws IOException {
    List<Block> blocks = TestBlocks.some(4, 100, 5000);
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      for (Block block : blocks) {
        store.put(block);
      }
      long bytes = store.bytes();

      for (Block block : blocks) {
        store.put(block);
      }

      assertEquals(bytes, store.bytes());
    }
  }

  @Test
  void givenBlock_whenAskedByOtherCidOfItsHash_thenFound() throws IOException {
    Block block = Block.of(Codec.DAG_PB, ByteBuffer.wrap(new byte[0]));
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      store.put(block);

      Cid v0 = Cid.v0(block.cid().hash());
      assertEquals(Optional.of(new Block(v0, block.data())), store.get(v0));
    }
  }

  @Test
  void identityCids_areAlwaysThere_andNeverWritten() throws IOException {
    byte[] data = {1, 2, 3};
    Cid cid = Cid.v1(Codec.RAW, Multihash.of(Multihash.IDENTITY, data));
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      long bytes = store.bytes();

      store.put(new Block(cid, ByteBuffer.wrap(data)));

      assertTrue(store.has(cid));
      assertEquals(ByteBuffer.wrap(data), store.get(cid).orElseThrow().data());
      assertEquals(bytes, store.bytes());
    }
  }

  @Test
  void givenSealedFile_thenItIsACarThatOthersCanRead() throws IOException {
    List<Block> blocks = TestBlocks.some(5, 300, 2000);
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      for (Block block : blocks) {
        store.put(block);
      }
    }

    Path sealed = directory.resolve("00000001.car");
    Set<Cid> known = new HashSet<>(blocks.stream().map(Block::cid).toList());
    int read = 0;
    try (CarReader reader =
            CarReader.open(FileChannel.open(sealed, StandardOpenOption.READ), CarLimits.DEFAULT);
        CarFile file = CarFile.open(sealed, CarLimits.DEFAULT)) {
      assertEquals(2, reader.version());
      CarIndex index = file.index().orElseThrow();
      Optional<CarSection> next = reader.next();
      while (next.isPresent()) {
        Block block = next.get().verified();
        assertTrue(known.contains(block.cid()));
        assertEquals(next.get().offset(), index.find(block.cid().hash()).orElseThrow());
        read++;
        next = reader.next();
      }
      assertEquals(read, index.size());
    }
    assertTrue(read > 50, read + " blocks in the first file");
  }

  @Test
  void givenTwoStores_whenOnOneDirectory_thenTheSecondIsRefused() throws IOException {
    FileBlockStore store = FileBlockStore.open(directory, SMALL);
    try (store) {
      assertThrows(IOException.class, () -> FileBlockStore.open(directory, SMALL));
    }
  }

  @Test
  void givenTooLittleRoom_whenPut_thenRefusedAsFull() throws IOException {
    BlockStoreConfig greedy = new BlockStoreConfig(1 << 20, 1000, Long.MAX_VALUE);
    // On a disk that is nearly full the reserve would refuse as well; here it must be more than
    // free.
    long free = Files.getFileStore(directory).getUsableSpace();
    FreeSpace space = new FreeSpace(directory, greedy.freeBytes());
    assertThrows(StorageFullException.class, () -> space.take(free));
  }

  @Test
  void givenInterruptedReaders_thenTheStoreLivesOn() throws Exception {
    List<Block> blocks = TestBlocks.some(6, 200, 5000);
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      for (Block block : blocks) {
        Thread.currentThread().interrupt();
        store.put(block);
        assertTrue(Thread.interrupted(), "the interrupt is kept");
      }
      AtomicBoolean stop = new AtomicBoolean();
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!stop.get()) {
                      try {
                        TestBlocks.assertHolds(store, blocks);
                      } catch (IOException e) {
                        throw new AssertionError(e);
                      }
                    }
                  });
      for (int i = 0; i < 200; i++) {
        reader.interrupt();
        TestBlocks.assertHolds(store, blocks.subList(0, 20));
      }
      stop.set(true);
      reader.join();
      store.sync();
    }
  }

  @Test
  void givenManyThreads_whenTheyPutReadAndSync_thenNothingIsLost() throws Exception {
    List<Block> blocks = TestBlocks.some(7, 800, 3000);
    CountDownLatch go = new CountDownLatch(1);
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int first = t * 200;
        work.add(
            threads.submit(
                () -> {
                  go.await();
                  for (int i = 0; i < blocks.size(); i++) {
                    Block block = blocks.get((first + i) % blocks.size());
                    store.put(block);
                    assertEquals(Optional.of(block), store.get(block.cid()));
                    if (i % 50 == 0) {
                      store.sync();
                    }
                  }
                  return null;
                }));
      }
      go.countDown();
      for (Future<?> done : work) {
        done.get();
      }
      assertEquals(blocks.size(), store.blocks());
      TestBlocks.assertHolds(store, blocks);
    }
  }

  // ---- damage

  @Test
  void givenTornEnd_atEveryLength_thenWholeBlocksAreKept() throws IOException {
    List<Block> blocks = TestBlocks.some(8, 12, 300);
    Path file = directory.resolve("00000001.car");
    try (FileBlockStore store = FileBlockStore.open(directory, BlockStoreConfig.DEFAULT)) {
      for (Block block : blocks) {
        store.put(block);
      }
      byte[] unsynced = Files.readAllBytes(file);
      for (int length = 0; length < unsynced.length; length += length < 4096 ? 509 : 13) {
        Path copy = Files.createDirectories(directory.resolve("copy" + length));
        Files.write(copy.resolve("00000001.car"), java.util.Arrays.copyOf(unsynced, length));
        try (FileBlockStore torn = FileBlockStore.open(copy, BlockStoreConfig.DEFAULT)) {
          long kept = torn.blocks();
          TestBlocks.assertHolds(torn, blocks.subList(0, (int) kept));
          for (Block block : blocks) {
            torn.put(block);
          }
          TestBlocks.assertHolds(torn, blocks);
        }
      }
    }
  }

  @Test
  void givenHalfABlock_whenOpened_thenDetectedByItsHash() throws IOException {
    List<Block> blocks = TestBlocks.some(9, 10, 3000);
    Path file = directory.resolve("00000001.car");
    Path copy = Files.createDirectories(directory.resolve("copy"));
    try (FileBlockStore store = FileBlockStore.open(directory, BlockStoreConfig.DEFAULT)) {
      for (Block block : blocks) {
        store.put(block);
      }
      Files.copy(file, copy.resolve("00000001.car"));
    }
    overwrite(copy.resolve("00000001.car"), Files.size(copy.resolve("00000001.car")) - 5);

    try (FileBlockStore store = FileBlockStore.open(copy, BlockStoreConfig.DEFAULT)) {
      assertEquals(blocks.size() - 1, store.blocks());
      TestBlocks.assertHolds(store, blocks.subList(0, blocks.size() - 1));
    }
  }

  @Test
  void givenDamageBeforeTheDurableMark_whenOpened_thenTheRestIsServedAndNothingCut()
      throws IOException {
    List<Block> blocks = TestBlocks.some(10, 10, 3000);
    Path file = directory.resolve("00000001.car");
    try (FileBlockStore store = FileBlockStore.open(directory, BlockStoreConfig.DEFAULT)) {
      for (Block block : blocks) {
        store.put(block);
      }
    }
    long size = Files.size(file);
    long fourth =
        blocks.subList(0, 4).stream().mapToLong(TestBlocks::sectionBytes).sum() + 4096 + 18;
    overwrite(file, fourth);

    try (FileBlockStore store = FileBlockStore.open(directory, BlockStoreConfig.DEFAULT)) {
      TestBlocks.assertHolds(store, blocks.subList(0, 4));
      assertFalse(store.has(blocks.get(5).cid()));
      assertTrue(Files.size(file) > size);
      for (Block block : blocks) {
        store.put(block);
      }
      TestBlocks.assertHolds(store, blocks);
    }
  }

  @Test
  void givenDamagedIndex_whenOpened_thenMadeAnew() throws IOException {
    List<Block> blocks = TestBlocks.some(11, 300, 2000);
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      for (Block block : blocks) {
        store.put(block);
      }
    }
    Path sealed = directory.resolve("00000001.car");
    overwrite(sealed, Files.size(sealed) - 30);
    overwrite(sealed, Files.size(sealed) - 1000);

    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      TestBlocks.assertHolds(store, blocks);
    }
  }

  @Test
  void givenRottenBlock_whenVerified_thenNamedAndCanBeWrittenAnew() throws IOException {
    List<Block> blocks = TestBlocks.some(12, 300, 2000);
    try (ExecutorService hashing = Executors.newFixedThreadPool(2)) {
      try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
        for (Block block : blocks) {
          store.put(block);
        }
        assertTrue(store.verify(hashing).sound());
        assertEquals(blocks.size(), store.verify(hashing).blocks());
        overwrite(directory.resolve("00000001.car"), 4096 + 18 + 50);

        VerifyReport report = store.verify(hashing);

        assertEquals(1, report.damaged().size());
        Cid bad = report.damaged().getFirst();
        assertEquals(blocks.getFirst().cid(), bad);
        assertFalse(store.has(bad));
      }
      try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
        assertFalse(store.has(blocks.getFirst().cid()), "still known after a restart");
        VerifyReport again = store.verify(hashing);
        assertEquals(List.of(blocks.getFirst().cid()), again.damaged());
        assertEquals(blocks.size() - 1, again.blocks());
        store.put(blocks.getFirst());
        TestBlocks.assertHolds(store, blocks);
        assertTrue(store.verify(hashing).sound());
      }
    }
  }

  // ---- archives served in place

  @Test
  void givenArchive_whenServedInPlace_thenItsBlocksAreHere() throws IOException {
    List<Block> blocks = TestBlocks.some(13, 300, 2000);
    Path car = archive(blocks);
    try (ExecutorService hashing = Executors.newFixedThreadPool(2)) {
      try (FileBlockStore store = FileBlockStore.open(directory.resolve("store"), SMALL)) {
        assertEquals(List.of(blocks.getFirst().cid()), store.serveInPlace(car, hashing));
        TestBlocks.assertHolds(store, blocks);
        assertEquals(List.of(car.toRealPath()), store.servedInPlace());
      }
      try (FileBlockStore store = FileBlockStore.open(directory.resolve("store"), SMALL)) {
        TestBlocks.assertHolds(store, blocks);
        assertTrue(store.stopServing(car));
        assertFalse(store.has(blocks.getFirst().cid()));
        assertFalse(store.stopServing(car));
      }
    }
    try (FileBlockStore store = FileBlockStore.open(directory.resolve("store"), SMALL)) {
      assertFalse(store.has(blocks.getFirst().cid()));
    }
  }

  @Test
  void givenArchiveServedInPlace_whenABlockChanges_thenItIsAbsent() throws IOException {
    List<Block> blocks = TestBlocks.some(14, 20, 2000);
    Path car = archive(blocks);
    try (ExecutorService hashing = Executors.newFixedThreadPool(2);
        FileBlockStore store = FileBlockStore.open(directory.resolve("store"), SMALL)) {
      store.serveInPlace(car, hashing);

      overwrite(car, Files.size(car) - 5);

      assertEquals(Optional.empty(), store.get(blocks.getLast().cid()));
      TestBlocks.assertHolds(store, blocks.subList(0, blocks.size() - 1));
    }
  }

  @Test
  void givenArchiveWithWrongBlock_whenRegistered_thenRefused() throws IOException {
    List<Block> blocks = TestBlocks.some(15, 20, 2000);
    Path car = archive(blocks);
    overwrite(car, Files.size(car) - 5);
    try (ExecutorService hashing = Executors.newFixedThreadPool(2);
        FileBlockStore store = FileBlockStore.open(directory.resolve("store"), SMALL)) {
      ProtocolException refused =
          assertThrows(ProtocolException.class, () -> store.serveInPlace(car, hashing));
      assertEquals("BLOCK_HASH_MISMATCH", refused.code());
      assertFalse(store.has(blocks.getFirst().cid()));
    }
  }

  // ---- giving back room

  @Test
  void whenReclaimed_thenNeededBlocksStayAndRoomComesBack() throws IOException {
    List<Block> blocks = TestBlocks.some(16, 400, 2000);
    List<Cid> needed = blocks.subList(0, 100).stream().map(Block::cid).toList();
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      for (Block block : blocks) {
        store.put(block);
      }
      long before = store.bytes();

      long freed = store.reclaim(() -> needed).bytes();

      assertEquals(blocks.subList(100, 400).stream().mapToLong(Block::size).sum(), freed);
      assertTrue(store.bytes() < before - freed);
      TestBlocks.assertHolds(store, blocks.subList(0, 100));
      assertFalse(store.has(blocks.get(100).cid()));
    }
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      TestBlocks.assertHolds(store, blocks.subList(0, 100));
      assertEquals(100, store.blocks());
    }
  }

  @Test
  void givenBlockPutWhileRoomIsGivenBack_thenItStays() throws IOException {
    List<Block> blocks = TestBlocks.some(17, 400, 2000);
    try (FileBlockStore store = FileBlockStore.open(directory, SMALL)) {
      for (Block block : blocks) {
        store.put(block);
      }
      AtomicBoolean first = new AtomicBoolean(true);
      Block late = blocks.getLast();

      store.reclaim(
          () -> {
            if (first.getAndSet(false)) {
              store.put(late);
            }
            return List.of();
          });

      TestBlocks.assertHolds(store, List.of(late));
      assertEquals(1, store.blocks());
    }
  }

  private Path archive(List<Block> blocks) throws IOException {
    Path car = directory.resolve("elsewhere.car");
    try (CarWriter writer =
        CarWriter.v1(
            FileChannel.open(car, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            List.of(blocks.getFirst().cid()))) {
      for (Block block : blocks) {
        writer.write(block);
      }
    }
    return car;
  }

  /** Changes three bytes. */
  private static void overwrite(Path file, long position) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (int i = 0; i < 3; i++) {
        out.seek(position + i);
        int old = out.read();
        out.seek(position + i);
        out.write(old ^ 0x55);
      }
    }
  }
}
