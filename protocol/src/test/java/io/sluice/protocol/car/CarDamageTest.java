package io.sluice.protocol.car;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every prefix, every flipped byte, every way of cutting into pieces: blocks or BAD_CAR. */
class CarDamageTest {

  private static final List<String> SMALL =
      List.of(
          "carv1-basic.car", "sample-unixfs-v2.car", "simple-unixfs.car", "sample-rw-bs-v2.car");

  @Test
  void givenEveryPrefix_whenRead_thenBlocksOrRefused() throws IOException {
    for (String name : SMALL) {
      byte[] whole = CarVectorsTest.bytes(name);
      List<CarSection> sections = CarVectorsTest.sections(whole, CarLimits.DEFAULT);
      for (int length = 0; length < whole.length; length++) {
        List<CarSection> read = readSome(Arrays.copyOf(whole, length));
        assertEquals(sections.subList(0, read.size()), read);
      }
    }
  }

  @Test
  void givenEveryFlippedByte_whenRead_thenNothingButBlocksOrRefused() throws IOException {
    for (String name : SMALL) {
      byte[] whole = CarVectorsTest.bytes(name);
      for (int at = 0; at < whole.length; at++) {
        for (int bits : new int[] {0x01, 0x80, 0xff}) {
          byte[] changed = whole.clone();
          changed[at] ^= (byte) bits;
          readSome(changed);
          readByPosition(changed);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void givenAnyPieces_whenRead_thenTheSame(long seed) throws IOException {
    for (String name : SMALL) {
      byte[] whole = CarVectorsTest.bytes(name);
      List<CarSection> read = new ArrayList<>();
      CarReader reader = CarReader.open(new Pieces(whole, new Random(seed)), CarLimits.DEFAULT);
      Optional<CarSection> next = reader.next();
      while (next.isPresent()) {
        read.add(next.get());
        next = reader.next();
      }
      assertEquals(CarVectorsTest.sections(whole, CarLimits.DEFAULT), read);
    }
  }

  @Test
  void givenDamagedIndexes_whenOpened_thenAnIndexOrRefused() throws IOException {
    byte[] v2 = CarVectorsTest.bytes("sample-unixfs-v2.car");
    long at = CarFile.v2Header(ByteSource.of(ByteBuffer.wrap(v2))).orElseThrow().indexOffset();
    byte[] index = Arrays.copyOfRange(v2, (int) at, v2.length);
    assertTrue(openIndex(index));
    for (int length = 0; length < index.length; length++) {
      openIndex(Arrays.copyOf(index, length));
    }
    for (int i = 0; i < index.length; i++) {
      for (int bits = 1; bits < 0x100; bits <<= 1) {
        byte[] changed = index.clone();
        changed[i] ^= (byte) bits;
        openIndex(changed);
      }
    }
  }

  @Test
  void givenHugeLengths_whenRead_thenRefusedBeforeAllocating() throws IOException {
    byte[] hugeHeader = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f};
    assertTrue(readSome(hugeHeader).isEmpty());
    byte[] v1 = CarVectorsTest.bytes("carv1-basic.car");
    byte[] withHugeSection = Arrays.copyOf(v1, 100 + 9);
    Arrays.fill(withHugeSection, 100, 108, (byte) 0xff);
    withHugeSection[108] = 0x7f;
    assertTrue(readSome(withHugeSection).isEmpty());
  }

  /** Reads as far as it goes. */
  private static List<CarSection> readSome(byte[] archive) throws IOException {
    List<CarSection> read = new ArrayList<>();
    try (CarReader reader =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(archive)), CarLimits.DEFAULT)) {
      Optional<CarSection> next = reader.next();
      while (next.isPresent()) {
        read.add(next.get());
        next = reader.next();
      }
    } catch (ProtocolException e) {
      assertEquals("BAD_CAR", e.code());
    }
    return read;
  }

  private static void readByPosition(byte[] archive) throws IOException {
    ByteSource source = ByteSource.of(ByteBuffer.wrap(archive));
    try {
      Optional<CarV2Header> v2 = CarFile.v2Header(source);
      long start = v2.map(CarV2Header::dataOffset).orElse(0L);
      long length = v2.map(CarV2Header::dataSize).orElse((long) archive.length);
      if (length > archive.length - start) {
        return;
      }
      CarPayload payload = new CarPayload(source, start, length, CarLimits.DEFAULT);
      payload.roots();
      Optional<CarEntry> next = payload.entryAt(payload.firstSection());
      while (next.isPresent()) {
        payload.data(next.get());
        next = payload.entryAt(next.get().next());
      }
    } catch (ProtocolException e) {
      assertEquals("BAD_CAR", e.code());
    }
  }

  private static boolean openIndex(byte[] index) throws IOException {
    try {
      CarIndex.open(ByteSource.of(ByteBuffer.wrap(index)), 0);
      return true;
    } catch (ProtocolException e) {
      assertEquals("BAD_CAR", e.code());
      return false;
    }
  }

  /** Gives a few bytes at a time. */
  private static final class Pieces implements ReadableByteChannel {

    private final ByteBuffer left;
    private final Random random;

    Pieces(byte[] bytes, Random random) {
      this.left = ByteBuffer.wrap(bytes);
      this.random = random;
    }

    @Override
    public int read(ByteBuffer into) {
      if (!left.hasRemaining()) {
        return -1;
      }
      int count = Math.min(Math.min(into.remaining(), left.remaining()), random.nextInt(40));
      into.put(left.slice(left.position(), count));
      left.position(left.position() + count);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
