package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.multiformats.Cid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TransferTest extends EndpointPair {

  @Test
  void givenWholeDag_whenAsked_thenAllVerifiedAndChargedTheSame() throws Exception {
    TestDag dag = TestDag.of(1, 20, 30, 3000);
    CompletableFuture<ResponsePosition> position = new CompletableFuture<>();
    CompletableFuture<ResponseStatus> finished = new CompletableFuture<>();
    serving(
        request ->
            RequestDecision.accept(dag.store())
                .heardBy(
                    new ResponseListener() {
                      @Override
                      public void onWalkEnded(ResponseStatus status, ResponsePosition at) {
                        position.complete(at);
                      }

                      @Override
                      public void onFinished(ResponseStatus status) {
                        finished.complete(status);
                      }
                    }));
    Heard heard = new Heard();
    MemoryBlockStore store = new MemoryBlockStore();

    asking().request(provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), store, heard);
    RequestResult result = heard.end.get();

    assertEquals(RequestOutcome.COMPLETED, result.outcome());
    assertEquals(Optional.of(ResponseStatus.COMPLETED), result.status());
    assertEquals(dag.bytes(), result.charged());
    assertEquals(dag.bytes(), position.get().charged());
    assertEquals(621, result.visits());
    assertEquals(621, store.count());
    assertEquals(ResponseStatus.COMPLETED, finished.get());
    while (endpoints.getFirst().stats().queuedBytes() != 0) {
      Thread.onSpinWait(); // given back once the write has returned
    }
  }

  @Test
  void givenGate_whenLimitIsReached_thenPausedWithExtensionsAndResumed() throws Exception {
    TestDag dag = TestDag.of(2, 4, 10, 1000);
    AtomicLong limit = new AtomicLong(5000);
    BlockingQueue<OutgoingResponse> pausedAt = new LinkedBlockingQueue<>();
    serving(
        request ->
            RequestDecision.accept(dag.store())
                .saying(Map.of("t/accepted", Node.of("yes")))
                .gated(
                    visit -> {
                      if (visit.chargedBefore() < limit.get()) {
                        return BlockGate.GateDecision.PASS;
                      }
                      pausedAt.add(request.response());
                      return BlockGate.GateDecision.pause(
                          Map.of("t/pay", Node.of(visit.chargedBefore())));
                    }));
    Heard heard = new Heard();
    asking()
        .request(
            provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);

    long demanded = 0;
    while (!heard.end.isDone()) {
      OutgoingResponse response = pausedAt.poll(200, TimeUnit.MILLISECONDS);
      if (response != null) {
        limit.addAndGet(7000);
        response.resume(Map.of("t/paid", Node.of(limit.get())));
        demanded++;
      }
    }

    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    assertEquals(dag.bytes(), heard.charged());
    assertTrue(demanded >= 5, "demands: " + demanded);
    assertTrue(heard.statuses.contains(ResponseStatus.PAUSED) || demanded > 0);
  }

  @Test
  void givenSomeBlocksHere_whenAsked_thenTheyAreLeftOut() throws Exception {
    TestDag dag = TestDag.of(3, 3, 10, 500);
    MemoryBlockStore store = new MemoryBlockStore();
    serving(request -> RequestDecision.accept(dag.store()));
    Heard first = new Heard();
    Graphsync asking = asking();
    asking.request(provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), store, first);
    first.end.get();
    store.remove(dag.leaves().get(15));

    Heard second = new Heard();
    asking.request(provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), store, second);
    RequestResult result = second.end.get();

    assertEquals(RequestOutcome.COMPLETED, result.outcome());
    // The root, two lists, and fifteen leaves come before the one that is missing.
    assertEquals(new Exclusions(18, List.of()), second.wire);
    assertEquals(16, result.wireBlocks());
  }

  @Test
  void givenEverythingHere_whenAsked_thenNothingIsSentUnlessWanted() throws Exception {
    TestDag dag = TestDag.of(4, 2, 3, 100);
    CompletableFuture<IncomingRequest> seen = new CompletableFuture<>();
    serving(
        request -> {
          seen.complete(request);
          return RequestDecision.accept(dag.store());
        });
    Heard heard = new Heard();
    Graphsync asking = asking();

    asking.request(provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), dag.store(), heard);
    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    assertEquals(false, seen.isDone());

    Heard again = new Heard();
    asking.request(
        provider.id(), RequestSpec.of(dag.root(), TestDag.ALL).always(), dag.store(), again);
    assertEquals(RequestOutcome.COMPLETED, again.end.get().outcome());
    assertEquals(new Exclusions(9, List.of()), seen.get().asked());
    assertEquals(0, again.end.get().wireBlocks());
  }

  @Test
  void givenMissingRoot_whenAsked_thenNotFound() throws Exception {
    TestDag dag = TestDag.of(5, 1, 1, 100);
    serving(request -> RequestDecision.accept(new MemoryBlockStore()));
    Heard heard = new Heard();

    asking()
        .request(
            provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);

    assertEquals(RequestOutcome.REFUSED, heard.end.get().outcome());
    assertEquals(Optional.of(ResponseStatus.NOT_FOUND), heard.end.get().status());
  }

  @Test
  void givenMissingLeaf_whenAsked_thenPartialAndTheRestIsHere() throws Exception {
    TestDag dag = TestDag.of(6, 3, 5, 100);
    dag.store().remove(dag.leaves().get(7));
    serving(request -> RequestDecision.accept(dag.store()));
    Heard heard = new Heard();

    asking()
        .request(
            provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);
    RequestResult result = heard.end.get();

    assertEquals(RequestOutcome.PARTIAL, result.outcome());
    assertEquals(List.of(dag.leaves().get(7)), result.missing());
    assertEquals(dag.bytes() - 100, result.charged());
  }

  @Test
  void givenMissingListThatTheClientHas_whenAsked_thenItsBranchIsWalkedLocally() throws Exception {
    TestDag dag = TestDag.of(7, 3, 5, 100);
    MemoryBlockStore store = new MemoryBlockStore();
    Node root = DagCbor.decode(dag.store().get(dag.root()).orElseThrow().data(), Limits.BLOCK);
    Cid second = root.asList().get(1).asLink();
    store.put(dag.store().get(second).orElseThrow());
    for (int leaf = 5; leaf < 10; leaf++) {
      store.put(dag.store().get(dag.leaves().get(leaf)).orElseThrow());
    }
    dag.store().remove(second);
    serving(request -> RequestDecision.accept(dag.store()));
    Heard heard = new Heard();

    asking().request(provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), store, heard);
    RequestResult result = heard.end.get();

    assertEquals(RequestOutcome.COMPLETED, result.outcome());
    assertEquals(Optional.of(ResponseStatus.COMPLETED_PARTIAL), result.status());
    assertEquals(19, store.count());
    assertEquals(14, result.visits());
  }

  @Test
  void givenRejection_whenAsked_thenStatusAndExtensionsArrive() throws Exception {
    TestDag dag = TestDag.of(8, 1, 1, 100);
    serving(
        request ->
            RequestDecision.reject(ResponseStatus.FAILED, Map.of("t/why", Node.of("price"))));
    Heard heard = new Heard();

    asking()
        .request(
            provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);

    assertEquals(RequestOutcome.REFUSED, heard.end.get().outcome());
    assertEquals(Map.of("t/why", Node.of("price")), heard.extensions.take());
  }

  @Test
  void givenProviderThatSpeaksVersion1_whenAsked_thenTheSame() throws Exception {
    TestDag dag = TestDag.of(9, 5, 8, 2000);
    serving(request -> RequestDecision.accept(dag.store()));
    Graphsync asking = asking();
    provider.speakOnly("/ipfs/graphsync/1.0.0");
    client.speakOnly("/ipfs/graphsync/1.0.0");
    Heard heard = new Heard();

    asking.request(
        provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);

    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    assertEquals(dag.bytes(), heard.charged());
    assertEquals("/ipfs/graphsync/1.0.0", provider.opened().getFirst().protocol());
  }

  @Test
  void givenQuietStream_whenTimeHasPassed_thenClosedAndReopenedOnDemand() throws Exception {
    TestDag dag = TestDag.of(13, 1, 3, 10);
    BlockingQueue<OutgoingResponse> paused = new LinkedBlockingQueue<>();
    GraphsyncConfig hasty =
        TestConfig.withTimes(Duration.ofMillis(20), Duration.ofSeconds(30), Duration.ofSeconds(30));
    started(
        Graphsync.start(
            provider,
            hasty,
            request ->
                RequestDecision.accept(dag.store())
                    .gated(
                        visit -> {
                          if (visit.number() < 3 || !paused.isEmpty()) {
                            return BlockGate.GateDecision.PASS;
                          }
                          paused.add(request.response());
                          return BlockGate.GateDecision.pause(Map.of());
                        })));
    Heard heard = new Heard();
    asking()
        .request(
            provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);

    while (provider.opened().isEmpty() || !provider.opened().getFirst().isClosed()) {
      Thread.onSpinWait();
    }
    paused.peek().resume(Map.of());

    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    assertEquals(2, provider.opened().size());
  }

  @Test
  void givenSlowClient_whenTheResponderChangesStreams_thenTheOrderStays() throws Exception {
    TestDag dag = TestDag.of(18, 4, 10, 3000);
    BlockingQueue<OutgoingResponse> paused = new LinkedBlockingQueue<>();
    Set<Long> asked = ConcurrentHashMap.newKeySet();
    GraphsyncConfig hasty =
        TestConfig.of(
            6000,
            CONFIG.sendBytesPerPeer(),
            CONFIG.sendBytes(),
            CONFIG.receiveBytes(),
            Duration.ofMillis(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30));
    started(
        Graphsync.start(
            provider,
            hasty,
            request ->
                RequestDecision.accept(dag.store())
                    .gated(
                        visit -> {
                          if (visit.number() % 10 != 0 || !asked.add(visit.number())) {
                            return BlockGate.GateDecision.PASS;
                          }
                          paused.add(request.response());
                          return BlockGate.GateDecision.pause(Map.of());
                        })));
    Graphsync slow =
        started(
            Graphsync.start(
                client,
                TestConfig.withQueues(CONFIG.messageBytes(), 1 << 24, 1 << 24, 1),
                IncomingRequests.NONE));
    Heard heard = new Heard();
    RequestListener holding =
        new RequestListener() {
          @Override
          public void onVisit(VisitReport visit) {
            // While this walk stands still, the responder closes its stream and goes on with
            // another.
            int before = provider.opened().size();
            if (visit.number() % 10 == 5 && visit.number() < 40) {
              while (!provider.opened().get(before - 1).isClosed() || paused.isEmpty()) {
                Thread.onSpinWait();
              }
              paused.remove().resume(Map.of());
              while (provider.opened().size() == before) {
                Thread.onSpinWait();
              }
            }
            heard.onVisit(visit);
          }

          @Override
          public void onEnd(RequestResult result) {
            heard.onEnd(result);
          }
        };

    slow.request(
        provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), holding);

    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    assertTrue(provider.opened().size() >= 4, "streams: " + provider.opened().size());
  }

  @Test
  void givenSmallMemory_whenClientIsSlow_thenWalkWaitsAndAllIsGivenBack() throws Exception {
    TestDag dag = TestDag.of(14, 10, 40, 20_000);
    GraphsyncConfig tight = TestConfig.withQueues(50_000, 100_000, 100_000, 100_000);
    started(Graphsync.start(provider, tight, request -> RequestDecision.accept(dag.store())));
    Graphsync slow = started(Graphsync.start(client, tight, IncomingRequests.NONE));
    AtomicLong most = new AtomicLong();
    Heard heard = new Heard();
    RequestListener watching =
        new RequestListener() {
          @Override
          public void onVisit(VisitReport visit) {
            most.accumulateAndGet(endpoints.getFirst().stats().queuedBytes(), Math::max);
            heard.onVisit(visit);
          }

          @Override
          public void onEnd(RequestResult result) {
            heard.onEnd(result);
          }
        };

    slow.request(
        provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), watching);

    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    assertTrue(most.get() <= 100_000, "queued " + most.get());
    while (endpoints.getFirst().stats().queuedBytes() != 0) {
      Thread.onSpinWait(); // given back once the write has returned
    }
  }

  @Test
  void givenManyRequestsAtOnce_whenAnswered_thenAllComplete() throws Exception {
    List<TestDag> dags = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      dags.add(TestDag.of(100 + i, 5, 10, 1000));
    }
    serving(
        request -> {
          BlockStore store =
              dags.stream()
                  .filter(dag -> dag.root().equals(request.root()))
                  .findFirst()
                  .orElseThrow()
                  .store();
          return RequestDecision.accept(store);
        });
    Graphsync asking = asking();
    List<Heard> all = new ArrayList<>();
    for (TestDag dag : dags) {
      Heard heard = new Heard();
      all.add(heard);
      asking.request(
          provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);
    }

    for (int i = 0; i < 20; i++) {
      assertEquals(RequestOutcome.COMPLETED, all.get(i).end.get().outcome());
      assertEquals(dags.get(i).bytes(), all.get(i).charged());
    }
    assertEquals(0, asking.stats().requests());
  }

  @Test
  void givenResponderThatGivesUp_whenPaused_thenStatusCancelled() throws Exception {
    TestDag dag = TestDag.of(15, 2, 5, 100);
    BlockingQueue<OutgoingResponse> paused = new LinkedBlockingQueue<>();
    CompletableFuture<ResponseStatus> finished = new CompletableFuture<>();
    serving(
        request ->
            RequestDecision.accept(dag.store())
                .gated(
                    visit -> {
                      if (visit.number() < 4) {
                        return BlockGate.GateDecision.PASS;
                      }
                      paused.add(request.response());
                      return BlockGate.GateDecision.pause(Map.of());
                    })
                .heardBy(
                    new ResponseListener() {
                      @Override
                      public void onFinished(ResponseStatus status) {
                        finished.complete(status);
                      }
                    }));
    Heard heard = new Heard();
    asking()
        .request(
            provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);

    paused.take().cancel();

    assertEquals(RequestOutcome.REFUSED, heard.end.get().outcome());
    assertEquals(Optional.of(ResponseStatus.CANCELLED), heard.end.get().status());
    assertEquals(3, heard.visits.size());
    assertEquals(ResponseStatus.CANCELLED, finished.get());
  }

  @Test
  void givenClientThatCancels_whenPaused_thenResponderHearsOfIt() throws Exception {
    TestDag dag = TestDag.of(16, 2, 5, 100);
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    serving(
        request ->
            RequestDecision.accept(dag.store())
                .paused(true)
                .heardBy(
                    new ResponseListener() {
                      @Override
                      public void onCancelledByPeer() {
                        cancelled.complete(null);
                      }
                    }));
    Heard heard = new Heard();
    OutgoingRequest request =
        asking()
            .request(
                provider.id(),
                RequestSpec.of(dag.root(), TestDag.ALL),
                new MemoryBlockStore(),
                heard);
    assertEquals(ResponseStatus.PAUSED, heard.statuses.take());

    request.cancel();

    cancelled.get();
    assertEquals(RequestOutcome.CANCELLED, request.result().get().outcome());
  }

  @Test
  void givenExclusionsOfTheFirstRequest_whenRestarted_thenChargedTheSameAtBothEnds()
      throws Exception {
    TestDag dag = TestDag.of(17, 6, 20, 700);
    Exclusions first = new Exclusions(7, List.of(dag.leaves().get(50), dag.leaves().get(51)));
    MemoryBlockStore store = new MemoryBlockStore();
    for (int leaf = 0; leaf < 5; leaf++) {
      store.put(dag.store().get(dag.leaves().get(leaf)).orElseThrow());
    }
    BlockingQueue<ResponsePosition> positions = new LinkedBlockingQueue<>();
    serving(
        request ->
            RequestDecision.accept(dag.store())
                .charging(first)
                .alone(true)
                .heardBy(
                    new ResponseListener() {
                      @Override
                      public void onWalkEnded(ResponseStatus status, ResponsePosition at) {
                        positions.add(at);
                      }
                    }));
    Heard heard = new Heard();
    RequestSpec spec =
        RequestSpec.of(dag.root(), TestDag.ALL)
            .leavingOut(new Exclusions(30, first.doNotSend()))
            .charging(first);
    // All that is skipped is here: the first 30 visits and the two leaves.
    copy(dag, store, 30);
    store.put(dag.store().get(dag.leaves().get(50)).orElseThrow());
    store.put(dag.store().get(dag.leaves().get(51)).orElseThrow());

    asking().request(provider.id(), spec, store, heard);

    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    ResponsePosition position = positions.take();
    assertEquals(position.charged(), heard.end.get().charged());
    assertEquals(position.visits(), heard.end.get().visits());
    assertTrue(position.charged() < dag.bytes());
    assertTrue(position.queuedBytes() < position.charged());
  }

  private static void copy(TestDag dag, MemoryBlockStore to, int visits) throws Exception {
    int[] left = {visits};
    try {
      Walk.run(
          dag.root(),
          Selectors.exploreAll(),
          visit -> {
            if (left[0]-- == 0) {
              throw new CancellationException();
            }
            var block = dag.store().get(visit.cid()).orElseThrow();
            to.put(block);
            return new LoadResult.Loaded(block.data());
          },
          WalkBudget.DEFAULT);
    } catch (CancellationException e) {
      assertEquals(-1, left[0]);
    }
  }
}
