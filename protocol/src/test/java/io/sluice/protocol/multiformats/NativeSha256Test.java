package io.sluice.protocol.multiformats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeSha256Test {
  @BeforeAll
  static void load() {
    NativeSha256.load();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1024, 65_535, 65_536, 65_537, 131_072, 300_000})
  void givenDataInAnyKindOfBuffer_thenItsDigestIsThatOfTheJdk(int length) throws Exception {
    byte[] bytes = random(length);
    byte[] expected = MessageDigest.getInstance("SHA-256").digest(bytes);
    ByteBuffer direct = ByteBuffer.allocateDirect(length + 3).position(3).put(bytes).position(3);
    ByteBuffer heap = ByteBuffer.allocate(length + 3).position(3).put(bytes).position(3);

    for (ByteBuffer data :
        new ByteBuffer[] {direct, heap, heap.asReadOnlyBuffer(), direct.slice()}) {
      ByteBuffer given = data.duplicate();
      assertArrayEquals(expected, NativeSha256.digest(given).orElseThrow());
      assertEquals(0, given.remaining());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1023})
  void givenLittle_thenItIsLeftToTheJdkUntouched(int length) {
    ByteBuffer data = ByteBuffer.wrap(random(length));
    assertFalse(NativeSha256.digest(data).isPresent());
    assertEquals(length, data.remaining());
  }
}
