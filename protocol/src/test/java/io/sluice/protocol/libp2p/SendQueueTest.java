package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SendQueueTest {
  private static final int BODY = 16 * 1024;
  private static final int MOST = 64 * 1024;

  private final SendQueue queue = new SendQueue(BODY, MOST);

  private static ByteBuf frame(int length) {
    ByteBuf frame = SendQueue.newFrame(UnpooledByteBufAllocator.DEFAULT, length, BODY);
    SendQueue.fill(frame, new ByteBuffer[] {ByteBuffer.allocate(length)}, 0, length);
    return frame;
  }

  private void queued(int length) {
    assertEquals(length, queue.claim(length));
    queue.beginCopy();
    queue.endCopy();
    queue.add(frame(length));
  }

  private int sent() {
    ByteBuf frame = queue.poll();
    assertNotNull(frame);
    int length = frame.readableBytes() - Yamux.HEADER;
    frame.release();
    return length;
  }

  @Test
  void givenMuchToWrite_thenAClaimIsAFrameAtMost() {
    assertEquals(BODY, queue.claim(10L * BODY));
    assertEquals(5, queue.claim(5));
  }

  @Test
  void givenFullQueue_thenNoRoomUntilAFrameIsTaken() {
    for (int i = 0; i < MOST / BODY; i++) {
      queued(BODY);
    }
    assertEquals(0, queue.room());

    assertEquals(BODY, sent());

    assertEquals(BODY, queue.room());
    queue.drop();
  }

  @Test
  void givenNoCredit_thenNoRoomUntilThePeerGrantsMore() {
    for (int sent = 0; sent < Yamux.INITIAL_WINDOW; sent += BODY) {
      queued(BODY);
      assertEquals(BODY, sent());
    }
    assertEquals(0, queue.room());

    queue.granted(7);

    assertEquals(7, queue.room());
    assertEquals(7, queue.claim(BODY));
  }

  @Test
  void givenMoreThanCanBeCounted_whenGranted_thenViolation() {
    queue.granted(0xffff_ffffL - Yamux.INITIAL_WINDOW);

    assertEquals(
        "FRAME_VIOLATION", assertThrows(ProtocolException.class, () -> queue.granted(1)).code());
  }

  @Test
  void givenSmallFrameWaiting_thenSmallPiecesShareItAndLargeOnesDoNot() {
    assertNull(queue.shared(1));
    queued(100);

    ByteBuf shared = queue.shared(100);
    assertNotNull(shared);
    assertNull(queue.shared(SendQueue.COALESCE - 99)); // one more than it has room for
    assertNull(queue.shared(SendQueue.COALESCE + 1));
    assertEquals(100, queue.claim(100));
    SendQueue.fill(shared, new ByteBuffer[] {ByteBuffer.allocate(100)}, 0, 100);

    assertEquals(200, sent());
    assertNull(queue.poll());
    assertEquals(BODY, queue.room());
  }

  @Test
  void givenLargeFrameWithRoom_thenLargePieceGetsItsOwn() {
    ByteBuf roomy = UnpooledByteBufAllocator.DEFAULT.directBuffer(4 * BODY);
    queue.add(roomy);

    assertNull(queue.shared(SendQueue.COALESCE + 1));
    assertEquals(roomy, queue.shared(SendQueue.COALESCE));
    queue.drop();
  }

  @Test
  void givenPieceUnderWay_thenNotDrainedBeforeItIsTaken() {
    assertTrue(queue.isDrained());
    queue.beginCopy();
    assertFalse(queue.isDrained());
    queue.add(frame(10));
    queue.endCopy();
    assertFalse(queue.isDrained());

    assertEquals(10, sent());

    assertTrue(queue.isDrained());
  }

  @Test
  void whenFramesAreTaken_thenHalfIsPassedOnce() {
    for (int i = 0; i < MOST / BODY; i++) {
      queued(BODY);
    }
    assertEquals(BODY, sent());
    assertFalse(queue.fellToHalf());
    assertEquals(BODY, sent());
    assertTrue(queue.fellToHalf());
    assertEquals(BODY, sent());
    assertFalse(queue.fellToHalf());
    assertEquals(BODY, sent());
    assertNull(queue.poll());
    assertFalse(queue.fellToHalf());
  }

  @Test
  void whenDropped_thenFramesAreFreedAndRoomIsBack() {
    ByteBuf frame = frame(BODY);
    assertEquals(BODY, queue.claim(BODY));
    queue.add(frame);

    queue.drop();

    assertEquals(0, frame.refCnt());
    assertNull(queue.poll());
    assertEquals(BODY, queue.room());
  }

  @Test
  void givenSeveralBuffers_whenFilled_thenInOrderAndTheirRestsStay() {
    ByteBuffer[] src = {
      ByteBuffer.wrap(new byte[] {1, 2}), ByteBuffer.wrap(new byte[] {3, 4, 5, 6})
    };
    src[0].get();
    ByteBuf frame = SendQueue.newFrame(UnpooledByteBufAllocator.DEFAULT, 3, BODY);

    SendQueue.fill(frame, src, 0, 3);

    assertEquals(Unpooled.wrappedBuffer(new byte[] {2, 3, 4}), frame.skipBytes(Yamux.HEADER));
    assertEquals(ByteBuffer.wrap(new byte[] {5, 6}), src[1]);
    frame.release();
  }
}
