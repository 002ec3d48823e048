package io.sluice.fsm.transfer;

import static io.sluice.fsm.transfer.TransferStatus.AWAITING_ACCEPTANCE;
import static io.sluice.fsm.transfer.TransferStatus.CANCELLED;
import static io.sluice.fsm.transfer.TransferStatus.CANCELLING;
import static io.sluice.fsm.transfer.TransferStatus.COMPLETED;
import static io.sluice.fsm.transfer.TransferStatus.COMPLETING;
import static io.sluice.fsm.transfer.TransferStatus.FAILED;
import static io.sluice.fsm.transfer.TransferStatus.FAILING;
import static io.sluice.fsm.transfer.TransferStatus.FINALIZING;
import static io.sluice.fsm.transfer.TransferStatus.ONGOING;
import static io.sluice.fsm.transfer.TransferStatus.QUEUED;
import static io.sluice.fsm.transfer.TransferStatus.RESPONDER_COMPLETED;
import static io.sluice.fsm.transfer.TransferStatus.RESPONDER_FINALIZING;
import static io.sluice.fsm.transfer.TransferStatus.RESPONDER_FINALIZING_TRANSFER_FINISHED;
import static io.sluice.fsm.transfer.TransferStatus.TRANSFER_FINISHED;
import static io.sluice.protocol.datatransfer.TransferEvent.ACCEPT;
import static io.sluice.protocol.datatransfer.TransferEvent.BEGIN_FINALIZING;
import static io.sluice.protocol.datatransfer.TransferEvent.CANCEL;
import static io.sluice.protocol.datatransfer.TransferEvent.CLEANUP_COMPLETE;
import static io.sluice.protocol.datatransfer.TransferEvent.COMPLETE;
import static io.sluice.protocol.datatransfer.TransferEvent.DATA_RECEIVED;
import static io.sluice.protocol.datatransfer.TransferEvent.ERROR;
import static io.sluice.protocol.datatransfer.TransferEvent.FINISH_TRANSFER;
import static io.sluice.protocol.datatransfer.TransferEvent.PAUSE_INITIATOR;
import static io.sluice.protocol.datatransfer.TransferEvent.PAUSE_RESPONDER;
import static io.sluice.protocol.datatransfer.TransferEvent.RECEIVE_DATA_ERROR;
import static io.sluice.protocol.datatransfer.TransferEvent.RESPONDER_BEGINS_FINALIZATION;
import static io.sluice.protocol.datatransfer.TransferEvent.RESPONDER_COMPLETES;
import static io.sluice.protocol.datatransfer.TransferEvent.RESTART;
import static io.sluice.protocol.datatransfer.TransferEvent.RESUME_INITIATOR;
import static io.sluice.protocol.datatransfer.TransferEvent.RESUME_RESPONDER;
import static io.sluice.protocol.datatransfer.TransferEvent.TRANSFER_INITIATED;

