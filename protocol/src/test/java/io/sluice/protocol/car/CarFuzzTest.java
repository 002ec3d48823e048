package io.sluice.protocol.car;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Archives and indexes from anywhere: blocks, entries or BAD_CAR. */
class CarFuzzTest {

  @FuzzTest
  void archive(byte[] bytes) throws IOException {
    try {
      CarVectorsTest.sections(bytes, CarLimits.DEFAULT);
    } catch (ProtocolException e) {
      assertEquals("BAD_CAR", e.code());
    }
  }

  @FuzzTest
  void index(byte[] bytes) throws IOException {
    try {
      CarIndex index = CarIndex.open(ByteSource.of(ByteBuffer.wrap(bytes)), 0);
      index.find(Multihash.sha2_256(ByteBuffer.allocate(0)));
    } catch (ProtocolException e) {
      assertEquals("BAD_CAR", e.code());
    }
  }
}
