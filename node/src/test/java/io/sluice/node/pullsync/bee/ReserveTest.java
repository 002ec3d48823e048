package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.ChunkId;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReserveTest {
  private static final List<StampedChunk> CHUNKS = BeeContent.ofBin(3, 8, 64);

  @TempDir Path folder;

  private static ChunkId id(int number) {
    return CHUNKS.get(number - 1).id(BeeContent.CRYPTO);
  }

  private static List<StampedChunk> chunks(int from, int to) {
    return CHUNKS.subList(from - 1, to);
  }

  private static ReserveRules rules(int radius, Bytes32... batches) {
    return new ReserveRules(BeeContent.OVERLAY, radius, Set.of(batches));
  }

  private Reserve open(ReserveRules rules, long epoch, DiskWatch watch) throws IOException {
    return Reserve.open(folder, rules, 1 << 20, BeeContent.CRYPTO, () -> epoch, watch);
  }

  private Reserve open() throws IOException {
    return open(rules(0, BeeContent.BATCH.id()), 99, DiskWatch.NONE);
  }

  private static PageView page(Reserve reserve, long from, long to) {
    return reserve.look(new PageRequest(BeeVersion.V1_0, 3, from, to));
  }

  @Test
  void numbersAreGivenOnceAndStay() throws IOException {
    try (Reserve reserve = BeeContent.reserve(folder)) {
      assertEquals(5, reserve.put(chunks(1, 5)).stored());
      assertEquals(0, reserve.put(chunks(1, 5)).stored());
      reserve.remove(id(5));
      reserve.remove(id(2));
      assertEquals(5L, reserve.cursors().get(3));
    }
    try (Reserve reserve = open()) {
      assertEquals(BeeContent.EPOCH, reserve.epoch());
      assertEquals(5L, reserve.cursors().get(3));
      assertEquals(List.of(id(1), id(3), id(4)), page(reserve, 1, 5).chunks());
      assertEquals(new PageView(5, List.of(), true), page(reserve, 5, 5));
      assertFalse(page(reserve, 1, 6).isFinal());
      reserve.put(chunks(5, 6));
      assertEquals(7L, reserve.cursors().get(3), "what comes back gets a new number");
      assertEquals(List.of(id(5), id(6)), page(reserve, 5, 9).chunks());
      assertEquals(CHUNKS.get(2), reserve.get(id(3)).orElseThrow());
      assertEquals(Optional.empty(), reserve.get(id(2)));
    }
  }

  @Test
  void placeOfAStampIsTheLatersOne() throws IOException {
    StampedChunk first = CHUNKS.getFirst();
    byte[] data = BeeContent.bytes(first.data());
    long index = first.stamp().index();
    StampedChunk later =
        BeeContent.stamped(
            first.address(), data, BeeContent.OWNER, index, BeeContent.TIMESTAMP + 1);
    try (Reserve reserve = BeeContent.reserve(folder)) {
      reserve.put(List.of(first));
      assertEquals(1, reserve.put(List.of(later)).stored());
      assertEquals(List.of(id(1)), reserve.put(List.of(first)).outdated());
      assertFalse(reserve.has(id(1)));
      assertTrue(reserve.has(later.id(BeeContent.CRYPTO)));
      assertEquals(1, reserve.count());
      // with a place of its own it is there beside, and by 1.0.0 offered once
      StampedChunk beside =
          BeeContent.stamped(first.address(), data, BeeContent.OWNER, index + 1, 1);
      reserve.put(List.of(beside));
      assertEquals(2, reserve.count());
      assertEquals(1, page(reserve, 1, Long.MAX_VALUE).chunks().size());
    }
    try (Reserve reserve = open()) {
      assertFalse(reserve.has(id(1)));
      assertEquals(2, reserve.count());
    }
  }

  /** The disk fails at each change in turn; what was said to be here is, with its number. */
  @Test
  void givenDiskFailsAtAnyChange_thenWhatCountedIsThere() throws IOException {
    boolean failed = true;
    for (int fail = 0; failed; fail++) {
      Path home = folder.resolve("fail-" + fail);
      failed = false;
      int left = fail;
      int[] changes = {left};
      DiskWatch watch =
          (path, change) -> {
            if (changes[0]-- <= 0) {
              throw new IOException("the disk fails");
            }
          };
      List<ChunkId> kept = new ArrayList<>();
      List<ChunkId> removed = new ArrayList<>();
      try (Reserve reserve = openAt(home, watch)) {
        for (int i = 1; i <= 5; i += 2) {
          reserve.put(chunks(i, i + 1));
          kept.add(id(i));
          kept.add(id(i + 1));
          reserve.done("neighbour", 7, 3, i, i + 1);
        }
        reserve.remove(id(4));
        kept.remove(id(4));
        removed.add(id(4));
      } catch (IOException e) {
        failed = true;
      }
      try (Reserve reserve = openAt(home, DiskWatch.NONE)) {
        kept.stream()
            .filter(each -> !each.equals(id(4)) || !removed.isEmpty())
            .forEach(each -> assertTrue(reserve.has(each)));
        removed.forEach(each -> assertFalse(reserve.has(each)));
        long cursor = reserve.cursors().get(3);
        assertTrue(cursor >= kept.size() + removed.size());
        reserve.put(chunks(7, 8));
        assertEquals(cursor + 2, reserve.cursors().get(3));
        assertEquals(List.of(id(7), id(8)), page(reserve, cursor + 1, cursor + 2).chunks());
      }
    }
  }

  private static Reserve openAt(Path home, DiskWatch watch) throws IOException {
    return Reserve.open(
        home, rules(0, BeeContent.BATCH.id()), 1 << 20, BeeContent.CRYPTO, () -> 1, watch);
  }

  /** A write that failed leaves nothing, and the next one goes where it would have gone. */
  @Test
  void givenWriteFails_thenNothingCountsAndLaterOnesDo() throws IOException {
    boolean[] full = new boolean[1];
    DiskWatch watch =
        (path, change) -> {
          if (full[0] && change == DiskWatch.Change.WRITE) {
            throw new IOException("no write");
          }
        };
    try (Reserve reserve = open(rules(0, BeeContent.BATCH.id()), 1, watch)) {
      full[0] = true;
      assertThrows(IOException.class, () -> reserve.put(chunks(1, 2)));
      assertFalse(reserve.has(id(1)));
      full[0] = false;
      reserve.put(chunks(3, 3));
      assertEquals(1L, reserve.cursors().get(3));
    }
    try (Reserve reserve = open()) {
      assertEquals(1, reserve.count());
      assertEquals(CHUNKS.get(2), reserve.get(id(3)).orElseThrow());
    }
  }

  @Test
  void givenFileEndsAnywhere_thenWhatIsWholeIsThere() throws IOException {
    Path file = folder.resolve("reserve");
    long whole;
    try (Reserve reserve = open()) {
      reserve.put(chunks(1, 2));
      whole = Files.size(file);
      reserve.put(chunks(3, 3));
    }
    byte[] all = Files.readAllBytes(file);
    for (long size = whole; size < all.length; size++) {
      try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
        out.write(ByteBuffer.wrap(all), 0);
        out.truncate(size);
      }
      try (Reserve reserve = open()) {
        assertEquals(2, reserve.count());
        assertEquals(99, reserve.epoch(), "nobody was told of what was cut off");
      }
      assertEquals(whole, Files.size(file));
    }
  }

  /** What was told to others is lost: they have to know. */
  @Test
  void givenDamageInTheMiddle_thenTheNumbersBeginAnew() throws IOException {
    Path file = folder.resolve("reserve");
    long second;
    try (Reserve reserve = open(rules(0, BeeContent.BATCH.id()), 1, DiskWatch.NONE)) {
      reserve.put(chunks(1, 1));
      second = Files.size(file);
      reserve.put(chunks(2, 3));
      reserve.done("neighbour", 7, 3, 1, 3);
    }
    try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), second + 30);
    }
    try (Reserve reserve = open(rules(0, BeeContent.BATCH.id()), 2, DiskWatch.NONE)) {
      assertEquals(2, reserve.epoch());
      assertEquals(1, reserve.count());
      assertEquals(0, reserve.done("neighbour", 7, 3).highest());
    }
  }

  @Test
  void whatIsDoneOfANeighbourStays() throws IOException {
    try (Reserve reserve = open()) {
      reserve.done("one", 7, 3, 1, 10);
      reserve.done("one", 7, 3, 11, 12);
      reserve.done("two", 1, 3, 4, 4);
      reserve.done("two", 2, 5, 6, 6);
    }
    try (Reserve reserve = open()) {
      assertEquals("1;1,c", reserve.done("one", 7, 3).toString());
      assertEquals("1", reserve.done("one", 8, 3).toString(), "of another epoch");
      assertEquals("1", reserve.done("two", 1, 3).toString());
      assertEquals("1;6,6", reserve.done("two", 2, 5).toString());
      assertEquals(2, reserve.epochOf("two").orElseThrow());
    }
  }

  @Test
  void givenNarrowerRules_thenChunksGoAndWhatIsDoneStays() throws IOException {
    try (Reserve reserve = open()) {
      reserve.put(chunks(1, 5));
      reserve.put(BeeContent.ofBin(5, 1, 64));
      reserve.done("neighbour", 7, 3, 1, 5);
    }
    try (Reserve reserve = open(rules(4, BeeContent.BATCH.id()), 1, DiskWatch.NONE)) {
      assertEquals(1, reserve.count());
      assertEquals(99, reserve.epoch());
      assertEquals(5L, reserve.cursors().get(3));
      assertEquals(5, reserve.done("neighbour", 7, 3).highest());
    }
    try (Reserve reserve = open(rules(4), 1, DiskWatch.NONE)) {
      assertEquals(0, reserve.count(), "of a batch that is not known any more");
    }
    try (Reserve reserve = open()) {
      assertEquals(0, reserve.done("neighbour", 7, 3).highest(), "more is wanted than before");
    }
  }

  @Test
  void givenOtherOverlay_thenOtherBinsAndNumbers() throws IOException {
    try (Reserve reserve = open()) {
      reserve.put(chunks(1, 5));
      reserve.remove(id(1));
    }
    byte[] flipped = BeeContent.OVERLAY.bytes();
    flipped[0] ^= (byte) 0x80;
    ReserveRules other = new ReserveRules(Bytes32.of(flipped), 0, Set.of(BeeContent.BATCH.id()));
    try (Reserve reserve = open(other, 3, DiskWatch.NONE)) {
      assertEquals(3, reserve.epoch());
      assertEquals(4L, reserve.cursors().get(0));
      assertEquals(0L, reserve.cursors().get(3));
      assertEquals(CHUNKS.get(1), reserve.get(id(2)).orElseThrow());
    }
  }

  @Test
  void givenNoRoom_thenRefused() throws IOException {
    try (Reserve reserve =
        Reserve.open(
            folder,
            rules(0, BeeContent.BATCH.id()),
            700,
            BeeContent.CRYPTO,
            () -> 1,
            DiskWatch.NONE)) {
      reserve.put(chunks(1, 1));
      assertThrows(StorageFullException.class, () -> reserve.put(chunks(2, 3)));
      assertEquals(1, reserve.count());
      assertEquals(0, reserve.put(chunks(1, 1)).stored());
    }
  }

  @Test
  void givenSomethingElse_thenNotOpened() throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("reserve"), new byte[100]);
    assertThrows(IOException.class, this::open);
  }
}
