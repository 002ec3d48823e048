package io.sluice.node.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RecentBlocksTest {
  private final MemoryBlockStore store = new MemoryBlockStore();
  private final RecentBlocks recent = new RecentBlocks(store, 250);

  private static Block block(int content) {
    return Block.of(Codec.RAW, ByteBuffer.allocate(100).putInt(0, content));
  }

  @Test
  void givenBlocksThatWerePut_thenTheLastOnesAreAtHandAndAllAreInTheStore() throws IOException {
    Block[] blocks = {block(1), block(2), block(3)};
    for (Block each : blocks) {
      recent.put(each);
      recent.put(each); // counted once
      assertEquals(Optional.of(each), store.get(each.cid()));
      store.remove(each.cid());
    }

    assertFalse(recent.get(blocks[0].cid()).isPresent());
    assertEquals(Optional.of(blocks[1]), recent.get(blocks[1].cid()));
    Cid other = Cid.v1(Codec.DAG_CBOR, blocks[2].cid().hash());
    assertEquals(other, recent.get(other).orElseThrow().cid());
    assertEquals(blocks[2].data(), recent.get(other).orElseThrow().data());
  }

  @Test
  void givenReaderThatReadsOnce_thenWhatItHasReadIsNotAtHandAndMakesRoom() throws IOException {
    Block[] blocks = {block(1), block(2), block(3)};
    recent.put(blocks[0]);
    recent.put(blocks[1]);
    store.remove(blocks[0].cid());
    store.remove(blocks[1].cid());

    assertEquals(Optional.of(blocks[1]), recent.readOnce().get(blocks[1].cid()));
    assertEquals(Optional.empty(), recent.readOnce().get(blocks[1].cid()));
    recent.put(blocks[2]);
    assertEquals(Optional.of(blocks[0]), recent.get(blocks[0].cid()));
  }

  @Test
  void givenDiskThatTakesNothing_thenNothingIsAtHand() {
    BlockStore full =
        new BlockStore() {
          @Override
          public boolean has(Cid cid) {
            return false;
          }

          @Override
          public OptionalInt size(Cid cid) {
            return OptionalInt.empty();
          }

          @Override
          public Optional<Block> get(Cid cid) {
            return Optional.empty();
          }

          @Override
          public void put(Block block) throws IOException {
            throw new IOException("full");
          }

          @Override
          public void sync() {}
        };
    RecentBlocks over = new RecentBlocks(full, 250);
    assertThrows(IOException.class, () -> over.put(block(1)));
    assertEquals(Optional.empty(), assertGets(over, block(1).cid()));
  }

  private static Optional<Block> assertGets(BlockStore store, Cid cid) {
    return org.junit.jupiter.api.Assertions.assertDoesNotThrow(() -> store.get(cid));
  }
}
