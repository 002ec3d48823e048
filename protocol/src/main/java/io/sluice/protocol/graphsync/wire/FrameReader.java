package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Varint;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Takes frames off a stream: each behind the varint of its length, each in a buffer of its own.
 *
 * <p>A length is only a claim. Before more than {@link #UNPROVEN} bytes are set aside for a frame,
 * that many have come and the {@link ReceiveMemory} has room for all of it, which stays taken until
 * the next frame is asked for or this is closed.
 */
public final class FrameReader implements AutoCloseable {
  /** What a claim alone is worth; most messages need no more. */
  static final int UNPROVEN = 64 << 10;

  private static final int AHEAD = 4 << 10;
  private static final int MAX_LENGTH_BYTES = 4;

  /** Hears between which frames the stream is silent. */
  public interface Activity {
    /** It waits for the first byte of a frame. */
    void idle();

    /** It has a frame to read or to work on. */
    void busy();
  }

  private final Stream stream;
  private final Duration idle;
  private final Duration progress;
  private final Activity activity;
  private final ReceiveMemory memory;
  private ReceiveMemory.@Nullable Lease lease;
  private boolean begun;
  private final ByteBuffer ahead = ByteBuffer.allocate(AHEAD).flip();

  /**
   * Reads from the position of a stream.
   *
   * @param idle how long to wait for a frame to begin
   * @param progress how long to wait within a frame without a byte coming
   * @param activity told when the stream is silent between two frames
   * @param memory for frames that are long
   */
  public FrameReader(
      Stream stream, Duration idle, Duration progress, Activity activity, ReceiveMemory memory) {
    this.stream = stream;
    this.idle = idle;
    this.progress = progress;
    this.activity = activity;
    this.memory = memory;
  }

  /**
   * The next frame, or null if the stream ended behind the one before.
   *
   * @throws EOFException if it ended within a frame
   * @throws io.sluice.protocol.libp2p.LimitExceededException if there was no room for it
   * @throws io.sluice.protocol.ProtocolException if the length is malformed or more than {@link
   *     WireVersion#MAX_FRAME}
   */
  public @Nullable ByteBuffer next() throws IOException {
    close();
    int length = length();
    if (length < 0) {
      return null;
    }
    ByteBuffer frame = ByteBuffer.allocate(Math.min(length, UNPROVEN));
    int have = Math.min(frame.capacity(), ahead.remaining());
    frame.put(ahead.slice(ahead.position(), have));
    ahead.position(ahead.position() + have);
    fill(frame, length);
    if (length > frame.capacity()) {
      lease = memory.take(stream.remotePeer(), length, progress, stream::reset);
      frame = ByteBuffer.allocate(length).put(frame.flip());
      fill(frame, length);
    }
    return frame.flip();
  }

  private void fill(ByteBuffer frame, int length) throws IOException {
    while (frame.hasRemaining()) {
      if (stream.read(frame) < 0) {
        throw new EOFException(
            "stream ended after %d bytes of a frame of %d".formatted(frame.position(), length));
      }
    }
  }

  /** Gives back the room of the frame that was read last: it has been worked off. */
  @Override
  public void close() {
    if (lease != null) {
      lease.close();
      lease = null;
    }
  }

  /** Whether any byte of any frame has come: a stream that ends without one was only a probe. */
  public boolean begun() {
    return begun;
  }

  private int length() throws IOException {
    if (!ahead.hasRemaining() && !fill(true)) {
      return -1;
    }
    Varint.Partial length = new Varint.Partial();
    if (!length.takeAll(this::nextByte, MAX_LENGTH_BYTES)) {
      throw Malformed.tooLarge(length.value(), WireVersion.MAX_FRAME);
    }
    if (!length.isMinimal()) {
      throw Malformed.message("frame length is not minimal");
    }
    if (length.value() > WireVersion.MAX_FRAME) {
      throw Malformed.tooLarge(length.value(), WireVersion.MAX_FRAME);
    }
    return (int) length.value();
  }

  private byte nextByte() throws IOException {
    if (!ahead.hasRemaining() && !fill(false)) {
      throw new EOFException("stream ended within the length of a frame");
    }
    return ahead.get();
  }

  private boolean fill(boolean between) throws IOException {
    ahead.clear();
    try {
      if (between) {
        stream.timeout(idle);
        activity.idle();
      }
      boolean more = stream.read(ahead) >= 0;
      begun |= more;
      return more;
    } finally {
      ahead.flip();
      if (between) {
        activity.busy();
        stream.timeout(progress);
      }
    }
  }
}
