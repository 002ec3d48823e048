package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.BlockLogConfig;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.LogEntry.BlockCame;
import io.sluice.dealstore.blocks.log.LogEntry.RootListed;
import io.sluice.dealstore.blocks.log.LogEntry.RootRemoved;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log tells, and what is left of it after restarts, removals and damage. */
class FileBlockLogTest {
  private static final BlockStoreConfig SMALL = new BlockStoreConfig(1 << 20, 8, 0);

  @TempDir Path directory;
  private final List<Block> blocks = TestBlocks.some(51, 40, 2000);
  private final Cid root = blocks.getFirst().cid();
  private final Random random = new Random(7);
  private FileBlockStore store;

  @BeforeEach
  void open() throws IOException {
    store = FileBlockStore.open(directory.resolve("store"), SMALL, config(), DiskWatch.NONE);
  }

  private BlockLogConfig config() {
    return new BlockLogConfig(random, Duration.ZERO, 16);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void openAgain() throws IOException {
    store.close();
    open();
  }

  private void put(int from, int to) throws IOException {
    for (Block block : blocks.subList(from, to)) {
      store.put(block);
    }
  }

  private List<LogEntry> all() throws IOException {
    return store.log().read(1, Long.MAX_VALUE, Integer.MAX_VALUE);
  }

  private static List<Long> numbers(List<LogEntry> entries) {
    return entries.stream().map(LogEntry::number).toList();
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  private static List<Cid> cids(List<LogEntry> entries) {
    return entries.stream().map(LogEntry::cid).toList();
  }

  private List<Cid> cids(int from, int to) {
    return blocks.subList(from, to).stream().map(Block::cid).toList();
  }

  @Test
  void givenStoreWithBlocks_whenFirstAskedFor_thenNumberedInTheOrderOfTheFiles()
      throws IOException {
    put(0, 20);
    assertTrue(store.knownLog().isEmpty());
    assertFalse(FileBlockStore.hasLog(directory.resolve("store")));

    BlockLog log = store.log();

    assertEquals(20, log.cursor());
    assertEquals(cids(0, 20), cids(all()));
    assertEquals(range(1, 20), numbers(all()));
    assertEquals(new BlockCame(blocks.getFirst().size()), all().getFirst().what());
    assertTrue(FileBlockStore.hasLog(directory.resolve("store")));
  }

  @Test
  void nothingIsToldBeforeItIsDurable() throws IOException {
    BlockLog log = store.log();
    put(0, 3);
    assertEquals(0, log.cursor());
    assertEquals(List.of(), all());

    store.sync();

    assertEquals(3, log.cursor());
    assertEquals(cids(0, 3), cids(all()));
  }

  @Test
  void blocksThatAreHereAlreadyGetNoOtherNumber() throws IOException {
    BlockLog log = store.log();
    put(0, 5);
    store.sync();
    put(0, 5);
    store.sync();
    openAgain();
    put(0, 5);
    store.sync();

    assertEquals(5, log.cursor());
    assertEquals(range(1, 5), numbers(all()));
  }

  @Test
  void pagesBeginAnywhereAndEndWhereTheyAreToldTo() throws IOException {
    BlockLog log = store.log();
    put(0, 40);
    store.sync();

    assertEquals(range(7, 16), numbers(log.read(7, Long.MAX_VALUE, 10)));
    assertEquals(range(33, 40), numbers(log.read(33, Long.MAX_VALUE, 100)));
    assertEquals(range(12, 13), numbers(log.read(12, 13, 100)));
    assertEquals(List.of(), log.read(41, Long.MAX_VALUE, 1));
    assertEquals(List.of(), log.read(9, 8, 1));
    assertThrows(IllegalArgumentException.class, () -> log.read(0, 1, 1));
  }

  @Test
  void afterARestartItIsTheSameLog_andWhatWasNotSyncedHasItsNumbers() throws IOException {
    long epoch = store.log().epoch();
    put(0, 20);
    store.sync();
    put(20, 37);
    openAgain(); // closing syncs

    assertEquals(epoch, store.log().epoch());
    assertEquals(37, store.log().cursor());
    assertEquals(cids(0, 37), cids(all()));
    assertEquals(range(1, 37), numbers(all()));
  }

  @Test
  void givenRenewal_thenAnotherEpoch_andTheSameNumbers() throws IOException {
    long epoch = store.log().epoch();
    put(0, 20);
    store.sync();

    store.log().renew();

    long renewed = store.log().epoch();
    assertNotEquals(epoch, renewed);
    put(20, 25);
    openAgain();
    assertEquals(renewed, store.log().epoch());
    assertEquals(cids(0, 25), cids(all()));
    assertEquals(range(1, 25), numbers(all()));
  }

  @Test
  void givenBlockThatWentAndCameAgain_thenItHasAnotherNumberOnly() throws IOException {
    BlockLog log = store.log();
    put(0, 10);
    store.sync();
    store.reclaim(() -> cids(0, 9));
    assertEquals(range(1, 9), numbers(all()));
    assertEquals(10, log.cursor());
    put(9, 10);
    store.sync();

    assertEquals(range(1, 9), numbers(all()).subList(0, 9));
    assertEquals(List.of(11L), numbers(log.read(10, 100, 10)));
    openAgain();
    assertEquals(List.of(11L), numbers(store.log().read(10, 100, 10)));
  }

  @Test
  void givenRoomGivenBack_thenWhatStaysKeepsItsNumbers_andNothingIsLeftOfTheRest()
      throws IOException {
    BlockLog log = store.log();
    long epoch = log.epoch();
    put(0, 40);
    store.sync();
    List<Cid> kept =
        Stream.iterate(0, i -> i < 40, i -> i + 3).map(i -> blocks.get(i).cid()).toList();

    store.reclaim(() -> kept);

    assertEquals(kept, cids(all()));
    assertEquals(Stream.iterate(1L, i -> i <= 40, i -> i + 3).toList(), numbers(all()));
    openAgain();
    assertEquals(kept, cids(all()));
    assertEquals(epoch, store.log().epoch());
    assertEquals(40, store.log().cursor());
    put(1, 2);
    store.sync();
    assertEquals(41, store.log().cursor());
    store.reclaim(List::of);
    assertEquals(List.of(), all());
    assertEquals(41, store.log().cursor());
    openAgain();
    assertEquals(41, store.log().cursor());
    try (Stream<Path> files = Files.list(directory.resolve("store/log"))) {
      assertEquals(2, files.count()); // the head and the newest segment
    }
  }

  /** A sync by somebody else, between the writes of what is moved, does not number it anew. */
  @Test
  void givenSyncsWhileBlocksAreMoved_thenTheyKeepTheirNumbers() throws IOException {
    int[] writes = {0};
    Thread mover = Thread.currentThread();
    FileBlockStore[] opened = new FileBlockStore[1];
    DiskWatch watch =
        (path, change) -> {
          boolean next =
              path.endsWith("00000002.car")
                  && change == DiskWatch.Change.WRITE
                  && mover.equals(Thread.currentThread());
          // The first three make the file; those behind are blocks.
          if (next && ++writes[0] > 4 && writes[0] < 8) {
            syncElsewhere(opened[0]);
          }
        };
    BlockStoreConfig large = new BlockStoreConfig(1 << 20, 100, 0);
    Path folder = directory.resolve("watched");
    try (FileBlockStore watched = FileBlockStore.open(folder, large, config(), watch)) {
      opened[0] = watched;
      watched.log();
      for (Block block : blocks) {
        watched.put(block);
      }
      watched.sync();

      watched.reclaim(() -> cids(1, 40));

      assertTrue(writes[0] >= 8);
      assertEquals(
          range(2, 40), numbers(watched.log().read(1, Long.MAX_VALUE, 100)), "all but the first");
    }
  }

  private static void syncElsewhere(FileBlockStore store) throws IOException {
    try {
      CompletableFuture.runAsync(
              () -> {
                try {
                  store.sync();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .get(20, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(e);
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  @Test
  void listingsAreNumberedBehindWhatCameBefore_andEndForGood() throws IOException {
    BlockLog log = store.log();
    put(0, 3);

    RootTag tag = log.listed(root, true, "three");

    assertEquals(new RootTag(log.epoch(), 4), tag);
    assertEquals(new LogEntry(4, root, new RootListed(tag, true, "three")), all().getLast());
    assertEquals(Set.of(tag), log.listings(root));
    RootTag other = new RootTag(99, 7);
    assertTrue(log.learned(root, other, false, ""));
    assertFalse(log.learned(root, other, false, ""));
    assertEquals(Set.of(tag, other), log.listings(root));

    RootTag unknown = new RootTag(98, 1);
    assertTrue(log.removed(root, Set.of(tag, unknown)));
    assertFalse(log.removed(root, Set.of(tag, unknown)));
    assertTrue(log.ended(tag));
    assertFalse(log.learned(root, unknown, false, ""));
    assertFalse(log.learned(root, tag, false, ""));
    assertFalse(log.removed(blocks.get(1).cid(), Set.of(other)), "of another root");

    openAgain();
    BlockLog again = store.log();
    assertEquals(Set.of(other), again.listings(root));
    assertTrue(again.ended(unknown));
    List<LogEntry> roots = again.read(4, 100, 10);
    assertEquals(List.of(5L, 6L), numbers(roots));
    assertEquals(Set.of(tag, unknown), Set.copyOf(((RootRemoved) roots.getLast().what()).tags()));
    store.reclaim(() -> cids(0, 3));
    assertEquals(List.of(1L, 2L, 3L, 5L, 6L), numbers(all()));
    openAgain();
    assertTrue(store.log().ended(unknown), "a tombstone is never forgotten");
  }

  @Test
  void longNamesAreCutWithinNoCharacter() throws IOException {
    RootTag tag = store.log().listed(root, false, "ä".repeat(600) + "x");

    assertEquals(
        new RootListed(tag, false, "ä".repeat(512)), store.log().read(1, 10, 1).getFirst().what());
  }

  @Test
  void whoeverWaitsHearsOfWhatNobodySyncs() throws Exception {
    BlockLog log = store.log();
    CountDownLatch risen = new CountDownLatch(1);
    AutoCloseable listening = log.onRise(risen::countDown);

    put(0, 1);

    assertTrue(risen.await(30, TimeUnit.SECONDS));
    assertEquals(1, log.cursor());
    listening.close();
  }

  @Test
  void whoeverBeginsToWaitHearsOfWhatCameBefore() throws Exception {
    BlockLog log = store.log();
    put(0, 1);
    CountDownLatch risen = new CountDownLatch(1);
    AutoCloseable listening = log.onRise(risen::countDown);

    assertTrue(risen.await(30, TimeUnit.SECONDS));
    listening.close();
  }

  /** Segments are sealed, written anew and closed while others read them. */
  @Test
  void givenReadersBesideWritingAndRoomGivenBack_thenNothingIsLeftOut() throws Exception {
    BlockLog log = store.log();
    Set<Cid> kept = Set.copyOf(cids(0, 20));
    put(0, 20);
    store.sync();
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> reading = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        reading.add(
            readers.submit(
                () -> {
                  int rounds = 0;
                  while (!over.get()) {
                    Set<Cid> seen = new HashSet<>(cids(LogAssertions.all(log)));
                    assertTrue(seen.containsAll(kept));
                    rounds++;
                  }
                  return rounds;
                }));
      }
      for (int round = 0; round < 12; round++) {
        put(20, 40);
        store.sync();
        store.reclaim(() -> kept);
      }
      over.set(true);
      for (Future<Integer> rounds : reading) {
        assertTrue(rounds.get() > 0);
      }
    }
    assertEquals(range(1, 20), numbers(all()));
    assertEquals(20 + 12 * 20, log.cursor());
  }

  // ---- archives served in place

  private Path archive(String name, List<Block> held) throws IOException {
    Path path = directory.toRealPath().resolve(name);
    try (CarWriter writer =
        CarWriter.v1(
            FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE),
            List.of(held.getFirst().cid()))) {
      for (Block block : held) {
        writer.write(block);
      }
    }
    return path;
  }

  private void serve(Path car) throws IOException {
    try (ExecutorService hashing = Executors.newFixedThreadPool(1)) {
      store.serveInPlace(car, hashing);
    }
  }

  @Test
  void ofAnArchiveServedInPlaceThatIsNumberedWhichIsNowhereElse() throws IOException {
    store.log();
    put(0, 5);
    List<Block> held = new ArrayList<>(blocks.subList(3, 9));
    held.add(blocks.get(7)); // twice
    Path car = archive("held.car", held);

    serve(car);
    store.sync();

    Set<Cid> here = Set.copyOf(cids(all()));
    assertEquals(Set.copyOf(cids(0, 9)), here);
    assertEquals(9, all().size());
    serve(car);
    openAgain();
    assertEquals(9, all().size());
    assertEquals(9, store.log().cursor());

    store.stopServing(car);
    assertEquals(cids(0, 5), cids(all()));
    serve(car);
    assertEquals(Set.copyOf(cids(0, 9)), Set.copyOf(cids(all())));
    assertEquals(9, all().size());
    assertEquals(13, store.log().cursor(), "what came again has other numbers");
  }

  @Test
  void givenArchiveThatIsGoneForAWhile_thenItsBlocksHaveOneNumberEach() throws IOException {
    Path car = archive("held.car", blocks.subList(0, 6));
    serve(car);
    put(6, 8);
    assertEquals(8, store.log().cursor());
    Path away = car.resolveSibling("away");
    store.close();
    Files.move(car, away);
    open();
    assertEquals(cids(6, 8), cids(all()));
    put(0, 2);
    store.sync();
    assertEquals(10, store.log().cursor());

    store.close();
    Files.move(away, car);
    open();
    assertEquals(Set.copyOf(cids(0, 8)), Set.copyOf(cids(all())));
    assertEquals(8, all().size());

    store.close();
    Files.move(car, away);
    open();
    store.reclaim(() -> cids(0, 8));
    assertEquals(4, all().size());
    store.close();
    Files.move(away, car);
    open();
    assertEquals(Set.copyOf(cids(0, 8)), Set.copyOf(cids(all())));
    assertEquals(8, all().size());
  }

  // ---- damage

  private Path segment(long id) {
    return directory.resolve("store/log").resolve(String.format("%08d.log", id));
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int was = bytes.read();
      bytes.seek(at);
      bytes.write(was ^ 0x10);
    }
  }

  private void fillAndEnd() throws IOException {
    BlockLog log = store.log();
    for (int i = 0; i < 40; i += 4) {
      put(i, i + 4);
      store.sync();
    }
    log.learned(root, new RootTag(5, 5), true, "kept");
    log.removed(root, Set.of(new RootTag(6, 6)));
  }

  private void assertBegunAnew(long epoch) throws IOException {
    BlockLog log = store.log();
    assertNotEquals(epoch, log.epoch());
    assertEquals(cids(0, 40), cids(log.read(1, 40, 100)));
    assertEquals(42, log.cursor());
    assertEquals(Set.of(new RootTag(5, 5)), log.listings(root));
    assertTrue(log.ended(new RootTag(6, 6)));
  }

  /** Whatever is damaged, in whatever file: the store opens, and each block has one number. */
  @Test
  void givenAnyDamage_thenTheStoreOpensAndEachBlockHasOneNumber() throws IOException {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("sluice.seed=" + seed);
    Random damage = new Random(seed);
    fillAndEnd();
    for (int round = 0; round < 20; round++) {
      store.close();
      List<Path> files;
      try (Stream<Path> found = Files.list(directory.resolve("store/log"))) {
        files = found.sorted().toList();
      }
      Path file = files.get(damage.nextInt(files.size()));
      long size = Files.size(file);
      int kind = damage.nextInt(4);
      if (kind == 0) {
        Files.delete(file);
      } else if (kind == 1) {
        try (FileChannel bytes = FileChannel.open(file, StandardOpenOption.WRITE)) {
          bytes.truncate(damage.nextLong(size));
        }
      } else {
        flip(file, damage.nextLong(size));
      }
      open();
      LogAssertions.assertSound(store, blocks);
      Block block = blocks.get(damage.nextInt(blocks.size()));
      store.reclaim(() -> blocks.stream().filter(it -> !it.equals(block)).map(Block::cid).toList());
      store.put(block);
      store.sync();
      LogAssertions.assertSound(store, blocks);
      store.log().listed(root, true, "again");
    }
  }

  @Test
  void givenDamageInASealedSegment_thenNumbersBeginAnew() throws IOException {
    fillAndEnd();
    long epoch = store.log().epoch();
    store.close();
    flip(segment(1), 200);
    open();

    assertBegunAnew(epoch);
    openAgain();
    assertBegunAnew(epoch);
  }

  @Test
  void givenDamageBeforeWhatIsDurable_thenNumbersBeginAnew() throws IOException {
    fillAndEnd();
    long epoch = store.log().epoch();
    store.close();
    flip(segment(3), 40);
    open();

    assertBegunAnew(epoch);
  }

  @Test
  void givenDamageInWhatWasWrittenLast_whenTheStoreWasClosed_thenNumbersBeginAnew()
      throws IOException {
    fillAndEnd();
    long epoch = store.log().epoch();
    store.close();
    flip(segment(3), Files.size(segment(3)) - 3);
    open();

    BlockLog log = store.log();
    assertNotEquals(epoch, log.epoch());
    assertEquals(Set.of(new RootTag(5, 5)), log.listings(root));
    assertEquals(cids(0, 40), cids(log.read(1, 40, 100)));
  }

  @Test
  void givenDamagedHead_thenNumbersBeginAnew() throws IOException {
    fillAndEnd();
    long epoch = store.log().epoch();
    store.close();
    flip(directory.resolve("store/log/head"), 30);
    open();

    assertNotEquals(epoch, store.log().epoch());
    assertEquals(cids(0, 40), cids(store.log().read(1, 40, 100)));
  }

  @Test
  void givenLogOfALaterVersion_thenItIsLeftAlone() throws IOException {
    fillAndEnd();
    Path head = directory.resolve("store/log/head");
    store.close();
    byte[] later = Files.readAllBytes(head);
    String text = new String(later, StandardCharsets.ISO_8859_1);
    later[text.indexOf("sluice-block-log/1") + "sluice-block-log/".length()] = '2';
    CRC32C checksum = new CRC32C();
    checksum.update(later, 0, later.length - Integer.BYTES);
    ByteBuffer.wrap(later).putInt(later.length - Integer.BYTES, (int) checksum.getValue());
    byte[] before = Files.readAllBytes(head);
    Files.write(head, later);

    assertThrows(IOException.class, this::open);

    assertArrayEquals(later, Files.readAllBytes(head));
    Files.write(head, before);
    open();
    assertEquals(42, store.log().cursor());
  }

  @Test
  void givenLostOrDamagedIndex_thenItIsMadeAnew() throws IOException {
    fillAndEnd();
    long epoch = store.log().epoch();
    List<LogEntry> before = all();
    store.close();
    flip(directory.resolve("store/log/00000001.idx"), 60);
    Files.delete(directory.resolve("store/log/00000002.idx"));
    open();

    assertEquals(epoch, store.log().epoch());
    assertEquals(before, all());
  }

  @Test
  void givenTornEnd_thenItIsCutOff() throws IOException {
    fillAndEnd();
    long epoch = store.log().epoch();
    List<LogEntry> before = all();
    store.close();
    Files.write(segment(3), new byte[] {0, 0, 0, 50, 1, 2, 3}, StandardOpenOption.APPEND);
    open();

    assertEquals(epoch, store.log().epoch());
    assertEquals(before, all());
  }

  @Test
  void givenCopyOfTheLog_thenItHasAnotherEpoch_andKeepsItsListings() throws IOException {
    fillAndEnd();
    long epoch = store.log().epoch();
    List<LogEntry> before = all();
    store.close();
    Path log = directory.resolve("store/log");
    Path copy = directory.resolve("copy");
    Files.createDirectory(copy);
    try (Stream<Path> files = Files.list(log)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    Files.move(log, directory.resolve("before"));
    Files.move(copy, log);
    open();

    assertNotEquals(epoch, store.log().epoch());
    assertEquals(before, all());
    long drawn = store.log().epoch();
    openAgain();
    assertEquals(drawn, store.log().epoch());
  }

  @Test
  void givenDamagedBlockThatIsPutAgain_thenItHasOneNumber() throws IOException {
    put(0, 8);
    store.log();
    long second = 4096 + 18 + TestBlocks.sectionBytes(blocks.getFirst());
    flip(
        directory.resolve("store/00000001.car"),
        second + TestBlocks.sectionBytes(blocks.get(1)) - 1);
    assertTrue(store.get(blocks.get(1).cid()).isEmpty());
    assertEquals(7, all().size());

    put(1, 2);
    store.sync();

    assertEquals(List.of(1L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), numbers(all()));
  }
}
