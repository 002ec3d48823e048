package io.sluice.protocol.datatransfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.MemoryNetwork;
import io.sluice.protocol.graphsync.MemoryNetwork.MemoryHost;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pushes between two endpoints: who asks for what, and what is said on the way. */
@Timeout(60)
class PushTest {
  private static final TypedVoucher VOUCHER =
      new TypedVoucher("Push/1", Node.map().put("Size", 5).build());
  private static final TypedVoucher RESULT =
      new TypedVoucher("Result/1", Node.map().put("Reason", "full").build());
  private static final long TRANSFER = 1_795_262_260_998_179_499L;

  private final MemoryNetwork network = new MemoryNetwork();
  private final MemoryHost senderHost = network.host(1);
  private final MemoryHost recipientHost = network.host(2);
  private final HeardMessages senderHears = new HeardMessages();
  private final HeardMessages recipientHears = new HeardMessages();
  private final DataTransfer sender =
      DataTransfer.start(senderHost, GraphsyncConfig.defaults(), senderHears);
  private final DataTransfer recipient =
      DataTransfer.start(recipientHost, GraphsyncConfig.defaults(), recipientHears);

  private final TestDag dag = TestDag.of(1, 3, 10, 1000);
  private final MemoryBlockStore taken = new MemoryBlockStore();
  private final BlockingQueue<PushRequest> asked = new LinkedBlockingQueue<>();
  private final Sending sending = new Sending();
  private final Taking taking = new Taking();

  @AfterEach
  void close() {
    sender.close();
    recipient.close();
  }

  /** The sender's ears. */
  private final class Sending implements PushListener {
    final BlockingQueue<TransferResponse> responses = new LinkedBlockingQueue<>();
    final BlockingQueue<Exclusions> requests = new LinkedBlockingQueue<>();
    final BlockingQueue<ResponseStatus> ends = new LinkedBlockingQueue<>();
    volatile Runnable onWord = () -> {};

    @Override
    public void onTransfer(TransferResponse response) {
      onWord.run();
      responses.add(response);
    }

    @Override
    public RequestDecision.Serve onAsked(Exclusions exclusions) {
      requests.add(exclusions);
      return RequestDecision.accept(dag.store())
          .alone(true)
          .heardBy(
              new ResponseListener() {
                @Override
                public void onFinished(ResponseStatus status) {
                  ends.add(status);
                }
              });
    }
  }

  /** The recipient's ears. */
  private static final class Taking implements RequestListener {
    final BlockingQueue<VisitReport> visits = new LinkedBlockingQueue<>();
    final BlockingQueue<RequestResult> ends = new LinkedBlockingQueue<>();

    @Override
    public void onVisit(VisitReport visit) {
      visits.add(visit);
    }

    @Override
    public void onEnd(RequestResult result) {
      ends.add(result);
    }
  }

  private PushSpec spec(boolean restart) {
    return new PushSpec(
        recipientHost.id(), List.of(), TRANSFER, restart, dag.root(), TestDag.ALL, VOUCHER);
  }

  private void accepting(boolean paused) {
    recipient.receivePushes(
        request -> {
          asked.add(request);
          return new PushDecision.Accept(
              Optional.of(RESULT), paused, taken, taking, Optional.empty());
        });
  }

  private RequestResult nextEnd() {
    try {
      return taking.ends.take();
    } catch (InterruptedException e) { // a test that takes too long
      throw new AssertionError(e);
    }
  }

  /** The recipient asks the sender for data by itself, as if it had been asked to take them. */
  private Taking askingFor(TestDag what) {
    Taking greedy = new Taking();
    recipient
        .graphsync()
        .request(
            senderHost.id(),
            RequestSpec.of(what.root(), TestDag.ALL)
                .with(
                    TransferExtensions.plain(
                        TransferResponse.answer(false, TRANSFER, true, false, Optional.empty()))),
            new MemoryBlockStore(),
            greedy);
    return greedy;
  }

