package io.sluice.protocol.pullsync.bee;

import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;
import static io.sluice.protocol.ProtocolException.MESSAGE_TOO_LARGE;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Varint;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Messages on a stream, each behind its length. Reading and writing are each for one thread at a
 * time.
 */
public final class BeeFrames {
  /** Longer messages are refused. */
  public static final int MOST_BYTES = 128 << 10;

  private static final int READ_AHEAD = 8192;
  private static final int MOST_LENGTH_BYTES = 4;

  private final Stream stream;
  private final ByteBuffer ahead = ByteBuffer.allocate(READ_AHEAD).limit(0);

  /** Takes the stream from here on. */
  public BeeFrames(Stream stream) {
    this.stream = stream;
  }

  /** Sends a message. */
  public void write(BeeMessage message) throws IOException {
    write(message.fields());
  }

  /** Sends the fields of a message. */
  public void write(ProtobufWriter fields) throws IOException {
    byte[] body = fields.toBytes();
    stream.write(ByteBuffer.wrap(Varint.encode(body.length)), ByteBuffer.wrap(body));
  }

  /**
   * The fields of the next message.
   *
   * @throws ProtocolException if it is too long, or the stream ends first
   */
  public ByteBuffer read() throws IOException {
    Varint.Partial length = new Varint.Partial();
    if (!length.takeAll(this::next, MOST_LENGTH_BYTES)) {
      throw tooLong("with a length of more than %d bytes".formatted(MOST_LENGTH_BYTES));
    }
    if (length.value() > MOST_BYTES) {
      throw tooLong("of %d bytes, at most %d are read".formatted(length.value(), MOST_BYTES));
    }
    ByteBuffer fields = ByteBuffer.allocate((int) length.value());
    while (fields.hasRemaining()) {
      fill();
      int count = Math.min(fields.remaining(), ahead.remaining());
      fields.put(ahead.slice(ahead.position(), count));
      ahead.position(ahead.position() + count);
    }
    return fields.flip();
  }

  private byte next() throws IOException {
    fill();
    return ahead.get();
  }

  private void fill() throws IOException {
    if (ahead.hasRemaining()) {
      return;
    }
    ahead.clear();
    int count = stream.read(ahead);
    ahead.flip();
    if (count < 0) {
      throw new ProtocolException(DECODE_TRUNCATED, "the stream ends before a message");
    }
  }

  private static ProtocolException tooLong(String what) {
    return new ProtocolException(MESSAGE_TOO_LARGE, "a message " + what);
  }
}
