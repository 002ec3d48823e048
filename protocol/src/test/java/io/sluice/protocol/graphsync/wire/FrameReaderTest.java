package io.sluice.protocol.graphsync.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.multiformats.Varint;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {
  private static final PeerId PEER = Identity.ofSeed(new byte[32]).peerId();

  private final List<String> heard = new ArrayList<>();
  private final ReceiveMemory memory = new ReceiveMemory(4 << 20, 4 << 20);

  FrameReader reader(byte[] bytes, int atOnce) {
    return new FrameReader(
        new Pieces(ByteBuffer.wrap(bytes), atOnce),
        Duration.ZERO,
        Duration.ofSeconds(1),
        new FrameReader.Activity() {
          @Override
          public void idle() {
            heard.add("idle");
          }

          @Override
          public void busy() {
            heard.add("busy");
          }
        },
        memory);
  }

  /** Gives its bytes in pieces, and then ends. */
  private record Pieces(ByteBuffer bytes, int atOnce) implements Stream {
    @Override
    public int read(ByteBuffer to) {
      if (!bytes.hasRemaining()) {
        return -1;
      }
      int count = Math.min(atOnce, Math.min(to.remaining(), bytes.remaining()));
      to.put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
      return count;
    }

    @Override
    public PeerId remotePeer() {
      return PEER;
    }

    @Override
    public void timeout(Duration idle) {}

    @Override
    public void reset() {}

    @Override
    public void close() {}

    @Override
    public void closeWrite() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(ByteBuffer... src) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Multiaddr remoteAddress() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String protocol() {
      throw new UnsupportedOperationException();
    }
  }

  private static byte[] frames(int... lengths) {
    ByteBuffer all = ByteBuffer.allocate(500_000);
    for (int length : lengths) {
      Varint.write(all, length);
      for (int i = 0; i < length; i++) {
        all.put((byte) (length + i));
      }
    }
    byte[] bytes = new byte[all.position()];
    all.get(0, bytes);
    return bytes;
  }

  private static final int[] LENGTHS = {
    5, 0, 127, 128, 20_000, FrameReader.UNPROVEN, FrameReader.UNPROVEN + 1, 200_000, 3
  };

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 127, 1000, 100_000})
  void givenFramesInPieces_thenEachIsWhole(int atOnce) throws IOException {
    FrameReader frames = reader(frames(LENGTHS), atOnce);

    for (int length : LENGTHS) {
      ByteBuffer frame = frames.next();
      assertEquals(length > FrameReader.UNPROVEN ? length : 0, memory.used());
      assertEquals(length, frame.remaining());
      for (int i = 0; i < length; i++) {
        assertEquals((byte) (length + i), frame.get(i));
      }
    }
    assertNull(frames.next());
  }

  @ParameterizedTest
  @CsvSource({
    "8000, MESSAGE_MALFORMED",
    "ff00, MESSAGE_MALFORMED",
    "80808000, MESSAGE_MALFORMED",
    "80808080, MESSAGE_TOO_LARGE",
    "ffffffff, MESSAGE_TOO_LARGE",
    "81808002, MESSAGE_TOO_LARGE"
  })
  void givenBadLength_thenRefusedByThoseBytesAlone(String hex, String code) throws IOException {
    FrameReader frames = reader(HexFormat.of().parseHex(hex), 1);

    assertEquals(code, assertThrows(ProtocolException.class, frames::next).code());
  }

  @Test
  void givenLongestFrame_thenItsLengthIsAccepted() throws IOException {
    FrameReader frames = reader(HexFormat.of().parseHex("80808002"), 4);

    assertThrows(EOFException.class, frames::next);
  }

  @ParameterizedTest
  @ValueSource(strings = {"80", "05", "0501", "8001"})
  void givenEndWithinAFrame_thenAnError(String hex) throws IOException {
    FrameReader frames = reader(HexFormat.of().parseHex(hex), 10);

    assertThrows(EOFException.class, frames::next);
    assertTrue(frames.begun());
  }

  @Test
  void givenStreamWithoutAByte_thenNothingHasBegun() throws IOException {
    FrameReader frames = reader(new byte[0], 10);

    assertNull(frames.next());
    assertFalse(frames.begun());
  }

  @Test
  void givenFrames_thenIdleOnlyBetweenThem() throws IOException {
    FrameReader frames = reader(frames(3, 4), 4);
    assertEquals(3, frames.next().remaining());
    assertEquals(List.of("idle", "busy"), heard);
    assertEquals(4, frames.next().remaining());
    assertNull(frames.next());

    assertEquals(List.of("idle", "busy", "idle", "busy", "idle", "busy"), heard);
  }
}