  @Test
  void givenPush_whenAccepted_thenTheRecipientAsksAndSaysThatItHasAll() throws Exception {
    accepting(false);

    Push push = sender.push(spec(false), sending);

    PushRequest request = asked.take();
    assertEquals(push.channel(), request.channel());
    assertEquals(senderHost.id(), request.channel().initiator());
    assertEquals(dag.root(), request.root());
    assertEquals(VOUCHER, request.voucher());
    assertFalse(request.restart());
    push.opened().get();
    assertEquals(
        List.of(
            TransferEvent.NEW_VOUCHER_RESULT, TransferEvent.ACCEPT, TransferEvent.RESUME_RESPONDER),
        TransferEvent.of(sending.responses.take()));
    RequestResult result = taking.ends.take();
    assertEquals(RequestOutcome.COMPLETED, result.outcome());
    assertEquals(dag.bytes(), result.wireBytes());
    assertEquals(ResponseStatus.COMPLETED, sending.ends.take());

    request.push().complete(false, Optional.empty()).get();

    assertEquals(
        List.of(TransferEvent.RESPONDER_COMPLETES), TransferEvent.of(sending.responses.take()));
  }

  @Test
  void givenRefusal_thenItComesByStreamWithItsResultAndNothingIsAskedFor() throws Exception {
    recipient.receivePushes(request -> PushDecision.reject(Optional.of(RESULT)));

    sender.push(spec(false), sending);

    TransferResponse refused = sending.responses.take();
    assertEquals(MessageType.NEW, refused.type());
    assertEquals(
        List.of(TransferEvent.NEW_VOUCHER_RESULT, TransferEvent.ERROR), TransferEvent.of(refused));
    assertTrue(sending.requests.isEmpty());
  }

  @Test
  void givenNobodyWhoDecides_thenPushesAreRefused() throws Exception {
    sender.push(spec(true), sending);

    TransferResponse refused = sending.responses.take();
    assertEquals(MessageType.RESTART, refused.type());
    assertFalse(refused.accepted());
  }

  @Test
  void givenPushThatIsReplacedWhileItsRequestComes_thenNobodyIsAskedToServeIt() throws Exception {
    CompletableFuture<RequestResult> first = new CompletableFuture<>();
    recipient.receivePushes(
        request -> {
          if (request.restart()) { // else the recipient itself might end the first one before
            first.complete(nextEnd());
          }
          return new PushDecision.Accept(
              Optional.of(RESULT), false, taken, taking, Optional.empty());
        });
    sending.onWord =
        () -> {
          sending.onWord = () -> {};
          sender.push(spec(true), sending);
        };

    sender.push(spec(false), sending);

    assertEquals(RequestOutcome.REFUSED, first.get().outcome());
    assertEquals(RequestOutcome.COMPLETED, taking.ends.take().outcome());
    assertEquals(ResponseStatus.COMPLETED, sending.ends.take());
    assertEquals(1, sending.requests.size());
  }

  @Test
  void givenRestart_whenSomeIsThere_thenOnlyTheRestIsSent() throws Exception {
    accepting(false);
    long here = 0;
    for (Cid cid :
        List.of( // in the order of the walk
            dag.root(),
            dag.groups().getFirst(),
            dag.leaves().get(0),
            dag.leaves().get(1),
            dag.leaves().get(2))) {
      Block block = dag.store().get(cid).orElseThrow();
      taken.put(block);
      here += block.data().remaining();
    }

    sender.push(spec(true), sending);

    assertTrue(asked.take().restart());
    assertEquals(MessageType.RESTART, sending.responses.take().type());
    assertEquals(5, sending.requests.take().skipFirst());
    assertEquals(dag.bytes() - here, taking.ends.take().wireBytes());
  }

  @Test
  void givenDataAskedForThatIsNotPushed_thenNothingIsServed() throws Exception {
    TestDag other = TestDag.of(7, 1, 1, 10);
    accepting(true); // asks for nothing by itself
    sender.push(spec(false), sending);
    asked.take();
    sending.responses.take();

    Taking greedy = askingFor(other);

    assertEquals(Optional.of(ResponseStatus.FAILED), greedy.ends.take().status());
  }

  @Test
  void givenUnknownPush_whenItsDataAreAskedFor_thenRefused() throws Exception {

    Taking greedy = askingFor(dag);

    assertEquals(Optional.of(ResponseStatus.FAILED), greedy.ends.take().status());
    assertTrue(sending.requests.isEmpty());
  }

