package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.MemoryNetwork.MemoryHost;
import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.RequestKind;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MisbehavingRequestorTest {

  private static final RequestId ID = new RequestId(1, 2);

  private final TestDag dag = TestDag.of(43, 2, 3, 100);
  private final MemoryNetwork network = new MemoryNetwork();
  private final MemoryHost provider = network.host(1);
  private final ScriptedPeer client = new ScriptedPeer(network.host(2));
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<Map<String, Node>> updates = new LinkedBlockingQueue<>();
  private volatile boolean paused = true;

  private final Graphsync serving =
      Graphsync.start(
          provider,
          GraphsyncConfig.defaults(),
          new IncomingRequests() {
            @Override
            public RequestDecision onNew(IncomingRequest request) {
              return RequestDecision.accept(dag.store())
                  .paused(paused)
                  .heardBy(
                      new ResponseListener() {
                        @Override
                        public void onFinished(ResponseStatus status) {
                          heard.add("finished");
                        }

                        @Override
                        public void onCancelledByPeer() {
                          heard.add("cancelled");
                        }

                        @Override
                        public void onNetworkError(IOException cause) {
                          heard.add("lost");
                        }
                      });
            }

            @Override
            public void onUpdate(IncomingRequest request, Map<String, Node> extensions) {
              updates.add(extensions);
              request.response().resume(Map.of());
            }
          });

  @AfterEach
  void close() {
    serving.close();
  }

  private GsRequest asking(Map<String, Node> extensions) {
    return GsRequest.asking(ID, dag.root(), TestDag.ALL, 0, extensions);
  }

  private void say(GsRequest... requests) throws IOException {
    client.say(provider.id(), GraphsyncMessage.of(requests));
  }

  @Test
  void givenIdOfAnotherPeer_whenCancelledOrUpdated_thenNothingHappens() throws Exception {
    ScriptedPeer stranger = new ScriptedPeer(network.host(3));
    say(asking(Map.of()));
    assertEquals(ResponseStatus.PAUSED, client.next().responses().getFirst().status());

    stranger.say(provider.id(), GraphsyncMessage.of(GsRequest.cancel(ID)));
    stranger.say(provider.id(), GraphsyncMessage.of(GsRequest.update(ID, Map.of("t", Node.of(1)))));
    stranger.say(provider.id(), GraphsyncMessage.of(asking(Map.of())));
    assertEquals(ResponseStatus.PAUSED, stranger.next().responses().getFirst().status());
    assertTrue(updates.isEmpty());
    assertTrue(heard.isEmpty());

    say(GsRequest.update(ID, Map.of("t", Node.of(2))));
    assertEquals(ResponseStatus.COMPLETED, client.answer(ID).status);
    assertEquals(Map.of("t", Node.of(2)), updates.take());
  }

  @Test
  void givenKnownId_whenAskedAgain_thenTheOldResponseIsReplaced() throws Exception {
    say(asking(Map.of()));
    assertEquals(ResponseStatus.PAUSED, client.next().responses().getFirst().status());
    paused = false;

    say(asking(Map.of()));

    assertEquals(ResponseStatus.COMPLETED, client.answer(ID).status);
    assertEquals("cancelled", heard.take());
    assertEquals("finished", heard.take());
  }

  @Test
  void givenCancelOfUnknownId_thenIgnored() throws Exception {
    say(GsRequest.cancel(new RequestId(7, 7)), GsRequest.update(new RequestId(8, 8), Map.of()));
    paused = false;

    say(asking(Map.of()));

    assertEquals(ResponseStatus.COMPLETED, client.answer(ID).status);
  }

  @Test
  void givenMalformedExtension_thenFailed() throws Exception {
    say(asking(Map.of(Extensions.DO_NOT_SEND_FIRST_BLOCKS, Node.of("three"))));

    assertEquals(ResponseStatus.FAILED, client.answer(ID).status);
  }

  @Test
  void givenMalformedSelector_thenFailed() throws Exception {
    paused = false;
    say(GsRequest.asking(ID, dag.root(), Node.of("everything"), 0, Map.of()));

    assertEquals(ResponseStatus.FAILED, client.answer(ID).status);
  }

  @Test
  void givenRequestWithoutRoot_thenFailed() throws Exception {
    say(
        new GsRequest(
            ID, RequestKind.NEW, 0, Optional.empty(), Optional.of(TestDag.ALL), Map.of()));

    assertEquals(ResponseStatus.FAILED, client.answer(ID).status);
  }

  @Test
  void givenOversizeOrMalformedFrame_thenOnlyThatStreamIsReset() throws Exception {
    for (byte[] bytes :
        List.of(
            Varint.encode((4 << 20) + 1), new byte[] {3, 1, 2, 3}, new byte[] {(byte) 0x80, 0})) {
      Stream bad = client.host.open(provider.id(), List.of(), List.of(WireVersion.V2.protocol()));
      bad.write(ByteBuffer.wrap(bytes));
      try {
        assertEquals(-1, bad.read(ByteBuffer.allocate(1)));
      } catch (IOException reset) {
        assertTrue(reset.getMessage().contains("reset"));
      }
    }
    paused = false;

    say(asking(Map.of()));

    assertEquals(ResponseStatus.COMPLETED, client.answer(ID).status);
  }

  @Test
  void givenTwoRequestsForTheSameBlocks_whenOneBucket_thenSentOnceAndReleasedAtTheEnd()
      throws Exception {
    RequestId other = new RequestId(3, 4);
    say(asking(Map.of()));
    client.next();
    say(
        GsRequest.asking(
            other, dag.root(), TestDag.ALL, 0, Map.of(Extensions.DEDUP_BY_KEY, Node.of("mine"))));
    client.next();

    say(GsRequest.update(ID, Map.of()));
    assertEquals(9, client.answer(ID).blocks.size());
    say(GsRequest.update(other, Map.of()));
    assertEquals(9, client.answer(other).blocks.size());

    paused = false;
    say(asking(Map.of()));
    assertEquals(9, client.answer(ID).blocks.size());
  }

  @Test
  void givenUnreachableClient_whenAnswered_thenTheListenerHears() throws Exception {
    say(asking(Map.of()));
    client.next();

    network.cut(provider, client.host);

    assertEquals("lost", heard.take());
    assertEquals(0, serving.stats().responses());
  }
}
