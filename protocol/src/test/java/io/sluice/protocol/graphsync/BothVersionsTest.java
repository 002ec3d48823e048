package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What two ends say to each other beside blocks is the same in both protocols. */
@Timeout(60)
class BothVersionsTest extends EndpointPair {
  private final TestDag dag = TestDag.of(31, 3, 4, 500);
  private final BlockingQueue<IncomingRequest> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<Map<String, Node>> updates = new LinkedBlockingQueue<>();
  private final Heard heard = new Heard();

  /** Serves everything, to begin with paused, and lets each update resume it. */
  private Graphsync resumedByUpdates(ResponseListener listener) {
    return started(
        Graphsync.start(
            provider,
            CONFIG,
            new IncomingRequests() {
              @Override
              public RequestDecision onNew(IncomingRequest request) {
                asked.add(request);
                return RequestDecision.accept(dag.store())
                    .saying(Map.of("t/accepted", Node.of("yes")))
                    .paused(true)
                    .heardBy(listener);
              }

              @Override
              public void onUpdate(IncomingRequest request, Map<String, Node> extensions) {
                updates.add(extensions);
                request.response().resume(Map.of("t/resumed", Node.of(true)));
              }
            }));
  }

  private OutgoingRequest ask(WireVersion version, RequestSpec spec) {
    Graphsync asking = asking();
    provider.speakOnly(version.protocol());
    client.speakOnly(version.protocol());
    return asking.request(provider.id(), spec, new MemoryBlockStore(), heard);
  }

  @ParameterizedTest
  @EnumSource(WireVersion.class)
  void givenPaused_whenUpdated_thenExtensionsWentBothWaysAndItGoesOn(WireVersion version)
      throws Exception {
    resumedByUpdates(ResponseListener.NONE);
    RequestSpec spec =
        RequestSpec.of(dag.root(), TestDag.ALL).with(Map.of("t/hello", Node.of(7))).urgent(5);

    OutgoingRequest request = ask(version, spec);
    IncomingRequest seen = asked.take();
    assertEquals(Node.of(7), seen.extensions().get("t/hello"));
    assertEquals(5, seen.priority());
    assertEquals(Map.of("t/accepted", Node.of("yes")), heard.extensions.take());
    request.update(Map.of("t/voucher", Node.of("paid")));

    assertEquals(Map.of("t/voucher", Node.of("paid")), updates.take());
    assertEquals(Map.of("t/resumed", Node.of(true)), heard.extensions.take());
    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    assertEquals(dag.bytes(), heard.charged());
    assertEquals(version.protocol(), provider.opened().getFirst().protocol());
  }

  @ParameterizedTest
  @EnumSource(WireVersion.class)
  void givenPaused_whenCancelled_thenTheResponderStopsAndLaterUpdatesAreForNobody(
      WireVersion version) throws Exception {
    CompletableFuture<String> ended = new CompletableFuture<>();
    Graphsync serving =
        resumedByUpdates(
            new ResponseListener() {
              @Override
              public void onCancelledByPeer() {
                ended.complete("cancelled");
              }

              @Override
              public void onFinished(ResponseStatus status) {
                ended.complete("finished with " + status);
              }

              @Override
              public void onNetworkError(IOException cause) {
                ended.complete("lost: " + cause);
              }
            });
    OutgoingRequest request = ask(version, RequestSpec.of(dag.root(), TestDag.ALL));
    heard.extensions.take();

    request.cancel();
    assertEquals("cancelled", ended.get());
    request.update(Map.of("t/voucher", Node.of("late")));

    assertEquals(RequestOutcome.CANCELLED, heard.end.get().outcome());
    assertEquals(List.of(), heard.visits);
    assertNull(updates.peek());
    while (serving.stats().responses() > 0) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @EnumSource(WireVersion.class)
  void givenOneTurn_whenManyWait_thenThoseOfHigherPriorityAreAnsweredFirst(WireVersion version)
      throws Exception {
    CompletableFuture<Void> held = new CompletableFuture<>();
    BlockingQueue<Integer> begun = new LinkedBlockingQueue<>();
    Graphsync serving =
        started(
            Graphsync.start(
                provider,
                oneWalkAtOnce(),
                request -> {
                  int priority = request.priority();
                  return RequestDecision.accept(dag.store())
                      .gated(
                          visit -> {
                            if (visit.chargedBefore() == 0) {
                              begun.add(priority);
                            }
                            if (priority == 0) {
                              held.join(); // in its turn
                            }
                            return BlockGate.GateDecision.PASS;
                          });
                }));
    Graphsync asking = asking();
    provider.speakOnly(version.protocol());
    client.speakOnly(version.protocol());
    List<OutgoingRequest> requests = new ArrayList<>();
    for (int priority : List.of(0, 1, -4, 9, 3)) {
      requests.add(
          asking.request(
              provider.id(),
              RequestSpec.of(dag.root(), TestDag.ALL).urgent(priority).keyed("key " + priority),
              new MemoryBlockStore(),
              new Heard()));
      if (priority == 0) {
        assertEquals(0, begun.take());
      }
    }
    while (serving.stats().waitingWalks() < 4) {
      Thread.onSpinWait();
    }

    held.complete(null);

    assertEquals(
        List.of(9, 3, 1, -4), List.of(begun.take(), begun.take(), begun.take(), begun.take()));
    for (OutgoingRequest each : requests) {
      assertEquals(RequestOutcome.COMPLETED, each.result().get().outcome());
    }
  }

  private static GraphsyncConfig oneWalkAtOnce() {
    return new GraphsyncConfig(
        CONFIG.messageBytes(),
        CONFIG.sendBytesPerPeer(),
        CONFIG.sendBytes(),
        1,
        CONFIG.walks(),
        CONFIG.waitingWalks(),
        CONFIG.requests(),
        CONFIG.receiveBytes(),
        CONFIG.quiet(),
        CONFIG.progress(),
        CONFIG.afterWalk(),
        CONFIG.sendAttempts(),
        CONFIG.unrequestedBlocks(),
        CONFIG.duplicateBlocks(),
        CONFIG.walk());
  }
}
