package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReceivedBytesTest {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  private final ReceivedBytes received = new ReceivedBytes();

  /** A piece as the session gives it: a slice that owns its buffer. */
  private static ByteBuf slice(byte[] bytes) {
    return Unpooled.wrappedBuffer(bytes).readSlice(bytes.length);
  }

  private long gathered() {
    return allocator.metric().usedDirectMemory();
  }

  @Test
  void givenManySmallPieces_thenTheyAreHeldTogether() {
    ByteBuf whole = Unpooled.buffer(4000).writeZero(4000);
    for (int i = 0; i < 4000; i++) {
      received.add(whole.readRetainedSlice(1), allocator);
    }

    assertEquals(1, whole.refCnt()); // none of them holds what it came in
    assertEquals(8 * 1024, gathered());
    assertEquals(4000, received.read(ByteBuffer.allocate(5000)));
    assertEquals(0, gathered());
    whole.release();
  }

  @Test
  void givenLargePiece_thenItIsKeptAsItCame() {
    byte[] large = new byte[ReceivedBytes.SMALL];
    ByteBuf piece = slice(large);

    received.add(piece, allocator);

    assertEquals(0, gathered());
    assertEquals(1, piece.refCnt());
    received.drop();
    assertEquals(0, piece.refCnt());
  }

  @Test
  void whenReadInPieces_thenAllInOrder() {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[] sent = new byte[200_000];
    random.nextBytes(sent);
    for (int at = 0; at < sent.length; ) {
      int length =
          Math.min(1 + random.nextInt(random.nextInt(8) == 0 ? 5000 : 50), sent.length - at);
      received.add(slice(Arrays.copyOfRange(sent, at, at + length)), allocator);
      at += length;
    }

    ReceivedBytes taken = new ReceivedBytes();
    taken.takeAll(received);
    assertTrue(received.isEmpty());
    ByteBuffer all = ByteBuffer.allocate(sent.length);
    while (!taken.isEmpty()) {
      ByteBuffer part = ByteBuffer.allocate(1 + random.nextInt(3000));
      int count = taken.read(part);
      assertEquals(count, part.flip().limit());
      all.put(part);
    }

    assertEquals(ByteBuffer.wrap(sent), all.flip(), "seed " + seed);
    assertEquals(0, gathered());
  }

  @Test
  void whenDropped_thenNothingIsLeft() {
    received.add(slice(new byte[10]), allocator);
    ByteBuf large = slice(new byte[2000]);
    received.add(large, allocator);

    received.drop();

    assertTrue(received.isEmpty());
    assertEquals(0, large.refCnt());
    assertEquals(0, gathered());
  }
}
