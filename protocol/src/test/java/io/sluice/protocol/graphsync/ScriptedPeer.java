package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.FrameReader;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.ReceiveMemory;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.RequestKind;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.multiformats.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A peer that says exactly what a test tells it to, in protocol 2.0.0, and keeps what it is told.
 */
public final class ScriptedPeer {

  private static final ReceiveMemory ROOM = new ReceiveMemory(64L << 20, 64L << 20);

  private static final FrameReader.Activity UNHEARD =
      new FrameReader.Activity() {
        @Override
        public void idle() {}

        @Override
        public void busy() {}
      };

  final Host host;
  final BlockingQueue<GraphsyncMessage> heard = new LinkedBlockingQueue<>();
  final BlockingQueue<IOException> broken = new LinkedBlockingQueue<>();
  private Stream out;

  /** Speaks for that host. */
  public ScriptedPeer(Host host) {
    this.host = host;
    host.handle(WireVersion.V2.protocol(), this::read);
  }

  private void read(Stream stream) throws IOException {
    try (FrameReader frames =
        new FrameReader(stream, Duration.ZERO, Duration.ZERO, UNHEARD, ROOM)) {
      for (ByteBuffer frame = frames.next(); frame != null; frame = frames.next()) {
        heard.add(WireVersion.V2.decode(frame, new RequestNumbers()));
      }
    } catch (IOException e) {
      broken.add(e);
      throw e;
    }
  }

  Stream stream(PeerId to) throws IOException {
    if (out == null) {
      out = host.open(to, List.of(), List.of(WireVersion.V2.protocol()));
    }
    return out;
  }

  void newStream() {
    out = null;
  }

  /** Sends a message. */
  public synchronized void say(PeerId to, GraphsyncMessage message) throws IOException {
    List<ByteBuffer> parts = WireVersion.V2.encode(message, new RequestNumbers());
    int size = parts.stream().mapToInt(ByteBuffer::remaining).sum();
    raw(to, ByteBuffer.wrap(Varint.encode(size)));
    raw(to, parts.toArray(ByteBuffer[]::new));
  }

  void raw(PeerId to, ByteBuffer... bytes) throws IOException {
    stream(to).write(bytes);
  }

  /** A response with these blocks beside its metadata. */
  static GraphsyncMessage response(
      RequestId id, ResponseStatus status, List<LinkMeta> metadata, Block... blocks) {
    List<GsBlock> bodies = new ArrayList<>();
    for (Block block : blocks) {
      bodies.add(GsBlock.of(block.cid(), block.data()));
    }
    return new GraphsyncMessage(
        List.of(), List.of(new GsResponse(id, status, metadata, Map.of())), bodies);
  }

  static LinkMeta present(Cid cid) {
    return new LinkMeta(cid, LinkAction.PRESENT);
  }

  /** The next message, however long it takes. */
  public GraphsyncMessage hear() throws InterruptedException {
    return heard.take();
  }

  /** The next message, if it comes so soon; null if not. */
  public GraphsyncMessage heardWithin(Duration time) throws InterruptedException {
    return heard.poll(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Waits for the next request of a kind. */
  GsRequest nextRequest(RequestKind kind) throws InterruptedException {
    while (true) {
      GraphsyncMessage message = next();
      Optional<GsRequest> request =
          message.requests().stream().filter(each -> each.kind() == kind).findFirst();
      if (request.isPresent()) {
        return request.get();
      }
    }
  }

  GraphsyncMessage next() throws InterruptedException {
    GraphsyncMessage message = heard.poll(20, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing was said");
    }
    return message;
  }

  /** All that a response says up to its last status. */
  Answer answer(RequestId id) throws InterruptedException {
    Answer answer = new Answer();
    while (answer.status == null || !answer.status.terminal()) {
      GraphsyncMessage message = next();
      message.blocks().forEach(block -> answer.blocks.add(block.cid()));
      for (GsResponse response : message.responses()) {
        if (response.id().equals(id)) {
          answer.metadata.addAll(response.metadata());
          answer.extensions.add(response.extensions());
          answer.statuses.add(response.status());
          answer.status = response.status();
        }
      }
    }
    return answer;
  }

  static final class Answer {
    final List<LinkMeta> metadata = new ArrayList<>();
    final List<Cid> blocks = new ArrayList<>();
    final List<Map<String, Node>> extensions = new ArrayList<>();
    final List<ResponseStatus> statuses = new ArrayList<>();
    ResponseStatus status;
  }
}
