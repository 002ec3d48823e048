package io.sluice.protocol.pullsync;

import static io.sluice.protocol.ProtocolException.DECODE_NOT_CANONICAL;
import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;
import static io.sluice.protocol.ProtocolException.MESSAGE_TOO_LARGE;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.multiformats.Varint;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Messages on a stream of libp2p, each behind its length as a varint. Memory is taken for what
 * came, not for what is claimed. One thread may read while another writes.
 */
public final class MessageStream {
  private static final int BUFFER = 4 << 10;
  private static final int FIRST_PIECE = 128 << 10;
  private static final int LENGTH_BYTES = 4;

  /**
   * How long one message may take from its first byte to its last, however steadily it trickles.
   */
  private static final Duration WHOLE = Duration.ofMinutes(2);

  private final Stream stream;
  private final Ticker ticker;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);

  /** Reads from a stream that nobody else reads from. */
  public MessageStream(Stream stream) {
    this(stream, Ticker.SYSTEM);
  }

  MessageStream(Stream stream, Ticker ticker) {
    this.stream = stream;
    this.ticker = ticker;
  }

  /** Sends a message; waits as {@link Stream#write} does. */
  public void write(PullsyncMessage message) throws IOException {
    ProtobufWriter writer = PullsyncMessages.writer(message);
    ByteBuffer length = ByteBuffer.wrap(Varint.encode(writer.size()));
    List<ByteBuffer> parts = writer.parts();
    ByteBuffer[] all = new ByteBuffer[parts.size() + 1];
    all[0] = length;
    for (int i = 0; i < parts.size(); i++) {
      all[i + 1] = parts.get(i).duplicate();
    }
    stream.write(all);
  }

  /**
   * Reads the next message.
   *
   * @param longest most bytes that it may have
   * @return empty if the stream ends before it begins
   * @throws TimedOutException if it takes longer than two minutes, once it has begun; the stream is
   *     then of no use any more
   * @throws ProtocolException {@code DECODE_TRUNCATED}, {@code MESSAGE_TOO_LARGE}, {@code
   *     DECODE_NOT_CANONICAL}, and those of the messages
   */
  public Optional<PullsyncMessage> read(int longest) throws IOException {
    if (!buffer.hasRemaining() && !fill()) {
      return Optional.empty();
    }
    long began = ticker.nanos();
    int length = length(longest, began);
    return Optional.of(PullsyncMessages.decode(body(length, began)));
  }

  private int length(int longest, long began) throws IOException {
    Varint.Partial length = new Varint.Partial();
    if (!length.takeAll(() -> next(began), LENGTH_BYTES)) {
      throw tooLarge("2^28", longest);
    }
    if (!length.isMinimal()) {
      throw new ProtocolException(DECODE_NOT_CANONICAL, "a length with leading zeros");
    }
    if (length.value() > longest) {
      throw tooLarge(Long.toString(length.value()), longest);
    }
    return (int) length.value();
  }

  private byte next(long began) throws IOException {
    if (!buffer.hasRemaining()) {
      requireTime(began);
      if (!fill()) {
        throw new ProtocolException(DECODE_TRUNCATED, "the stream ends inside a length");
      }
    }
    return buffer.get();
  }

  private void requireTime(long began) throws TimedOutException {
    if (ticker.nanos() - began > WHOLE.toNanos()) {
      throw new TimedOutException("a message takes longer than " + WHOLE);
    }
  }

  private static ProtocolException tooLarge(String bytes, int longest) {
    return new ProtocolException(
        MESSAGE_TOO_LARGE, "a message of %s bytes, at most %d are read".formatted(bytes, longest));
  }

  private boolean fill() throws IOException {
    buffer.clear();
    int count;
    try {
      count = stream.read(buffer);
    } finally {
      buffer.flip();
    }
    return count >= 0;
  }

  /** Doubles what it holds as bytes come, so that a length alone costs its sender nothing less. */
  private ByteBuffer body(int length, long began) throws IOException {
    ByteBuffer body = ByteBuffer.allocate(Math.min(length, FIRST_PIECE));
    int buffered = Math.min(buffer.remaining(), body.remaining());
    body.put(buffer.slice(buffer.position(), buffered));
    buffer.position(buffer.position() + buffered);
    while (body.position() < length) {
      if (!body.hasRemaining()) {
        int larger = Math.min(length, 2 * body.capacity());
        body = ByteBuffer.allocate(larger).put(body.flip());
      }
      requireTime(began);
      if (stream.read(body) < 0) {
        throw new ProtocolException(
            DECODE_TRUNCATED,
            "the stream ends after %d of %d bytes".formatted(body.position(), length));
      }
    }
    return body.flip();
  }
}
