package io.sluice.protocol.graphsync.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.MemoryNetwork;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Messages from anybody: what is read can be written and read again, all else is a typed error. */
class MessageFuzzTest {

  @FuzzTest
  void version2(byte[] bytes) {
    GraphsyncMessage message;
    try {
      message = CborMessages.decode(ByteBuffer.wrap(bytes));
    } catch (ProtocolException e) {
      return;
    }
    byte[] framed = MessageVectorsTest.framed(CborMessages.encode(message));
    assertEquals(message, CborMessages.decode(MemoryNetwork.frames(framed).getFirst()));
  }

  @FuzzTest
  void version1(byte[] bytes) {
    RequestNumbers numbers = new MessageVectorsTest.SameNumbers();
    GraphsyncMessage message;
    try {
      message = ProtobufMessages.decode(ByteBuffer.wrap(bytes), numbers);
    } catch (ProtocolException e) {
      return;
    }
    byte[] framed = MessageVectorsTest.framed(ProtobufMessages.encode(message, numbers));
    ProtobufMessages.decode(MemoryNetwork.frames(framed).getFirst(), numbers);
  }

  /** A stream of frames, in whatever pieces. */
  @FuzzTest
  void frames(byte[] bytes) throws IOException {
    try (FrameReader frames = new FrameReaderTest().reader(bytes, 1 + bytes.length / 3)) {
      for (ByteBuffer frame = frames.next(); frame != null; frame = frames.next()) {
        WireVersion.V2.decode(frame, new RequestNumbers());
      }
    } catch (ProtocolException | EOFException refused) { // as it should be
    }
  }
}
