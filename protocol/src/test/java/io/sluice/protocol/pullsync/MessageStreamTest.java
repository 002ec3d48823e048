package io.sluice.protocol.pullsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.libp2p.WrittenStream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages behind their lengths, however the bytes come. */
class MessageStreamTest {
  private static final List<PullsyncMessage> MESSAGES =
      List.of(new Syn(Lane.EVERYTHING), delivery(300_000), new Ack(1, 2), delivery(0));

  private static Delivery delivery(int size) {
    byte[] data = new byte[size];
    new Random(size).nextBytes(data);
    return Delivery.of(Cid.sha2_256(Codec.RAW, ByteBuffer.wrap(data)), ByteBuffer.wrap(data));
  }

  private static byte[] written() throws IOException {
    WrittenStream stream = WrittenStream.of(new byte[0], 1);
    MessageStream out = new MessageStream(stream);
    for (PullsyncMessage each : MESSAGES) {
      out.write(each);
    }
    return stream.written();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 4096, 1 << 20})
  void givenPiecesOfAnySize_thenTheSameMessages(int piece) throws IOException {
    MessageStream in = new MessageStream(WrittenStream.of(written(), piece));

    for (PullsyncMessage each : MESSAGES) {
      assertEquals(Optional.of(each), in.read(Pullsync.MESSAGE_BYTES));
    }
    assertEquals(Optional.empty(), in.read(Pullsync.MESSAGE_BYTES));
  }

  @Test
  void givenAnEndInTheMiddle_thenTruncated() throws IOException {
    byte[] all = written();
    MessageStream in = new MessageStream(WrittenStream.of(Arrays.copyOf(all, 1000), 100));
    in.read(Pullsync.MESSAGE_BYTES);

    assertEquals(
        ProtocolException.DECODE_TRUNCATED,
        assertThrows(ProtocolException.class, () -> in.read(Pullsync.MESSAGE_BYTES)).code());
  }

  @ParameterizedTest
  @CsvSource({
    "80,DECODE_TRUNCATED",
    "8120,MESSAGE_TOO_LARGE",
    "ffffff7f,MESSAGE_TOO_LARGE",
    "ffffffff0f,MESSAGE_TOO_LARGE",
    "8000,DECODE_NOT_CANONICAL"
  })
  void givenALengthThatCannotBe_thenTypedError(String length, String code) {
    byte[] bytes = HexFormat.of().parseHex(length);
    MessageStream in = new MessageStream(WrittenStream.of(bytes, 1));

    assertEquals(
        code, assertThrows(ProtocolException.class, () -> in.read(Pullsync.REQUEST_BYTES)).code());
  }

  @Test
  void givenAMessageThatTrickles_thenNotForEver() throws IOException {
    AtomicLong now = new AtomicLong();
    MessageStream in =
        new MessageStream(
            WrittenStream.of(written(), 1), () -> now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1)));
    in.read(Pullsync.MESSAGE_BYTES);

    assertThrows(TimedOutException.class, () -> in.read(Pullsync.MESSAGE_BYTES));
  }
}
