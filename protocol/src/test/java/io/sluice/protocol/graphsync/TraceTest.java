package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.MessageVectorsTest;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.RequestKind;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Conversations of Go peers: read completely, answered as they were answered, and taken as they
 * were meant.
 */
class TraceTest {

  /** Those in which a responder walks all it can without a pause. */
  private static final List<String> PLAIN =
      List.of(
          "pull-free",
          "pull-missing-leaf",
          "pull-missing-root",
          "graphsync-2.0.0",
          "graphsync-2.0.0-missing",
          "lassie-all",
          "lassie-badpath",
          "lassie-block",
          "lassie-bytes",
          "lassie-dir-entity",
          "lassie-missing",
          "lassie-path-all",
          "lassie-path-entity",
          "lassie23-all");

  @TestFactory
  Stream<DynamicTest> everyFrameIsReadAndWrittenTheSameAgain() {
    return Trace.NAMES.stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> readAndWrite(name)));
  }

  private static void readAndWrite(String name) {
    int frames = 0;
    for (Trace.Written stream : Trace.read(name)) {
      if (stream.protocol().contains("graphsync")) {
        WireVersion version = WireVersion.ofProtocol(stream.protocol());
        for (ByteBuffer frame : stream.frames()) {
          byte[] framed =
              ByteBuffer.allocate(Varint.size(frame.remaining()) + frame.remaining())
                  .put(Varint.encode(frame.remaining()))
                  .put(frame.duplicate())
                  .array();
          MessageVectorsTest.sameAgain(version, framed);
          frames++;
        }
      }
    }
    assertTrue(frames > 0);
  }

  @TestFactory
  Stream<DynamicTest> requestsAreAnsweredAsTheyWere() {
    return PLAIN.stream().map(name -> DynamicTest.dynamicTest(name, () -> answer(name)));
  }

  private static void answer(String name) throws Exception {
    GsRequest request = request(name);
    MemoryBlockStore store = new MemoryBlockStore();
    blocks(name).forEach(store::put);
    MemoryNetwork network = new MemoryNetwork();
    MemoryNetwork.MemoryHost responder = network.host(1);
    ScriptedPeer peer = new ScriptedPeer(network.host(2));
    try (Graphsync endpoint =
        Graphsync.start(
            responder, GraphsyncConfig.defaults(), incoming -> RequestDecision.accept(store))) {
      peer.say(responder.id(), GraphsyncMessage.of(request));
      ScriptedPeer.Answer answer = peer.answer(request.id());

      assertEquals(metadata(name), answer.metadata);
      assertEquals(
          blocks(name).stream().map(Block::cid).sorted().toList(),
          answer.blocks.stream().sorted().toList());
      assertEquals(lastStatus(name), answer.status);
      while (endpoint.stats().queuedBytes() != 0) {
        Thread.onSpinWait(); // given back once the write has returned
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> answersAreTakenAsTheyWereMeant() {
    return PLAIN.stream().map(name -> DynamicTest.dynamicTest(name, () -> take(name)));
  }

  private static void take(String name) throws Exception {
    GsRequest request = request(name);
    MemoryNetwork network = new MemoryNetwork();
    MemoryNetwork.MemoryHost client = network.host(1);
    ScriptedPeer peer = new ScriptedPeer(network.host(2));
    MemoryBlockStore store = new MemoryBlockStore();
    try (Graphsync endpoint =
        Graphsync.start(client, GraphsyncConfig.defaults(), IncomingRequests.NONE)) {
      CompletableFuture<RequestResult> end = new CompletableFuture<>();
      endpoint.request(
          peer.host.id(),
          RequestSpec.of(request.root().orElseThrow(), request.selector().orElseThrow())
              .with(request.extensions()),
          store,
          end::complete);
      GsRequest sent = peer.nextRequest(RequestKind.NEW);
      sameButForItsId(request, sent);
      for (GraphsyncMessage message : Trace.messages(name, "responder")) {
        peer.say(client.id(), withId(message, sent.id()));
      }
      RequestResult result = end.get();

      ResponseStatus last = lastStatus(name);
      RequestOutcome expected =
          switch (last) {
            case COMPLETED -> RequestOutcome.COMPLETED;
            case COMPLETED_PARTIAL -> RequestOutcome.PARTIAL;
            default -> RequestOutcome.REFUSED;
          };
      assertEquals(expected, result.outcome());
      assertEquals(blocks(name).size(), store.count());
      assertEquals(metadata(name).size(), result.visits());
      assertEquals(blocks(name).stream().mapToLong(Block::size).sum(), result.charged());
    }
  }

  private static void sameButForItsId(GsRequest recorded, GsRequest sent) {
    GsRequest renamed =
        new GsRequest(
            recorded.id(),
            sent.kind(),
            sent.priority(),
            sent.root(),
            sent.selector(),
            sent.extensions());
    assertArrayEquals(
        MessageVectorsTest.framed(
            WireVersion.V2.encode(GraphsyncMessage.of(recorded), new RequestNumbers())),
        MessageVectorsTest.framed(
            WireVersion.V2.encode(GraphsyncMessage.of(renamed), new RequestNumbers())));
  }

  private static GraphsyncMessage withId(GraphsyncMessage message, RequestId id) {
    return new GraphsyncMessage(
        message.requests(),
        message.responses().stream()
            .map(each -> new GsResponse(id, each.status(), each.metadata(), each.extensions()))
            .toList(),
        message.blocks());
  }

  private static GsRequest request(String name) {
    return Trace.messages(name, fromOf(name, true)).getFirst().requests().getFirst();
  }

  /** The recordings of GraphSync alone name their ends otherwise. */
  private static String fromOf(String name, boolean asking) {
    List<String> sides = Trace.read(name).stream().map(Trace.Written::from).distinct().toList();
    if (sides.contains("initiator")) {
      return asking ? "initiator" : "responder";
    }
    return asking ? "requestor" : "responder";
  }

  private static List<LinkMeta> metadata(String name) {
    List<LinkMeta> metadata = new ArrayList<>();
    Trace.messages(name, "responder")
        .forEach(message -> message.responses().forEach(each -> metadata.addAll(each.metadata())));
    return metadata;
  }

  private static ResponseStatus lastStatus(String name) {
    return Trace.messages(name, "responder").stream()
        .flatMap(message -> message.responses().stream())
        .map(GsResponse::status)
        .filter(ResponseStatus::terminal)
        .findFirst()
        .orElseThrow();
  }

  private static List<Block> blocks(String name) {
    List<Block> blocks = new ArrayList<>();
    for (GraphsyncMessage message : Trace.messages(name, "responder")) {
      for (GsBlock block : message.blocks()) {
        Cid cid = block.cid();
        blocks.add(new Block(cid, block.data()));
      }
    }
    return blocks;
  }
}
