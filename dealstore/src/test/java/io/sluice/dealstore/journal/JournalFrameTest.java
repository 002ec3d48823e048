package io.sluice.dealstore.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The frames of a segment, byte by byte. */
class JournalFrameTest {
  private static byte[] payload(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0x5a);
    return bytes;
  }

  /** A frame as the format has it, made without the code that is tested. */
  private static byte[] frame(int length, long sequence, int back, byte[] payload) {
    ByteBuffer bytes = ByteBuffer.allocate(20 + payload.length);
    bytes.putInt(length).putLong(sequence).putInt(back);
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, 16);
    crc.update(payload);
    return bytes.putInt((int) crc.getValue()).put(payload).array();
  }

  private static Optional<JournalFrame> read(byte[] bytes) {
    return JournalFrame.read(ByteBuffer.wrap(bytes));
  }

  @Test
  void givenRecords_thenTheyLieAsTheFormatSays() {
    ByteBuffer out = ByteBuffer.allocate(20 + 3 + 20);
    assertEquals(23, JournalFrame.size(ByteBuffer.wrap(payload(3))));

    JournalFrame.write(out, 7, 0, ByteBuffer.wrap(payload(3)));
    JournalFrame.write(out, 8, 1, ByteBuffer.wrap(payload(0)));

    byte[] first = frame(3, 7, 0, payload(3));
    byte[] both = Arrays.copyOf(first, 43);
    System.arraycopy(frame(0, 8, 1, payload(0)), 0, both, 23, 20);
    assertArrayEquals(both, out.array());
  }

  @Test
  void givenFramesInARow_thenEachIsReadAndTheBufferMovesBehindIt() {
    ByteBuffer in = ByteBuffer.allocate(64);
    in.put(frame(3, 7, 0, payload(3))).put(frame(0, 8, 1, payload(0))).put((byte) 1).flip();

    JournalFrame first = JournalFrame.read(in).orElseThrow();
    assertEquals(7, first.sequence());
    assertEquals(7, first.groupStart());
    assertArrayEquals(payload(3), first.bytes());
    assertEquals(23, in.position());
    JournalFrame second = JournalFrame.read(in).orElseThrow();
    assertEquals(8, second.sequence());
    assertEquals(7, second.groupStart(), "one stands before it");
    assertEquals(43, in.position());
    assertEquals(Optional.empty(), JournalFrame.read(in));
    assertEquals(43, in.position(), "not moved");
  }

  @Test
  void givenFramesAtTheLimits_thenTheyAreRead() {
    assertEquals(0, read(frame(0, 1, 0, payload(0))).orElseThrow().payload().remaining());
    assertEquals(1, read(frame(0, 6, 5, payload(0))).orElseThrow().groupStart());
    int most = 16 << 20;
    assertEquals(most, read(frame(most, 1, 0, payload(most))).orElseThrow().payload().remaining());
  }

  @Test
  void givenFramesThatNobodyWrites_thenThereIsNone() {
    int tooMuch = (16 << 20) + 1;
    for (byte[] bad :
        List.of(
            Arrays.copyOf(frame(0, 1, 0, payload(0)), 19),
            frame(-1, 1, 0, payload(0)),
            frame(tooMuch, 1, 0, payload(tooMuch)),
            frame(4, 1, 0, payload(3)),
            frame(0, 1, -1, payload(0)),
            frame(0, 5, 5, payload(0)),
            frame(0, 0, 0, payload(0)))) {
      assertEquals(Optional.empty(), read(bad), bad.length + " bytes");
    }
  }

  /** The checksum covers all the rest, and is covered by being what it is. */
  @Test
  void givenAnyBitChanged_thenThereIsNone() {
    byte[] good = frame(3, 7, 2, payload(3));
    for (int bit = 0; bit < 8 * good.length; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      assertEquals(Optional.empty(), read(bad), "bit " + bit);
    }
  }
}
