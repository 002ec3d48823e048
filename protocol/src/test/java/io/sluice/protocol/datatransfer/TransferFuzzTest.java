package io.sluice.protocol.datatransfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;

/** Messages from anybody: what is read can be written and read again, all else is a typed error. */
class TransferFuzzTest {

  @FuzzTest
  void message(byte[] bytes) {
    TransferMessage message;
    try {
      message = TransferCodec.decode(ByteBuffer.wrap(bytes));
    } catch (ProtocolException e) {
      return;
    }
    assertEquals(message, TransferCodec.decode(ByteBuffer.wrap(TransferCodec.encode(message))));
  }
}
