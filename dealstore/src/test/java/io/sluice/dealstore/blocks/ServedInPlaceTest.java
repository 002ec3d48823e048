package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives of somebody else's, which he may change, cut off or take away at any time. */
class ServedInPlaceTest {
  private static final BlockStoreConfig SMALL = new BlockStoreConfig(1 << 20, 8, 0);

  @TempDir Path directory;
  private final List<Block> blocks = TestBlocks.some(41, 20, 2000);
  private final ExecutorService hashing = Executors.newFixedThreadPool(2);
  private Path car;
  private FileBlockStore store;

  @BeforeEach
  void serve() throws IOException {
    car = car();
    open();
    store.serveInPlace(car, hashing);
  }

  private Path car() throws IOException {
    Path path = directory.toRealPath().resolve("elsewhere.car");
    try (CarWriter writer =
        CarWriter.v1(
            FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            List.of(root()))) {
      for (Block block : blocks) {
        writer.write(block);
      }
    }
    return path;
  }

  private Cid root() {
    return blocks.getFirst().cid();
  }

  private void open() throws IOException {
    store = FileBlockStore.open(directory.resolve("store"), SMALL);
  }

  private void openAgain() throws IOException {
    store.close();
    open();
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    hashing.close();
  }

  private void assertVerifyNamesIt() throws IOException {
    VerifyReport report = store.verify(hashing);
    assertFalse(report.sound());
    assertEquals(List.of(car), report.lost());
  }

  @Test
  void whileItIsAsItWas_thenVerifyIsContent() throws IOException {
    assertTrue(store.verify(hashing).sound());
    assertTrue(store.verify(root(), hashing).sound());
  }

  @Test
  void givenItIsGone_thenVerifyNamesItBeforeAndAfterARestart() throws IOException {
    Files.delete(car);

    assertVerifyNamesIt();
    openAgain();
    assertVerifyNamesIt();
    assertFalse(store.has(root()));
    VerifyReport report = store.verify(root(), hashing);
    assertEquals(List.of(root()), report.missing());
    assertEquals(List.of(car), report.lost());
  }

  @Test
  void givenItsTimeOfChangeIsAnother_thenVerifyNamesIt() throws IOException {
    Files.setLastModifiedTime(car, FileTime.fromMillis(1_000_000));

    assertVerifyNamesIt();
    openAgain();
    assertFalse(store.has(root()), "not served after a restart");
  }

  @Test
  void givenItIsCutOffWhileServed_thenWhatIsBehindIsAbsentAndTheRestIsServed() throws IOException {
    try (FileChannel file = FileChannel.open(car, StandardOpenOption.WRITE)) {
      file.truncate(Files.size(car) - TestBlocks.sectionBytes(blocks.getLast()) - 10);
    }

    TestBlocks.assertHolds(store, blocks.subList(0, 18));
    assertEquals(Optional.empty(), store.get(blocks.getLast().cid()));
    assertEquals(Optional.empty(), store.get(blocks.get(18).cid()));
    assertFalse(store.has(blocks.getLast().cid()));
    assertVerifyNamesIt();
  }

  @Test
  void givenItIsImportedAgain_thenAllIsWell() throws IOException {
    Files.setLastModifiedTime(car, FileTime.fromMillis(1_000_000));
    openAgain();

    assertEquals(List.of(root()), store.serveInPlace(car, hashing));

    TestBlocks.assertHolds(store, blocks);
    assertTrue(store.verify(hashing).sound());
  }

  @Test
  void givenItsRootIsNeeded_whenRoomIsGivenBack_thenItIsStillServed() throws IOException {
    assertEquals(Reclaimed.NOTHING, store.reclaim(() -> List.of(root())));

    assertEquals(List.of(car), store.servedInPlace());
  }

  @Test
  void givenABlockOfItIsNeeded_whenRoomIsGivenBack_thenItIsStillServed() throws IOException {
    store.reclaim(() -> List.of(blocks.get(7).cid()));

    TestBlocks.assertHolds(store, List.of(blocks.get(7)));
  }

  @Test
  void givenNothingOfItIsNeeded_whenRoomIsGivenBack_thenItIsLetGoOfAndUntouched()
      throws IOException {
    long size = Files.size(car);

    assertEquals(Reclaimed.NOTHING, store.reclaim(List::of));

    assertEquals(List.of(), store.servedInPlace());
    assertFalse(store.has(root()));
    assertEquals(size, Files.size(car));
    openAgain();
    assertFalse(store.has(root()));
  }

  @Test
  void givenItIsGone_whenRoomIsGivenBack_thenItIsForgottenOnceItsRootIsNotNeeded()
      throws IOException {
    Files.delete(car);
    openAgain();

    store.reclaim(() -> List.of(root()));
    assertVerifyNamesIt();

    store.reclaim(List::of);
    assertTrue(store.verify(hashing).sound());
  }
}
