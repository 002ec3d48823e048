package io.sluice.protocol.graphsync.requestor;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.WireVersion;
import java.nio.ByteBuffer;

/** Blocks from anybody: they are found under their true CIDs, or dropped. */
class ArrivalFuzzTest {

  @FuzzTest
  void blocks(byte[] bytes) {
    try {
      Arrival.of(WireVersion.V2.decode(ByteBuffer.wrap(bytes), new RequestNumbers()), Runnable::run)
          .blocks();
    } catch (ProtocolException e) {
      // A message that is malformed never gets as far as its blocks.
    }
  }
}