  @Test
  void givenPausedAcceptance_whenItIsBegunAgain_thenBlocksFlow() throws Exception {
    accepting(true);
    sender.push(spec(false), sending);
    asked.take();
    TransferResponse accepted = sending.responses.take();
    assertTrue(accepted.accepted() && accepted.paused());
    assertTrue(sending.requests.isEmpty());

    accepting(false);
    sender.push(spec(true), sending);

    TransferResponse again = sending.responses.take();
    assertEquals(MessageType.RESTART, again.type());
    assertFalse(again.paused());
    assertEquals(RequestOutcome.COMPLETED, taking.ends.take().outcome());
  }

  @Test
  void givenRecipientThatPauses_whenItIsBegunAgain_thenNothingFromBeforeIsTaken() throws Exception {
    recipient.receivePushes(
        request -> {
          boolean first = asked.isEmpty();
          asked.add(request);
          return new PushDecision.Accept(
              Optional.of(RESULT),
              false,
              taken,
              new RequestListener() {
                @Override
                public void onVisit(VisitReport visit) {
                  taking.onVisit(visit);
                  if (first && visit.number() == 10) {
                    request.push().pause();
                  }
                }

                @Override
                public void onEnd(RequestResult result) {
                  taking.onEnd(result);
                }
              },
              Optional.empty());
        });
    sender.push(spec(false), sending);
    RequestResult paused = taking.ends.take();
    assertEquals(RequestOutcome.CANCELLED, paused.outcome());
    assertEquals(10, paused.visits());

    sender.push(spec(true), sending);

    RequestResult rest = taking.ends.take();
    assertEquals(RequestOutcome.COMPLETED, rest.outcome());
    assertEquals(dag.bytes(), paused.wireBytes() + rest.wireBytes());
  }

  @Test
  void givenSenderThatPausedBefore_whenItResumes_thenBlocksFlowAndBothAreSaid() throws Exception {
    accepting(false);
    Push push = sender.push(spec(false), sending);
    push.pause().get();
    assertTrue(recipientHears.updates.take());

    push.resume();

    assertFalse(recipientHears.updates.take());
    assertEquals(RequestOutcome.COMPLETED, taking.ends.take().outcome());
  }

  @Test
  void givenVouchers_thenTheyAreHeardAndAnswered() throws Exception {
    accepting(true);
    Push push = sender.push(spec(false), sending);
    PushRequest request = asked.take();
    sending.responses.take();

    push.sendVoucher(VOUCHER).get();

    assertEquals(VOUCHER, recipientHears.vouchers.take());
    request.push().sendResult(true, true, Optional.of(RESULT)).get();
    assertEquals(Optional.of(RESULT), sending.responses.take().result());
  }

  @Test
  void givenSenderThatCancels_thenBothStop() throws Exception {
    accepting(true);
    Push push = sender.push(spec(false), sending);
    asked.take();
    sending.responses.take();

    push.cancel().get();

    assertEquals(push.channel(), recipientHears.cancels.take());
    assertTrue(sending.requests.isEmpty());
    assertTrue(taking.ends.isEmpty());
  }

  @Test
  void givenRecipientThatCancels_thenTheSenderHearsIt() throws Exception {
    accepting(true);
    sender.push(spec(false), sending);
    PushRequest request = asked.take();
    sending.responses.take();

    request.push().cancel().get();

    assertEquals(MessageType.CANCEL, sending.responses.take().type());
    assertTrue(sending.requests.isEmpty());
  }

  @Test
  void givenRecipientThatAsksForRestart_thenTheSenderHearsWhichChannel() throws Exception {
    ChannelId channel = new ChannelId(senderHost.id(), recipientHost.id(), TRANSFER);

    recipient.received(channel).askRestart().get();

    assertEquals(channel, senderHears.restarts.take());
  }

  @Test
  void givenCompletedPush_whenOfferedAgain_thenToldSoWithoutBeingAskedForAnything()
      throws Exception {
    recipient.receivePushes(request -> new PushDecision.Complete());

    sender.push(spec(true), sending);

    assertEquals(
        List.of(TransferEvent.RESPONDER_COMPLETES), TransferEvent.of(sending.responses.take()));
    assertTrue(sending.requests.isEmpty());
  }
}
