package io.sluice.benchmarks;

import io.sluice.protocol.graphsync.wire.FrameReader;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.ReceiveMemory;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Codec;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Messages of GraphSync 2.0.0, as they leave a provider and as they come to a client. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(time = 1)
@Measurement(time = 1)
public class GraphsyncFrames {

  /** What a message carries. */
  public enum Load {
    /** 8 blocks of 256 KiB, and the metadata of their links. */
    BLOCKS,
    /** Metadata of 500 links whose blocks are elsewhere. */
    LINKS;

    private GraphsyncMessage message() {
      RandomBytes random = new RandomBytes();
      List<LinkMeta> links = new ArrayList<>();
      List<GsBlock> blocks = new ArrayList<>();
      for (int i = 0; i < (this == BLOCKS ? 8 : 500); i++) {
        ByteBuffer data = random.nextBuffer(this == BLOCKS ? 256 << 10 : 32);
        Block block = Block.of(Codec.RAW, data);
        links.add(new LinkMeta(block.cid(), LinkAction.PRESENT));
        if (this == BLOCKS) {
          blocks.add(GsBlock.of(block.cid(), data));
        }
      }
      RequestId request = RequestId.of(random.nextBuffer(RequestId.LENGTH));
      return new GraphsyncMessage(
          List.of(),
          List.of(new GsResponse(request, ResponseStatus.PARTIAL, links, Map.of())),
          blocks);
    }
  }

  private static final long ROOM = 16L << 20;

  private final RequestNumbers numbers = new RequestNumbers();
  private GraphsyncMessage message = GraphsyncMessage.of();
  private FrameReader reader = reader(message);

  /** What the message carries. */
  @Param public Load load = Load.BLOCKS;

  /** Makes the message and sees that it comes as it went. */
  @Setup(Level.Trial)
  public void check() throws IOException {
    message = load.message();
    reader = reader(message);
    Check.equal(message, read());
  }

  private FrameReader reader(GraphsyncMessage repeated) {
    FrameReader.Activity unwatched =
        new FrameReader.Activity() {
          @Override
          public void idle() {}

          @Override
          public void busy() {}
        };
    return new FrameReader(
        new RepeatedFrame(WireVersion.V2.encode(repeated, numbers)),
        Duration.ZERO,
        Duration.ofSeconds(1),
        unwatched,
        new ReceiveMemory(ROOM, ROOM));
  }

  /** One message becomes the buffers that are written to a stream; blocks are not copied. */
  @Benchmark
  public List<ByteBuffer> encode() {
    return WireVersion.V2.encode(message, numbers);
  }

  /** One frame is taken off a stream into a buffer of its own, and read as a message. */
  @Benchmark
  public GraphsyncMessage read() throws IOException {
    ByteBuffer frame = reader.next();
    if (frame == null) {
      throw new EOFException("a stream without an end has ended");
    }
    return WireVersion.V2.decode(frame, numbers);
  }
}
