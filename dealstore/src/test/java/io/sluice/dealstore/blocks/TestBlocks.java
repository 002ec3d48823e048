package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/** Blocks made from a seed. */
final class TestBlocks {

  private TestBlocks() {}

  static List<Block> some(long seed, int count, int largest) {
    Random random = new Random(seed);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] data = new byte[4 + random.nextInt(largest)];
      random.nextBytes(data);
      blocks.add(Block.of(Codec.RAW, ByteBuffer.wrap(data)));
    }
    return blocks;
  }

  static long sectionBytes(Block block) {
    return (long) CarWriter.sectionHead(block.cid(), block.size()).remaining() + block.size();
  }

  static void assertHolds(FileBlockStore store, List<Block> blocks) throws IOException {
    for (Block block : blocks) {
      assertTrue(store.has(block.cid()));
      assertEquals(OptionalInt.of(block.size()), store.size(block.cid()));
      assertEquals(Optional.of(block), store.get(block.cid()));
    }
  }
}
