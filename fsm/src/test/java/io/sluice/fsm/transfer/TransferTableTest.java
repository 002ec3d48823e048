package io.sluice.fsm.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.ACCEPT;
import static io.sluice.fsm.transfer.TransferChannelEvent.BEGIN_FINALIZING;
import static io.sluice.fsm.transfer.TransferChannelEvent.CANCEL;
import static io.sluice.fsm.transfer.TransferChannelEvent.CLEANUP_COMPLETE;
import static io.sluice.fsm.transfer.TransferChannelEvent.COMPLETE;
import static io.sluice.fsm.transfer.TransferChannelEvent.DATA_RECEIVED;
import static io.sluice.fsm.transfer.TransferChannelEvent.ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.FINISH_TRANSFER;
import static io.sluice.fsm.transfer.TransferChannelEvent.NEW_VOUCHER;
import static io.sluice.fsm.transfer.TransferChannelEvent.NEW_VOUCHER_RESULT;
import static io.sluice.fsm.transfer.TransferChannelEvent.PAUSE_INITIATOR;
import static io.sluice.fsm.transfer.TransferChannelEvent.PAUSE_RESPONDER;
import static io.sluice.fsm.transfer.TransferChannelEvent.RECEIVE_DATA_ERROR;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESPONDER_BEGINS_FINALIZATION;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESPONDER_COMPLETES;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESTART;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESUME_INITIATOR;
import static io.sluice.fsm.transfer.TransferChannelEvent.RESUME_RESPONDER;
import static io.sluice.fsm.transfer.TransferChannelEvent.TRANSFER_INITIATED;
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
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.EventType;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.engine.TableContract;
import io.sluice.fsm.replay.DealScenario;
import io.sluice.fsm.transfer.TransferInput.ErrorText;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TransferTableTest extends TableContract<TransferStatus, TransferChannel, TransferInput> {

  private static final TransferInput.NoInput NOTHING = TransferInput.none();

  @Override
  protected TransitionTable<TransferStatus, TransferChannel, TransferInput> table() {
    return TransferTable.TABLE;
  }

  @Override
  protected TransferChannel data(TransferStatus state) {
    return Channels.opened(true, true)
        .received(new Totals(1 << 20, 17))
        .voucherGiven(new TransferInput.TransferVoucher(new TypedVoucher("Pay/1", Node.of(7))));
  }

  @Override
  protected TransferInput input(EventType<?> event, Random random) {
    return switch (event.name()) {
      case "DATA_QUEUED", "DATA_SENT", "DATA_RECEIVED" ->
          new Totals(random.nextInt(1 << 30), random.nextInt(1000));
      case "SET_DATA_LIMIT" -> new TransferInput.DataLimit(random.nextInt(1 << 30));
      case "SET_REQUIRES_FINALIZATION" ->
          new TransferInput.RequiresFinalization(random.nextBoolean());
      case "NEW_VOUCHER", "NEW_VOUCHER_RESULT" ->
          new TransferInput.TransferVoucher(new TypedVoucher("Pay/1", Node.of(random.nextInt())));
      case "DISCONNECTED",
          "SEND_DATA_ERROR",
          "RECEIVE_DATA_ERROR",
          "SEND_MESSAGE_ERROR",
          "REQUEST_CANCELLED",
          "ERROR" ->
          new ErrorText("no route, " + random.nextInt());
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

  private static DealScenario<TransferStatus, TransferChannel, TransferInput> pull() {
    return DealScenario.of(TransferTable.TABLE, Channels.opened(true, true))
        .on(TRANSFER_INITIATED, NOTHING, AWAITING_ACCEPTANCE);
  }

  private static DealScenario<TransferStatus, TransferChannel, TransferInput> ongoing() {
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
        .on(DATA_RECEIVED, new Totals(10, 1), RESPONDER_COMPLETED)
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
        .on(ERROR, new ErrorText("late"), COMPLETING)
        .on(CLEANUP_COMPLETE, NOTHING, COMPLETED)
        .refuses(CANCEL);
    ongoing()
        .on(CANCEL, NOTHING, CANCELLING)
        .on(COMPLETE, NOTHING, CANCELLING)
        .on(CLEANUP_COMPLETE, NOTHING, CANCELLED);
    ongoing()
        .on(ERROR, new ErrorText("no space"), FAILING)
        .on(RESPONDER_COMPLETES, NOTHING, FAILING)
        .on(CLEANUP_COMPLETE, NOTHING, FAILED);
  }

  @Test
  void givenTroubleThatPasses_thenItsTextGoes() {
    ongoing()
        .on(RECEIVE_DATA_ERROR, new ErrorText("cut"), ONGOING)
        .holds("the text is kept", channel -> channel.message().equals("cut"))
        .on(RESTART, NOTHING, ONGOING)
        .holds("the text is gone", channel -> channel.message().isEmpty());
  }

  @Test
  void givenReportsThatOvertakeEachOther_thenTotalsNeverFall() {
    ongoing()
        .on(DATA_RECEIVED, new Totals(100, 3), ONGOING)
        .on(DATA_RECEIVED, new Totals(50, 4), ONGOING)
        .holds("the further of each", channel -> channel.received().equals(new Totals(100, 4)));
  }

  @Test
  void givenAPeersEndlessReason_thenCut() {
    ongoing()
        .on(ERROR, new ErrorText("x".repeat(5000)), FAILING)
        .holds("1,024 are kept", channel -> channel.message().length() == 1024);
  }

  @Test
  void givenVouchersAndResults_thenCountedAndTheNewestKept() {
    ongoing()
        .on(NEW_VOUCHER, given(1), ONGOING)
        .on(NEW_VOUCHER, given(2), ONGOING)
        .on(NEW_VOUCHER_RESULT, given(3), ONGOING)
        .holds("two vouchers", channel -> channel.vouchers().equals(exchanged(2, 2, 2)))
        .holds("one result", channel -> channel.results().equals(exchanged(1, 3, 0)))
        .on(RESUME_RESPONDER, NOTHING, ONGOING)
        .holds("one is answered", channel -> channel.vouchers().equals(exchanged(2, 2, 1)))
        .on(RESUME_RESPONDER, NOTHING, ONGOING)
        .on(RESUME_RESPONDER, NOTHING, ONGOING)
        .holds("and both, once", channel -> channel.vouchers().equals(exchanged(2, 2, 0)))
        .replays();
  }

  private static TransferInput.TransferVoucher given(int number) {
    return new TransferInput.TransferVoucher(new TypedVoucher("Pay/1", Node.of(number)));
  }

  private static TransferChannel.Exchanged exchanged(long count, int last, long open) {
    return new TransferChannel.Exchanged(count, Optional.of(given(last).voucher()), open);
  }

  /** Who opens a pull receives; who opens a push sends. */
  @Test
  void givenBothEndsOfBothKinds_thenOneOfThemSends() {
    for (boolean pull : List.of(true, false)) {
      assertEquals(!pull, Channels.opened(true, pull).opening().sending());
      assertEquals(pull, Channels.opened(false, pull).opening().sending());
    }
  }

  /** Source: go-data-transfer v1.15.1, statuses.go; the two above 15 are of v2.0.0. */
  @Test
  void givenGosNumbers_thenEachStatusHasItsOwn() {
    assertEquals(
        List.of(0, 17, 18, 1, 2, 3, 14, 15, 4, 5, 7, 9, 6, 8, 10),
        Stream.of(TransferStatus.values()).map(TransferStatus::code).toList());
  }

  @Test
  void explanationShowsThePictureOfTheReference() throws IOException {
    Path docs = Path.of("..", "docs");
    String reference = Files.readString(docs.resolve("reference/transfer-states.md"));
    int begin = reference.indexOf("```mermaid");
    String picture = reference.substring(begin, reference.indexOf("```\n", begin + 3) + 4);

    assertTrue(
        Files.readString(docs.resolve("explanation/transfers.md")).contains(picture),
        "docs/explanation/transfers.md is stale");
  }
}
