package io.sluice.protocol.graphsync;

import static io.sluice.protocol.graphsync.ScriptedPeer.present;
import static io.sluice.protocol.graphsync.ScriptedPeer.response;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.MemoryNetwork.MemoryHost;
import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.RequestKind;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MisbehavingResponderTest {

  private final TestDag dag = TestDag.of(42, 2, 3, 100);
  private final MemoryNetwork network = new MemoryNetwork();
  private final MemoryHost client = network.host(1);
  private final ScriptedPeer responder = new ScriptedPeer(network.host(2));
  private final MemoryBlockStore store = new MemoryBlockStore();
  private final BlockingQueue<RequestResult> ends = new LinkedBlockingQueue<>();
  private final List<VisitReport> visits = new CopyOnWriteArrayList<>();
  private CompletableFuture<Void> held = CompletableFuture.completedFuture(null);
  private Graphsync asking;
  private RequestId id;

  @BeforeEach
  void ask() throws Exception {
    asking =
        Graphsync.start(
            client,
            TestConfig.withTimes(
                Duration.ofSeconds(4), Duration.ofSeconds(30), Duration.ofMillis(50)),
            IncomingRequests.NONE);
    request();
    id = responder.nextRequest(RequestKind.NEW).id();
  }

  private void request() {
    asking.request(
        responder.host.id(),
        RequestSpec.of(dag.root(), TestDag.ALL),
        store,
        new RequestListener() {
          @Override
          public void onVisit(VisitReport visit) {
            visits.add(visit);
            held.join();
          }

          @Override
          public void onEnd(RequestResult result) {
            ends.add(result);
          }
        });
  }

  @AfterEach
  void close() {
    asking.close();
  }

  private Block block(Cid cid) {
    return store().get(cid).orElseThrow();
  }

  private MemoryBlockStore store() {
    return dag.store();
  }

  private void say(GraphsyncMessage message) throws Exception {
    responder.say(client.id(), message);
  }

  private void failsWith(String code) throws Exception {
    RequestResult result = ends.take();
    assertEquals(RequestOutcome.VERIFICATION_FAILED, result.outcome());
    assertEquals(code, ((ProtocolException) result.error().orElseThrow()).code());
    responder.nextRequest(RequestKind.CANCEL);
  }

  @Test
  void givenLinkThatTheWalkDoesNotExpect_thenVerificationFails() throws Exception {
    say(response(id, ResponseStatus.PARTIAL, List.of(present(dag.root())), block(dag.root())));
    say(
        response(
            id,
            ResponseStatus.PARTIAL,
            List.of(present(dag.leaves().get(0))),
            block(dag.leaves().get(0))));

    failsWith("UNEXPECTED_LINK");
    assertEquals(1, visits.size());
  }

  @Test
  void givenWrongBytes_thenVerificationFailsAtOnceAndNothingIsKept() throws Exception {
    Block lie = new Block(dag.root(), ByteBuffer.wrap(new byte[] {(byte) 0x80}));

    say(response(id, ResponseStatus.PARTIAL, List.of(present(dag.root())), lie));

    failsWith(ProtocolException.BLOCK_HASH_MISMATCH);
    assertEquals(0, store.count());
    assertEquals(List.of(), visits);
  }

  @Test
  void givenNothingButTheEnd_thenAllIsMissing() throws Exception {
    say(response(id, ResponseStatus.COMPLETED, List.of()));

    RequestResult result = ends.take();
    assertEquals(RequestOutcome.PARTIAL, result.outcome());
    assertEquals(List.of(dag.root()), result.missing());
  }

  @Test
  void givenEarlyEnd_thenTheRestIsMissingAndWhatCameCounts() throws Exception {
    say(response(id, ResponseStatus.COMPLETED, List.of(present(dag.root())), block(dag.root())));

    RequestResult result = ends.take();
    assertEquals(RequestOutcome.PARTIAL, result.outcome());
    assertEquals(2, result.missingBlocks());
    assertEquals(block(dag.root()).size(), result.charged());
  }

  @Test
  void givenLinksBehindTheEnd_thenVerificationFails() throws Exception {
    sayAll(ResponseStatus.PARTIAL);
    say(response(id, ResponseStatus.COMPLETED, List.of(present(dag.root()))));

    failsWithout("UNEXPECTED_LINK");
  }

  private void failsWithout(String code) throws Exception {
    RequestResult result = ends.take();
    assertEquals(RequestOutcome.VERIFICATION_FAILED, result.outcome());
    assertTrue(result.walked());
    assertEquals(code, ((ProtocolException) result.error().orElseThrow()).code());
  }

  @Test
  void givenNoLastStatus_thenCompletedAfterAWhileAndCancelled() throws Exception {
    sayAll(ResponseStatus.PARTIAL);

    RequestResult result = ends.take();
    assertEquals(RequestOutcome.COMPLETED, result.outcome());
    assertEquals(Optional.empty(), result.status());
    responder.nextRequest(RequestKind.CANCEL);
  }

  private void sayAll(ResponseStatus last) throws Exception {
    sayAllBehind(0, last);
  }

  private void sayAllBehind(int links, ResponseStatus last) throws Exception {
    List<LinkMeta> metadata = new ArrayList<>();
    List<Block> blocks = new ArrayList<>();
    io.sluice.protocol.ipld.Walk.run(
        dag.root(),
        io.sluice.protocol.ipld.Selectors.exploreAll(),
        visit -> {
          metadata.add(present(visit.cid()));
          blocks.addFirst(block(visit.cid())); // their order means nothing
          return new io.sluice.protocol.ipld.LoadResult.Loaded(block(visit.cid()).data());
        },
        io.sluice.protocol.ipld.WalkBudget.DEFAULT);
    say(
        response(
            id,
            last,
            metadata.subList(links, metadata.size()),
            blocks.subList(0, blocks.size() - links).toArray(Block[]::new)));
  }

  @Test
  void givenEverythingInOneMessageInAnyOrder_thenCompleted() throws Exception {
    sayAll(ResponseStatus.COMPLETED);

    RequestResult result = ends.take();
    assertEquals(RequestOutcome.COMPLETED, result.outcome());
    assertEquals(dag.bytes(), result.charged());
  }

  @Test
  void givenManyBlocksWithoutMetadata_thenVerificationFails() throws Exception {
    for (int i = 0; i < 18; i++) {
      Block junk = Block.of(0x55, ByteBuffer.wrap(new byte[] {(byte) i}));
      say(
          response(
              id,
              ResponseStatus.PARTIAL,
              i == 17 ? List.of(present(dag.root())) : List.of(),
              junk));
    }

    failsWith("BLOCK_UNREQUESTED");
    assertEquals(0, store.count());
  }

  @Test
  void givenResponseOfAnotherPeer_thenIgnored() throws Exception {
    ScriptedPeer stranger = new ScriptedPeer(network.host(3));

    stranger.say(client.id(), response(id, ResponseStatus.FAILED, List.of()));
    sayAll(ResponseStatus.COMPLETED);

    assertEquals(RequestOutcome.COMPLETED, ends.take().outcome());
  }

  @Test
  void givenUnknownId_thenIgnored() throws Exception {
    say(
        response(
            new RequestId(9, 9),
            ResponseStatus.COMPLETED,
            List.of(present(dag.root())),
            block(dag.root())));
    sayAll(ResponseStatus.COMPLETED);

    assertEquals(RequestOutcome.COMPLETED, ends.take().outcome());
  }

  @Test
  void givenOversizeFrame_thenStreamIsResetAndTheRequestEnds() throws Exception {
    responder.raw(client.id(), ByteBuffer.wrap(Varint.encode((4 << 20) + 1)));

    assertEquals(RequestOutcome.NETWORK, ends.take().outcome());
  }

  @Test
  void givenGarbage_thenStreamIsResetAndTheRequestEnds() throws Exception {
    responder.raw(client.id(), ByteBuffer.wrap(new byte[] {3, 1, 2, 3}));

    assertEquals(RequestOutcome.NETWORK, ends.take().outcome());
  }

  @Test
  void givenStreamThatEndsWithinAFrame_thenTheRequestEnds() throws Exception {
    responder.raw(client.id(), ByteBuffer.wrap(new byte[] {100, 1, 2, 3}));
    responder.stream(client.id()).close();

    assertEquals(RequestOutcome.NETWORK, ends.take().outcome());
  }

  @Test
  void givenStreamsThatAreEmptyOrEndBetweenFrames_thenNothingHappens() throws Exception {
    responder.stream(client.id()).close();
    responder.newStream();
    say(response(id, ResponseStatus.PARTIAL, List.of(present(dag.root())), block(dag.root())));
    responder.stream(client.id()).close();
    responder.newStream();
    say(response(id, ResponseStatus.NOT_FOUND, List.of()));

    assertEquals(RequestOutcome.REFUSED, ends.take().outcome());
    assertEquals(1, visits.size());
  }

  @Test
  void givenConnectionLostBehindTheLastMessage_thenWhatHasArrivedIsEnough() throws Exception {
    held = new CompletableFuture<>();
    sayAll(ResponseStatus.COMPLETED);
    responder.stream(client.id()).close();
    lose();

    assertEquals(RequestOutcome.COMPLETED, ends.take().outcome());
    assertEquals(9, visits.size());
  }

  @Test
  void givenConnectionLostOnTheWay_thenWhatHasArrivedIsWalkedAndCounts() throws Exception {
    held = new CompletableFuture<>();
    say(response(id, ResponseStatus.PARTIAL, List.of(present(dag.root())), block(dag.root())));
    responder.stream(client.id()).close();
    lose();

    RequestResult result = ends.take();
    assertEquals(RequestOutcome.NETWORK, result.outcome());
    assertEquals(block(dag.root()).size(), result.charged());
  }

  @Test
  void givenHungUpBehindTheLastMessage_whenItIsStillUnread_thenItIsReadFirst() throws Exception {
    say(response(id, ResponseStatus.PARTIAL, List.of(present(dag.root())), block(dag.root())));
    awaitFirstVisit();
    network.holdReading();
    sayAllBehind(1, ResponseStatus.COMPLETED);
    Thread loss = Thread.ofVirtual().start(() -> network.hangUp(client, responder.host));
    while (loss.getState() == Thread.State.NEW || loss.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait(); // until it is over, or waits for the reader
    }
    network.goOnReading();

    assertEquals(RequestOutcome.COMPLETED, ends.take().outcome());
    loss.join();
  }

  /**
   * Cuts the connection once all that was said has been read, and lets the walk go on after that.
   */
  private void lose() throws Exception {
    awaitFirstVisit();
    network.cut(client, responder.host);
    held.complete(null);
  }

  private void awaitFirstVisit() {
    while (visits.isEmpty()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void givenBlockBesideItsMissingEntry_thenNotTaken() throws Exception {
    say(
        response(
            id,
            ResponseStatus.NOT_FOUND,
            List.of(new LinkMeta(dag.root(), LinkAction.MISSING)),
            block(dag.root())));

    RequestResult result = ends.take();
    assertEquals(RequestOutcome.REFUSED, result.outcome());
    assertEquals(0, result.charged());
    assertFalse(store.has(dag.root()));
  }
}
