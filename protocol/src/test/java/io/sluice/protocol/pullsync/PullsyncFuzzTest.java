package io.sluice.protocol.pullsync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.WrittenStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What a neighbour sends: what is read reads the same again, all else is typed. */
class PullsyncFuzzTest {
  /** Each of the messages. */
  @FuzzTest
  void messages(byte[] bytes) {
    try {
      readTwice(PullsyncMessages.decode(ByteBuffer.wrap(bytes)));
    } catch (ProtocolException refused) {
      return;
    }
  }

  /** A stream of them, with their lengths. */
  @FuzzTest
  void stream(byte[] bytes) throws IOException {
    MessageStream in = new MessageStream(WrittenStream.of(bytes, 7));
    try {
      for (Optional<PullsyncMessage> next = in.read(Pullsync.REQUEST_BYTES);
          next.isPresent();
          next = in.read(Pullsync.REQUEST_BYTES)) {
        readTwice(next.get());
      }
    } catch (ProtocolException refused) {
      return;
    }
  }

  private static void readTwice(PullsyncMessage read) {
    assertEquals(read, PullsyncMessages.decode(ByteBuffer.wrap(PullsyncMessages.encode(read))));
    if (read instanceof Offer offer && !offer.items().isEmpty()) {
      Want.of(offer.items().size(), item -> offer.items().get(item).isBlock()).requireFor(offer);
    }
  }
}
