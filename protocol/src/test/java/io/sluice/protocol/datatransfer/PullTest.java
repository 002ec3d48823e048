package io.sluice.protocol.datatransfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.MemoryNetwork;
import io.sluice.protocol.graphsync.MemoryNetwork.MemoryHost;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PullTest {

  private static final TypedVoucher VOUCHER =
      new TypedVoucher("Proposal/1", Node.map().put("ID", 5).build());
  private static final TypedVoucher RESULT =
      new TypedVoucher("Response/1", Node.map().put("Status", 6).build());
  private static final long TRANSFER = 1_795_262_260_998_179_499L;

  private final MemoryNetwork network = new MemoryNetwork();
  private final MemoryHost providerHost = network.host(1);
  private final MemoryHost clientHost = network.host(2);
  private final HeardMessages providerHears = new HeardMessages();
  private final HeardMessages clientHears = new HeardMessages();
  private final DataTransfer provider =
      DataTransfer.start(providerHost, GraphsyncConfig.defaults(), providerHears);
  private final DataTransfer client =
      DataTransfer.start(clientHost, GraphsyncConfig.defaults(), clientHears);

  @AfterEach
  void close() {
    provider.close();
    client.close();
  }

  private static class Listener implements PullListener {
    final BlockingQueue<TransferResponse> responses = new LinkedBlockingQueue<>();
    final CompletableFuture<RequestResult> end = new CompletableFuture<>();

    /** The last status, if a message came with it. */
    final CompletableFuture<ResponseStatus> carrier = new CompletableFuture<>();

    @Override
    public void onTransfer(TransferResponse response) {
      responses.add(response);
    }

    @Override
    public void onResponse(ResponseStatus status, Map<String, Node> extensions) {
      if (status.terminal() && !extensions.isEmpty()) {
        carrier.complete(status);
      }
    }

    @Override
    public void onEnd(RequestResult result) {
      end.complete(result);
    }
  }

  private PullSpec spec(TestDag dag, boolean restart) {
    return new PullSpec(
        providerHost.id(),
        TRANSFER,
        restart,
        VOUCHER,
        RequestSpec.of(dag.root(), TestDag.ALL).always());
  }

  private static PullDecision freely(TestDag dag, PullRequest request) {
    return PullDecision.accept(dag.store(), Optional.of(RESULT))
        .served(
            RequestDecision.accept(dag.store())
                .heardBy(
                    new ResponseListener() {
                      @Override
                      public void onFinished(ResponseStatus status) {
                        if (status == ResponseStatus.COMPLETED) {
                          request.pull().complete(false, Optional.empty());
                        }
                      }
                    }));
  }

  /** Has the provider accept whatever is proposed; the first pull that it serves. */
  private CompletableFuture<ServedPull> accepting(TestDag dag, boolean paused) {
    CompletableFuture<ServedPull> served = new CompletableFuture<>();
    provider.register(
        "Proposal/1",
        request -> {
          served.complete(request.pull());
          return PullDecision.accept(dag.store(), Optional.of(RESULT)).paused(paused);
        });
    return served;
  }

  @Test
  void givenFreePull_whenOpened_thenAcceptedSentAndCompleted() throws Exception {
    TestDag dag = TestDag.of(1, 3, 10, 1000);
    provider.register("Proposal/1", request -> freely(dag, request));
    Listener listener = new Listener();

    Pull pull = client.open(spec(dag, false), new MemoryBlockStore(), listener);

    // Each comes on a stream of its own, so either may overtake the other.
    List<TransferResponse> both = List.of(listener.responses.take(), listener.responses.take());
    TransferResponse accepted = both.get(both.get(0).type() == MessageType.NEW ? 0 : 1);
    TransferResponse complete = both.get(both.get(0).type() == MessageType.NEW ? 1 : 0);
    assertEquals(
        List.of(
            TransferEvent.NEW_VOUCHER_RESULT, TransferEvent.ACCEPT, TransferEvent.RESUME_RESPONDER),
        TransferEvent.of(accepted));
    assertEquals(Optional.of(RESULT), accepted.result());
    assertEquals(List.of(TransferEvent.RESPONDER_COMPLETES), TransferEvent.of(complete));
    assertEquals(RequestOutcome.COMPLETED, listener.end.get().outcome());
    assertTrue(listener.responses.isEmpty());
    assertEquals(TRANSFER, pull.channel().transfer());
  }

  @Test
  void givenGate_whenVouchersArePaid_thenGoesOnUntilTheLastVoucher() throws Exception {
    TestDag dag = TestDag.of(2, 4, 10, 1000);
    AtomicLong limit = new AtomicLong(5000);
    CompletableFuture<ServedPull> served = new CompletableFuture<>();
    CompletableFuture<Void> sent = new CompletableFuture<>();
    provider.register(
        "Proposal/1",
        request -> {
          served.complete(request.pull());
          return PullDecision.accept(dag.store(), Optional.of(RESULT))
              .served(
                  RequestDecision.accept(dag.store())
                      .gated(
                          visit ->
                              visit.chargedBefore() < limit.get()
                                  ? BlockGate.GateDecision.PASS
                                  : request.pull().demand(List.of(RESULT)))
                      .heardBy(
                          new ResponseListener() {
                            @Override
                            public void onFinished(ResponseStatus status) {
                              sent.complete(null);
                            }
                          }));
        });
    Listener listener = new Listener();
    Pull pull = client.open(spec(dag, false), new MemoryBlockStore(), listener);
    assertEquals(MessageType.NEW, listener.responses.take().type());

    int demands = 0;
    while (!sent.isDone()) {
      TransferResponse said = listener.responses.take();
      if (said.paused()) {
        demands++;
        pull.sendVoucher(new TypedVoucher("Payment/1", Node.of(demands))).get();
        assertEquals(Node.of(demands), providerHears.vouchers.take().value());
        limit.addAndGet(15_000);
        served.get().resume(Optional.empty());
        TransferResponse resumed = listener.responses.take();
        assertEquals(MessageType.VOUCHER_RESULT, resumed.type());
        assertFalse(resumed.paused());
      }
      if (limit.get() > dag.bytes()) {
        sent.get();
      }
    }
    served.get().complete(true, Optional.of(RESULT)).get();
    assertTrue(listener.responses.take().paused());
    served.get().complete(false, Optional.empty()).get();

    assertEquals(MessageType.COMPLETE, listener.responses.take().type());
    assertEquals(RequestOutcome.COMPLETED, listener.end.get().outcome());
    assertEquals(dag.bytes(), listener.end.get().charged());
    assertEquals(3, demands);
  }

  @Test
  void givenRefusal_whenOpened_thenResultAndStatus32() throws Exception {
    TestDag dag = TestDag.of(3, 1, 1, 10);
    provider.register("Proposal/1", request -> PullDecision.reject(Optional.of(RESULT)));
    Listener listener = new Listener();

    client.open(spec(dag, false), new MemoryBlockStore(), listener);

    assertEquals(
        List.of(TransferEvent.NEW_VOUCHER_RESULT, TransferEvent.ERROR),
        TransferEvent.of(listener.responses.take()));
    assertEquals(Optional.of(ResponseStatus.FAILED), listener.end.get().status());
  }

  @Test
  void givenUnknownVoucherType_whenOpened_thenRefusedWithoutResult() throws Exception {
    TestDag dag = TestDag.of(4, 1, 1, 10);
    Listener listener = new Listener();

    client.open(spec(dag, false), new MemoryBlockStore(), listener);

    TransferResponse refused = listener.responses.take();
    assertFalse(refused.accepted());
    assertEquals(Optional.empty(), refused.result());
  }

  @Test
  void givenMessageForAnotherRoot_whenOpened_thenRefused() throws Exception {
    TestDag dag = TestDag.of(5, 1, 1, 10);
    TestDag other = TestDag.of(6, 1, 1, 10);
    provider.register("Proposal/1", request -> freely(dag, request));
    TransferRequest lie = TransferRequest.pull(false, TRANSFER, other.root(), TestDag.ALL, VOUCHER);
    Listener listener = new Listener();

    client
        .graphsync()
        .request(
            providerHost.id(),
            RequestSpec.of(dag.root(), TestDag.ALL).with(TransferExtensions.plain(lie)),
            new MemoryBlockStore(),
            listener);

    assertEquals(Optional.of(ResponseStatus.FAILED), listener.end.get().status());
  }

  @Test
  void givenGraphsyncRequestWithoutMessage_whenAsked_thenRejected() throws Exception {
    TestDag dag = TestDag.of(7, 1, 1, 10);
    Listener listener = new Listener();

    client
        .graphsync()
        .request(
            providerHost.id(),
            RequestSpec.of(dag.root(), TestDag.ALL),
            new MemoryBlockStore(),
            listener);

    assertEquals(Optional.of(ResponseStatus.REJECTED), listener.end.get().status());
  }

  @Test
  void givenPausedAcceptance_whenResumed_thenBlocksFlow() throws Exception {
    TestDag dag = TestDag.of(8, 2, 5, 100);
    CompletableFuture<ServedPull> served = accepting(dag, true);
    Listener listener = new Listener();
    client.open(spec(dag, false), new MemoryBlockStore(), listener);
    TransferResponse accepted = listener.responses.take();
    assertTrue(accepted.accepted() && accepted.paused());

    served.get().resume(Optional.of(RESULT));

    assertFalse(listener.responses.take().paused());
    assertEquals(RequestOutcome.COMPLETED, listener.end.get().outcome());
  }

  @Test
  void givenInitiatorThatCancels_thenBothEndsStop() throws Exception {
    TestDag dag = TestDag.of(9, 2, 5, 100);
    provider.register(
        "Proposal/1",
        request -> PullDecision.accept(dag.store(), Optional.of(RESULT)).paused(true));
    Listener listener = new Listener();
    Pull pull = client.open(spec(dag, false), new MemoryBlockStore(), listener);
    listener.responses.take();

    pull.cancel().get();

    assertEquals(pull.channel(), providerHears.cancels.take());
    assertEquals(RequestOutcome.CANCELLED, listener.end.get().outcome());
    while (provider.graphsync().stats().responses() != 0) {
      Thread.onSpinWait(); // either word of the end may come first
    }
  }

  @Test
  void givenResponderThatCancels_thenCancelArrives() throws Exception {
    TestDag dag = TestDag.of(10, 2, 5, 100);
    CompletableFuture<ServedPull> served = accepting(dag, true);
    Listener listener = new Listener();
    client.open(spec(dag, false), new MemoryBlockStore(), listener);
    listener.responses.take();

    served.get().cancel().get();

    assertEquals(MessageType.CANCEL, listener.responses.take().type());
    assertEquals(ResponseStatus.CANCELLED, listener.carrier.get());
    listener.end.get();
  }

  /** On a stream of its own it could come behind the end, where nobody listens any more. */
  @Test
  void givenResponderThatRefusesLater_whenItEnds_thenTheEndItselfCarriesTheResult()
      throws Exception {
    TestDag dag = TestDag.of(10, 2, 5, 100);
    CompletableFuture<ServedPull> served = accepting(dag, true);
    Listener listener = new Listener();
    client.open(spec(dag, false), new MemoryBlockStore(), listener);
    listener.responses.take();

    served.get().refuse(Optional.of(RESULT));

    assertEquals(ResponseStatus.FAILED, listener.carrier.get());
    TransferResponse refusal = listener.responses.take();
    assertEquals(MessageType.VOUCHER_RESULT, refusal.type());
    assertFalse(refusal.accepted());
    assertEquals(Optional.of(RESULT), refusal.result());
    assertEquals(RequestOutcome.REFUSED, listener.end.get().outcome());
  }

  @Test
  void givenAllIsSent_whenTheResponderRefuses_thenTheResultComesByStream() throws Exception {
    TestDag dag = TestDag.of(11, 2, 5, 100);
    CompletableFuture<ServedPull> finished = new CompletableFuture<>();
    provider.register(
        "Proposal/1",
        request ->
            PullDecision.accept(dag.store(), Optional.empty())
                .served(
                    RequestDecision.accept(dag.store())
                        .heardBy(
                            new ResponseListener() {
                              @Override
                              public void onFinished(ResponseStatus status) {
                                finished.complete(request.pull());
                              }
                            })));
    Listener listener = new Listener();
    client.open(spec(dag, false), new MemoryBlockStore(), listener);
    listener.responses.take();
    assertEquals(RequestOutcome.COMPLETED, listener.end.get().outcome());

    finished.get().refuse(Optional.of(RESULT)).get();

    TransferResponse refusal = listener.responses.take();
    assertFalse(refusal.accepted());
    assertEquals(Optional.of(RESULT), refusal.result());
  }

  @Test
  void givenInitiatorThatPauses_whenItRestarts_thenNothingFromBeforeIsTaken() throws Exception {
    TestDag dag = TestDag.of(11, 5, 40, 2000);
    BlockingQueue<PullRequest.PullKind> kinds = new LinkedBlockingQueue<>();
    provider.register(
        "Proposal/1",
        request -> {
          kinds.add(request.kind());
          return freely(dag, request);
        });
    CompletableFuture<Pull> pull = new CompletableFuture<>();
    Listener listener =
        new Listener() {
          @Override
          public void onVisit(VisitReport visit) {
            if (visit.number() == 50) {
              pull.join().pause();
            }
          }
        };
    MemoryBlockStore store = new MemoryBlockStore();
    pull.complete(client.open(spec(dag, false), store, listener));
    assertEquals(true, providerHears.updates.take());
    RequestResult paused = listener.end.get();
    assertEquals(RequestOutcome.CANCELLED, paused.outcome());
    assertEquals(50, paused.visits());

    Listener again = new Listener();
    client.open(spec(dag, true), store, again);

    RequestResult rest = again.end.get();
    assertEquals(RequestOutcome.COMPLETED, rest.outcome());
    assertEquals(dag.bytes(), paused.wireBytes() + rest.wireBytes());
    assertEquals(PullRequest.PullKind.NEW, kinds.take());
    assertEquals(PullRequest.PullKind.RESTART, kinds.take());
  }

  /** As Go initiators go on after a pause. */
  @Test
  void givenPausedInitiator_whenItAsksAgainWithAnUpdate_thenTheChannelGoesOn() throws Exception {
    TestDag dag = TestDag.of(13, 2, 5, 100);
    BlockingQueue<PullRequest.PullKind> kinds = new LinkedBlockingQueue<>();
    provider.register(
        "Proposal/1",
        request -> {
          kinds.add(request.kind());
          boolean first = request.kind() == PullRequest.PullKind.NEW;
          return PullDecision.accept(dag.store(), Optional.of(RESULT)).paused(first);
        });
    Listener listener = new Listener();
    Pull pull = client.open(spec(dag, false), new MemoryBlockStore(), listener);
    listener.responses.take();
    pull.pause().get();
    listener.end.get();
    Listener again = new Listener();

    client
        .graphsync()
        .request(
            providerHost.id(),
            RequestSpec.of(dag.root(), TestDag.ALL)
                .with(TransferExtensions.plain(TransferRequest.update(TRANSFER, false))),
            new MemoryBlockStore(),
            again);

    assertEquals(RequestOutcome.COMPLETED, again.end.get().outcome());
    assertEquals(PullRequest.PullKind.NEW, kinds.take());
    assertEquals(PullRequest.PullKind.RESUME, kinds.take());
  }

  @Test
  void givenCutConnection_whenResponderAsksForRestart_thenTheSameChannelGoesOn() throws Exception {
    TestDag dag = TestDag.of(12, 4, 10, 1000);
    BlockingQueue<PullRequest> requests = new LinkedBlockingQueue<>();
    provider.register(
        "Proposal/1",
        request -> {
          requests.add(request);
          boolean first = request.kind() == PullRequest.PullKind.NEW;
          return PullDecision.accept(dag.store(), Optional.of(RESULT))
              .served(
                  RequestDecision.accept(dag.store())
                      .charging(Exclusions.NONE)
                      .gated(
                          visit ->
                              first && visit.number() > 20
                                  ? request.pull().demand(List.of())
                                  : BlockGate.GateDecision.PASS));
        });
    MemoryBlockStore store = new MemoryBlockStore();
    CompletableFuture<Void> there = new CompletableFuture<>();
    Listener listener =
        new Listener() {
          @Override
          public void onVisit(VisitReport visit) {
            if (visit.number() == 20) {
              there.complete(null);
            }
          }
        };
    client.open(spec(dag, false), store, listener);
    there.get();
    network.cut(providerHost, clientHost);
    assertEquals(RequestOutcome.NETWORK, listener.end.get().outcome());

    requests.take().pull().askRestart().get();
    ChannelId channel = clientHears.restarts.take();
    Listener again = new Listener();
    client.open(spec(dag, true), store, again);

    assertEquals(TRANSFER, channel.transfer());
    assertEquals(PullRequest.PullKind.RESTART, requests.take().kind());
    assertEquals(MessageType.RESTART, again.responses.take().type());
    assertEquals(RequestOutcome.COMPLETED, again.end.get().outcome());
    assertEquals(25, again.end.get().wireBlocks());
  }

  @Test
  void givenEmptyCutAndCrowdedStreams_whenRead_thenWholeMessagesCount() throws Exception {
    byte[] voucher = TransferCodec.encode(TransferRequest.voucher(TRANSFER, VOUCHER));
    for (int length = 0; length < voucher.length; length++) {
      send(ByteBuffer.wrap(voucher, 0, length));
    }
    assertTrue(providerHears.vouchers.isEmpty());

    send(ByteBuffer.wrap(voucher), ByteBuffer.wrap(voucher));

    assertEquals(VOUCHER, providerHears.vouchers.take());
    assertEquals(VOUCHER, providerHears.vouchers.take());
  }

  private void send(ByteBuffer... bytes) throws IOException {
    Stream stream =
        clientHost.open(providerHost.id(), List.of(), List.of(TransferNetwork.PROTOCOL));
    stream.write(bytes);
    stream.close();
  }

  @Test
  void givenUnreachablePeer_whenSent_thenTheFutureFails() {
    network.reachable(clientHost, false);

    CompletableFuture<Void> sent =
        provider.send(clientHost.id(), List.of(), TransferResponse.cancel(TRANSFER));

    assertTrue(sent.handle((done, error) -> error instanceof IOException).join());
  }
}
