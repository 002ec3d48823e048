package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.MemoryBlockStore;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests whose connection is lost, or cannot be made. */
@Timeout(60)
class LostConnectionTest extends EndpointPair {

  @Test
  void givenCutConnection_whenAskedAgain_thenGoesOnWhereItWas() throws Exception {
    TestDag dag = TestDag.of(11, 10, 50, 4000);
    MemoryBlockStore store = new MemoryBlockStore();
    BlockingQueue<IOException> lost = new LinkedBlockingQueue<>();
    serving(
        request ->
            RequestDecision.accept(dag.store())
                .gated(
                    visit ->
                        request.asked().skipFirst() == 0 && visit.number() > 200
                            ? BlockGate.GateDecision.pause(Map.of())
                            : BlockGate.GateDecision.PASS)
                .heardBy(
                    new ResponseListener() {
                      @Override
                      public void onNetworkError(IOException cause) {
                        lost.add(cause);
                      }
                    }));
    CompletableFuture<Void> there = new CompletableFuture<>();
    Heard first = new Heard();
    RequestListener watching =
        new RequestListener() {
          @Override
          public void onVisit(VisitReport visit) {
            if (visit.number() == 200) {
              there.complete(null);
            }
          }

          @Override
          public void onEnd(RequestResult result) {
            first.onEnd(result);
          }
        };
    Graphsync asking = asking();
    asking.request(provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), store, watching);
    there.get();

    network.cut(provider, client);

    assertEquals(RequestOutcome.NETWORK, first.end.get().outcome());
    lost.take();
    assertEquals(0, endpoints.getFirst().stats().responses());
    Heard second = new Heard();
    asking.request(
        provider.id(),
        RequestSpec.of(dag.root(), TestDag.ALL).charging(Exclusions.NONE),
        store,
        second);
    assertEquals(RequestOutcome.COMPLETED, second.end.get().outcome());
    assertEquals(dag.bytes(), second.charged());
    assertEquals(311, second.end.get().wireBlocks());
  }

  /**
   * A client that listens can be dialled: it must not get the rest of what it has missed some of.
   */
  @Test
  void givenALossThatNobodyHeardOf_whenTheNextMessageFails_thenItIsNotSentOnAnotherStream()
      throws Exception {
    TestDag dag = TestDag.of(14, 10, 50, 4000);
    CompletableFuture<Void> arriving = new CompletableFuture<>();
    CompletableFuture<String> end = new CompletableFuture<>();
    serving(
        request ->
            RequestDecision.accept(dag.store())
                .gated(
                    visit -> {
                      if (visit.number() == 200) {
                        arriving.join();
                        network.cutUnheard(provider, client);
                      }
                      return BlockGate.GateDecision.PASS;
                    })
                .heardBy(
                    new ResponseListener() {
                      @Override
                      public void onFinished(ResponseStatus status) {
                        end.complete("finished " + status);
                      }

                      @Override
                      public void onNetworkError(IOException cause) {
                        end.complete("lost");
                      }
                    }));
    RequestListener watching =
        new RequestListener() {
          @Override
          public void onVisit(VisitReport visit) {
            arriving.complete(null);
          }

          @Override
          public void onEnd(RequestResult result) {
            // The other end is what it is about.
          }
        };

    asking()
        .request(
            provider.id(),
            RequestSpec.of(dag.root(), TestDag.ALL),
            new MemoryBlockStore(),
            watching);

    assertEquals("lost", end.get());
  }

  /** The peer is connected again by then: what it began since has nothing to do with the loss. */
  @Test
  void givenALossThatIsHeardOfLate_thenWhatBeganBeforeEnds_andNothingElse() throws Exception {
    TestDag dag = TestDag.of(12, 3, 3, 1000);
    AtomicBoolean open = new AtomicBoolean();
    BlockingQueue<OutgoingResponse> responses = new LinkedBlockingQueue<>();
    BlockingQueue<OutgoingResponse> lost = new LinkedBlockingQueue<>();
    serving(
        request -> {
          responses.add(request.response());
          return RequestDecision.accept(dag.store())
              .gated(
                  visit ->
                      open.get()
                          ? BlockGate.GateDecision.PASS
                          : BlockGate.GateDecision.pause(Map.of()))
              .heardBy(
                  new ResponseListener() {
                    @Override
                    public void onNetworkError(IOException cause) {
                      lost.add(request.response());
                    }
                  });
        });
    Graphsync asking = asking();
    Heard before = new Heard();
    asking.request(
        provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), before);
    assertEquals(ResponseStatus.PAUSED, before.statuses.take());

    Runnable news = network.cutUnheard(provider, client);
    Heard after = new Heard();
    asking.request(
        provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), after);
    assertEquals(ResponseStatus.PAUSED, after.statuses.take());
    news.run();

    assertEquals(RequestOutcome.NETWORK, before.end.get().outcome());
    assertEquals(responses.take(), lost.take());
    open.set(true);
    responses.take().resume(Map.of());
    assertEquals(RequestOutcome.COMPLETED, after.end.get().outcome());
    assertTrue(lost.isEmpty());
  }

  @Test
  void givenProviderThatEndsBehindTheLastMessage_whenThatIsStillUnread_thenItIsReadFirst()
      throws Exception {
    TestDag dag = TestDag.of(13, 4, 20, 2000);
    CompletableFuture<ResponseStatus> written = new CompletableFuture<>();
    serving(
        request -> {
          network.holdReading();
          return RequestDecision.accept(dag.store())
              .heardBy(
                  new ResponseListener() {
                    @Override
                    public void onFinished(ResponseStatus status) {
                      written.complete(status);
                    }
                  });
        });
    Heard heard = new Heard();
    asking()
        .request(
            provider.id(), RequestSpec.of(dag.root(), TestDag.ALL), new MemoryBlockStore(), heard);
    assertEquals(ResponseStatus.COMPLETED, written.get());

    endpoints.getFirst().close();
    while (!provider.opened().getLast().isClosed()) {
      Thread.onSpinWait();
    }
    network.goOnReading();

    assertEquals(RequestOutcome.COMPLETED, heard.end.get().outcome());
    assertEquals(dag.bytes(), heard.charged());
  }

  @Test
  void givenUnreachableProvider_whenAsked_thenNetwork() throws Exception {
    network.reachable(provider, false);
    Heard heard = new Heard();

    asking()
        .request(
            provider.id(),
            RequestSpec.of(TestDag.of(12, 1, 1, 10).root(), TestDag.ALL),
            new MemoryBlockStore(),
            heard);

    assertEquals(RequestOutcome.NETWORK, heard.end.get().outcome());
  }
}
