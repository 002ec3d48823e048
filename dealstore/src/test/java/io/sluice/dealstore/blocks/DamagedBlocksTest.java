package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A block whose bytes are not its own any more counts as absent, and can be put again. */
class DamagedBlocksTest {
  private static final int FIRST_SECTION = 4096 + CarWriter.payloadHead(List.of()).remaining();

  @TempDir Path directory;

  private final List<Block> blocks = TestBlocks.some(31, 6, 500);
  private final Block first = blocks.getFirst();

  private FileBlockStore open(boolean sealed) throws IOException {
    return FileBlockStore.open(
        directory, new BlockStoreConfig(1 << 20, sealed ? blocks.size() : 1 << 10, 0));
  }

  private void flip(long at) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            directory.resolve("00000001.car"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      assertEquals(1, file.read(one, at));
      one.put(0, (byte) (one.get(0) ^ 4)).rewind();
      file.write(one, at);
    }
  }

  private void putAll(FileBlockStore store) throws IOException {
    for (Block block : blocks) {
      store.put(block);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givenRottenData_whenRead_thenAbsentAndCanBePutAgain(boolean sealed) throws IOException {
    try (FileBlockStore store = open(sealed)) {
      putAll(store);
      assertFalse(store.isDamaged(first.cid()));
      flip(FIRST_SECTION + 60);

      assertEquals(Optional.empty(), store.get(first.cid()));
      assertFalse(store.has(first.cid()));
      assertTrue(store.isDamaged(first.cid()));
      assertEquals(Set.of(first.cid().hash()), store.damaged());
      TestBlocks.assertHolds(store, blocks.subList(1, blocks.size()));

      store.put(first);

      TestBlocks.assertHolds(store, blocks);
      assertFalse(store.isDamaged(first.cid()));
      assertEquals(Set.of(), store.damaged());
    }
    try (FileBlockStore store = open(sealed)) {
      TestBlocks.assertHolds(store, blocks);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givenRottenData_whenPut_thenWrittenAgain(boolean sealed) throws IOException {
    try (FileBlockStore store = open(sealed)) {
      putAll(store);
      flip(FIRST_SECTION + 60);

      store.put(first);

      TestBlocks.assertHolds(store, blocks);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givenRottenSectionHead_whenLookedFor_thenAbsentAndCanBePutAgain(boolean sealed)
      throws IOException {
    try (FileBlockStore store = open(sealed)) {
      putAll(store);
      flip(FIRST_SECTION + 8); // in the CID

      assertFalse(store.has(first.cid()));
      assertTrue(store.isDamaged(first.cid()));

      store.put(first);

      TestBlocks.assertHolds(store, blocks);
    }
  }

  @Test
  void givenDamagedBlock_whenItsDagIsCounted_thenNamedAsDamaged() throws IOException {
    try (FileBlockStore store = open(true)) {
      putAll(store);
      flip(FIRST_SECTION + 60);
      assertTrue(store.summarize(first.cid()).complete(), "nobody has read it yet");

      assertEquals(Optional.empty(), store.get(first.cid()));

      assertEquals(List.of(first.cid()), store.summarize(first.cid()).damaged());
      Cid unknown = TestBlocks.some(32, 1, 100).getFirst().cid();
      assertEquals(List.of(unknown), store.summarize(unknown).missing());
      assertEquals(List.of(), store.summarize(unknown).damaged());
    }
  }

  @Test
  void givenUnreadableNotesOfDamage_whenOpened_thenTheyMeanNothing() throws IOException {
    String hash = first.cid().hash().toString();
    try (FileBlockStore store = open(true)) {
      putAll(store);
    }
    Files.write(
        directory.resolve("damaged"),
        List.of("", "00000001.car@17", "00000001.car@17 zz", "x@9 12", "00000001.car@9 " + hash));
    byte[] bytes = Files.readAllBytes(directory.resolve("damaged"));
    bytes[2] = (byte) 0xff;
    Files.write(directory.resolve("damaged"), bytes);

    try (FileBlockStore store = open(true)) {
      TestBlocks.assertHolds(store, blocks);
      assertEquals(Set.of(), store.damaged());
    }
  }
}