import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.engine.TableContract;
import io.sluice.fsm.replay.DealScenario;
import io.sluice.fsm.transfer.TransferInput.Progress;
import io.sluice.fsm.transfer.TransferInput.Reason;
import io.sluice.protocol.datatransfer.TransferEvent;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TransferTableTest
    extends TableContract<TransferStatus, TransferEvent, TransferChannel, TransferInput> {

  private static final TransferInput NOTHING = TransferInput.nothing();

  @Override
  protected TransitionTable<TransferStatus, TransferEvent, TransferChannel, TransferInput> table() {
    return TransferTable.TABLE;
  }

  @Override
  protected TransferChannel data(TransferStatus state) {
    return Channels.opened(true, true)
        .received(new Progress(1 << 20, 17))
        .voucherGiven(new TransferInput.Given(new TypedVoucher("Pay/1", Node.of(7))));
  }

  @Override
  protected TransferInput input(TransferEvent event, Random random) {
    return switch (event) {
      case DATA_QUEUED, DATA_SENT, DATA_RECEIVED ->
          new Progress(random.nextInt(1 << 30), random.nextInt(1000));
      case SET_DATA_LIMIT -> new TransferInput.Limit(random.nextInt(1 << 30));
      case SET_REQUIRES_FINALIZATION -> new TransferInput.Finalization(random.nextBoolean());
      case NEW_VOUCHER, NEW_VOUCHER_RESULT ->
          new TransferInput.Given(new TypedVoucher("Pay/1", Node.of(random.nextInt())));
      case DISCONNECTED,
          SEND_DATA_ERROR,
          RECEIVE_DATA_ERROR,
          SEND_MESSAGE_ERROR,
          REQUEST_CANCELLED,
          ERROR ->
          new Reason("no route, " + random.nextInt());
      default -> NOTHING;
    };
  }

  @Override
  protected Page page() {
    return new Page(
        "transfer-states.md",
        "States of a transfer",
        """
        The machine of one data-transfer channel, at either end of it. Its events are those of
        go-data-transfer, its statuses those of go-data-transfer v2: a pause is a flag beside the
        status. Statuses are local, peers never see them.
        """);
  }

  private static DealScenario<TransferStatus, TransferEvent, TransferChannel, TransferInput>
      pull() {
    return DealScenario.of(TransferTable.TABLE, Channels.opened(true, true))
        .on(TRANSFER_INITIATED, NOTHING, AWAITING_ACCEPTANCE);
  }

  private static DealScenario<TransferStatus, TransferEvent, TransferChannel, TransferInput>
      ongoing() {
    return pull().on(ACCEPT, NOTHING, ONGOING);
  }

  @Test
  void givenEverythingLocal_whenFinishedBeforeAcceptance_thenCompleting() {
    pull()
        .on(FINISH_TRANSFER, NOTHING, COMPLETING)
        .on(CLEANUP_COMPLETE, NOTHING, COMPLETED)
        .ended()
        .replays();
  }

  @Test
  void givenAcceptanceBeforeTheTransport_thenOngoingAllTheSame() {
    DealScenario.of(TransferTable.TABLE, Channels.opened(true, true))
        .on(ACCEPT, NOTHING, QUEUED)
        .on(TRANSFER_INITIATED, NOTHING, ONGOING);
  }

  @Test
  void givenSecondAcceptance_thenRefused() {
    ongoing().refuses(ACCEPT);
  }

  @Test
  void givenCompleteOvertakesTheLastBlocks_thenStillCompleted() {
    ongoing()
        .on(RESPONDER_COMPLETES, NOTHING, RESPONDER_COMPLETED)
        .on(DATA_RECEIVED, new Progress(10, 1), RESPONDER_COMPLETED)
        .on(FINISH_TRANSFER, NOTHING, COMPLETING)
        .on(CLEANUP_COMPLETE, NOTHING, COMPLETED);
  }

  @Test
  void givenCompleteOvertakesTheAcceptance_thenStillCompleted() {
    pull()
        .on(RESPONDER_COMPLETES, NOTHING, RESPONDER_COMPLETED)
        .on(ACCEPT, NOTHING, RESPONDER_COMPLETED)
        .on(FINISH_TRANSFER, NOTHING, COMPLETING);
  }

  @Test
  void givenFinalCompleteOvertakesTheDemand_thenTheDemandChangesNothing() {
    ongoing()
        .on(RESPONDER_COMPLETES, NOTHING, RESPONDER_COMPLETED)
        .on(RESPONDER_BEGINS_FINALIZATION, NOTHING, RESPONDER_COMPLETED)
        .on(FINISH_TRANSFER, NOTHING, COMPLETING)
        .on(RESPONDER_BEGINS_FINALIZATION, NOTHING, COMPLETING);
  }

  @Test
  void givenLastVoucherWanted_thenAllTheWay() {
    ongoing()
        .on(RESPONDER_BEGINS_FINALIZATION, NOTHING, RESPONDER_FINALIZING)
        .on(FINISH_TRANSFER, NOTHING, RESPONDER_FINALIZING_TRANSFER_FINISHED)
        .on(RESPONDER_BEGINS_FINALIZATION, NOTHING, RESPONDER_FINALIZING_TRANSFER_FINISHED)
        .on(RESPONDER_COMPLETES, NOTHING, COMPLETING);
  }

  @Test
  void givenResponderWaitsForTheLastVoucher_whenResumed_thenCompleting() {
    ongoing()
        .on(BEGIN_FINALIZING, NOTHING, FINALIZING)
        .on(PAUSE_RESPONDER, NOTHING, FINALIZING)
        .on(RESUME_RESPONDER, NOTHING, COMPLETING)
        .holds("nobody is paused", channel -> !channel.paused());
  }

  @Test
  void givenPausesOfBoth_thenTwoFlagsAndOneStatus() {
    ongoing()
        .on(PAUSE_INITIATOR, NOTHING, ONGOING)
        .on(PAUSE_RESPONDER, NOTHING, ONGOING)
        .on(RESUME_INITIATOR, NOTHING, ONGOING)
        .holds("the responder is still paused", TransferChannel::paused)
        .on(RESUME_RESPONDER, NOTHING, ONGOING)
        .on(RESUME_RESPONDER, NOTHING, ONGOING)
        .holds("data may flow", channel -> !channel.paused());
  }

  @Test
  void givenPauseAfterTheData_thenStatusStays() {
    ongoing()
        .on(FINISH_TRANSFER, NOTHING, TRANSFER_FINISHED)
        .on(PAUSE_RESPONDER, NOTHING, TRANSFER_FINISHED)
        .on(RESPONDER_COMPLETES, NOTHING, COMPLETING);
  }

  @Test
  void givenCleanup_thenNothingElseLeadsOut() {
    ongoing()
        .on(COMPLETE, NOTHING, COMPLETING)
        .on(CANCEL, NOTHING, COMPLETING)
        .on(ERROR, new Reason("late"), COMPLETING)
        .on(CLEANUP_COMPLETE, NOTHING, COMPLETED)
        .refuses(CANCEL);
    ongoing()
        .on(CANCEL, NOTHING, CANCELLING)
        .on(COMPLETE, NOTHING, CANCELLING)
        .on(CLEANUP_COMPLETE, NOTHING, CANCELLED);
    ongoing()
        .on(ERROR, new Reason("no space"), FAILING)
        .on(RESPONDER_COMPLETES, NOTHING, FAILING)
        .on(CLEANUP_COMPLETE, NOTHING, FAILED);
  }

  @Test
  void givenTroubleThatPasses_thenItsTextGoes() {
    ongoing()
        .on(RECEIVE_DATA_ERROR, new Reason("cut"), ONGOING)
        .holds("the text is kept", channel -> channel.message().equals("cut"))
        .on(RESTART, NOTHING, ONGOING)
        .holds("the text is gone", channel -> channel.message().isEmpty());
  }

  @Test
  void givenReportsThatOvertakeEachOther_thenTotalsNeverFall() {
    ongoing()
        .on(DATA_RECEIVED, new Progress(100, 3), ONGOING)
        .on(DATA_RECEIVED, new Progress(50, 4), ONGOING)
        .holds("the further of each", channel -> channel.received().equals(new Flow(100, 4)));
  }

  @Test
  void givenAPeersEndlessReason_thenCut() {
    ongoing()
        .on(ERROR, new Reason("x".repeat(5000)), FAILING)
        .holds("1,024 are kept", channel -> channel.message().length() == 1024);
  }
}
