package io.sluice.protocol.car;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multihash;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

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
  void byPosition(byte[] bytes) throws IOException {
    ByteSource source = ByteSource.of(ByteBuffer.wrap(bytes));
    try {
      CarPayload payload = new CarPayload(source, 0, bytes.length, CarLimits.DEFAULT);
      payload.roots();
      Optional<CarEntry> next = payload.entryAt(payload.firstSection());
      while (next.isPresent()) {
        payload.block(next.get());
        next = payload.entryAt(next.get().dataOffset() + next.get().dataLength());
      }
      CarFile.v2Header(source);
    } catch (ProtocolException e) {
      assertEquals("BAD_CAR", e.code());
    } catch (EOFException cutOff) { // CarFile says so in the other way
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
