package io.sluice.fsm.transfer;

import static io.sluice.fsm.Recorder.taking;
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
import static io.sluice.fsm.transfer.TransferStatus.REQUESTED;
import static io.sluice.fsm.transfer.TransferStatus.RESPONDER_COMPLETED;
import static io.sluice.fsm.transfer.TransferStatus.RESPONDER_FINALIZING;
import static io.sluice.fsm.transfer.TransferStatus.RESPONDER_FINALIZING_TRANSFER_FINISHED;
import static io.sluice.fsm.transfer.TransferStatus.TRANSFER_FINISHED;
import static io.sluice.protocol.datatransfer.TransferEvent.ACCEPT;
import static io.sluice.protocol.datatransfer.TransferEvent.BEGIN_FINALIZING;
import static io.sluice.protocol.datatransfer.TransferEvent.CANCEL;
import static io.sluice.protocol.datatransfer.TransferEvent.CLEANUP_COMPLETE;
import static io.sluice.protocol.datatransfer.TransferEvent.COMPLETE;
import static io.sluice.protocol.datatransfer.TransferEvent.COMPLETE_CLEANUP_ON_RESTART;
import static io.sluice.protocol.datatransfer.TransferEvent.DATA_LIMIT_EXCEEDED;
import static io.sluice.protocol.datatransfer.TransferEvent.DATA_QUEUED;
import static io.sluice.protocol.datatransfer.TransferEvent.DATA_QUEUED_PROGRESS;
import static io.sluice.protocol.datatransfer.TransferEvent.DATA_RECEIVED;
import static io.sluice.protocol.datatransfer.TransferEvent.DATA_RECEIVED_PROGRESS;
import static io.sluice.protocol.datatransfer.TransferEvent.DATA_SENT;
import static io.sluice.protocol.datatransfer.TransferEvent.DATA_SENT_PROGRESS;
import static io.sluice.protocol.datatransfer.TransferEvent.DISCONNECTED;
import static io.sluice.protocol.datatransfer.TransferEvent.ERROR;
import static io.sluice.protocol.datatransfer.TransferEvent.FINISH_TRANSFER;
import static io.sluice.protocol.datatransfer.TransferEvent.NEW_VOUCHER;
import static io.sluice.protocol.datatransfer.TransferEvent.NEW_VOUCHER_RESULT;
import static io.sluice.protocol.datatransfer.TransferEvent.OPEN;
import static io.sluice.protocol.datatransfer.TransferEvent.OPENED;
import static io.sluice.protocol.datatransfer.TransferEvent.PAUSE_INITIATOR;
import static io.sluice.protocol.datatransfer.TransferEvent.PAUSE_RESPONDER;
import static io.sluice.protocol.datatransfer.TransferEvent.RECEIVE_DATA_ERROR;
import static io.sluice.protocol.datatransfer.TransferEvent.REQUEST_CANCELLED;
import static io.sluice.protocol.datatransfer.TransferEvent.REQUEST_TIMED_OUT;
import static io.sluice.protocol.datatransfer.TransferEvent.RESPONDER_BEGINS_FINALIZATION;
import static io.sluice.protocol.datatransfer.TransferEvent.RESPONDER_COMPLETES;
import static io.sluice.protocol.datatransfer.TransferEvent.RESTART;
import static io.sluice.protocol.datatransfer.TransferEvent.RESUME_INITIATOR;
import static io.sluice.protocol.datatransfer.TransferEvent.RESUME_RESPONDER;
import static io.sluice.protocol.datatransfer.TransferEvent.SEND_DATA_ERROR;
import static io.sluice.protocol.datatransfer.TransferEvent.SEND_MESSAGE_ERROR;
import static io.sluice.protocol.datatransfer.TransferEvent.SET_DATA_LIMIT;
import static io.sluice.protocol.datatransfer.TransferEvent.SET_REQUIRES_FINALIZATION;
import static io.sluice.protocol.datatransfer.TransferEvent.TRANSFER_INITIATED;
import static io.sluice.protocol.datatransfer.TransferEvent.TRANSFER_REQUEST_QUEUED;

import io.sluice.fsm.Recorder;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.transfer.TransferInput.Finalization;
import io.sluice.fsm.transfer.TransferInput.Given;
import io.sluice.fsm.transfer.TransferInput.Limit;
import io.sluice.fsm.transfer.TransferInput.Progress;
import io.sluice.fsm.transfer.TransferInput.Reason;
import io.sluice.protocol.datatransfer.TransferEvent;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Every legal move of a transfer channel.
 *
 * <pre>
 *  pull initiator             REQUESTED → AWAITING_ACCEPTANCE → ONGOING → TRANSFER_FINISHED ┐
 *  push initiator             REQUESTED → QUEUED → ONGOING → TRANSFER_FINISHED ─────────────┤
 *    told to pay first                      ONGOING → RESPONDER_FINALIZING → …              ├→ COMPLETING → COMPLETED
 *    told so before the last block          ONGOING → RESPONDER_COMPLETED ──────────────────┤
 *  responder                  REQUESTED → QUEUED → ONGOING ─────────────────────────────────┤
 *    waits for a last voucher               ONGOING → FINALIZING ───────────────────────────┘
 * </pre>
 *
 * <p>Spec: go-data-transfer v1.15.1 and v2.0.0, channel state machine; what differs is in the
 * package's description.
 */
public final class TransferTable {

  private TransferTable() {}

  /** Statuses in which what belongs to the channel is being released; each wants a step. */
  public static final Set<TransferStatus> CLEANUP =
      Collections.unmodifiableSet(EnumSet.of(COMPLETING, FAILING, CANCELLING));

  private static final Recorder<TransferChannel, TransferInput> KEEP = Recorder.unchanged();
  private static final Recorder<TransferChannel, TransferInput> TROUBLE =
      taking(Reason.class, TransferChannel::troubled);

  /**
   * The start of the machine, what the totals say, what TRANSFER_INITIATED replaced, what was given
   * up.
   */
  private static final Set<TransferEvent> NOT_OURS =
      EnumSet.of(
          OPEN,
          DATA_QUEUED_PROGRESS,
          DATA_SENT_PROGRESS,
          DATA_RECEIVED_PROGRESS,
          TRANSFER_REQUEST_QUEUED,
          REQUEST_TIMED_OUT);

  private static final Set<TransferStatus> BEFORE_THE_END =
      EnumSet.of(REQUESTED, QUEUED, AWAITING_ACCEPTANCE, ONGOING);

  /** The table. */
  public static final TransitionTable<TransferStatus, TransferEvent, TransferChannel, TransferInput>
      TABLE =
          TransitionTable.<TransferStatus, TransferEvent, TransferChannel, TransferInput>named(
                  "transfer", 1)
              .between(REQUESTED, EnumSet.of(COMPLETED, FAILED, CANCELLED))
              .storedAs(TransferChannel.CODEC, TransferInput.CODEC)
              .never(NOT_OURS)
              .heading("Agreeing")
              .row(REQUESTED, ACCEPT, QUEUED, KEEP)
              .row(REQUESTED, TRANSFER_INITIATED, AWAITING_ACCEPTANCE, KEEP)
              .row(AWAITING_ACCEPTANCE, ACCEPT, ONGOING, KEEP)
              .row(QUEUED, TRANSFER_INITIATED, ONGOING, KEEP)
              .record(EnumSet.of(RESPONDER_COMPLETED, RESPONDER_FINALIZING), ACCEPT, KEEP)
              .recordInAnyLive(TRANSFER_INITIATED, KEEP)
              .recordInAnyLive(OPENED, TransferChannel::cleared)
              .recordInAnyLive(RESTART, TransferChannel::cleared)
              .heading("Data")
              .recordInAnyLive(DATA_QUEUED, taking(Progress.class, TransferChannel::queued))
              .recordInAnyLive(DATA_SENT, taking(Progress.class, TransferChannel::sent))
              .recordInAnyLive(DATA_RECEIVED, taking(Progress.class, TransferChannel::received))
              .recordInAnyLive(SET_DATA_LIMIT, taking(Limit.class, TransferChannel::limited))
              .recordInAnyLive(DATA_LIMIT_EXCEEDED, TransferChannel::responderPaused)
              .heading("Vouchers")
              .recordInAnyLive(NEW_VOUCHER, taking(Given.class, TransferChannel::voucherGiven))
              .recordInAnyLive(
                  NEW_VOUCHER_RESULT, taking(Given.class, TransferChannel::resultGiven))
              .recordInAnyLive(
                  SET_REQUIRES_FINALIZATION,
                  taking(Finalization.class, TransferChannel::finalizationSet))
              .heading("Pausing")
              .recordInAnyLive(PAUSE_INITIATOR, TransferChannel::initiatorPaused)
              .recordInAnyLive(RESUME_INITIATOR, TransferChannel::initiatorResumed)
              .recordInAnyLive(PAUSE_RESPONDER, TransferChannel::responderPaused)
              .row(FINALIZING, RESUME_RESPONDER, COMPLETING, TransferChannel::responderResumed)
              .recordInAnyLive(RESUME_RESPONDER, TransferChannel::responderResumed)
              .heading("The initiator's end")
              .row(EnumSet.of(REQUESTED, QUEUED, ONGOING), FINISH_TRANSFER, TRANSFER_FINISHED, KEEP)
              .row(AWAITING_ACCEPTANCE, FINISH_TRANSFER, COMPLETING, KEEP) // all of it was local
              .row(RESPONDER_COMPLETED, FINISH_TRANSFER, COMPLETING, KEEP)
              .row(
                  RESPONDER_FINALIZING,
                  FINISH_TRANSFER,
                  RESPONDER_FINALIZING_TRANSFER_FINISHED,
                  KEEP)
              .recordInAnyLive(FINISH_TRANSFER, KEEP)
              .row(BEFORE_THE_END, RESPONDER_BEGINS_FINALIZATION, RESPONDER_FINALIZING, KEEP)
              .row(
                  TRANSFER_FINISHED,
                  RESPONDER_BEGINS_FINALIZATION,
                  RESPONDER_FINALIZING_TRANSFER_FINISHED,
                  KEEP)
              .recordInAnyLive(RESPONDER_BEGINS_FINALIZATION, KEEP)
              .row(BEFORE_THE_END, RESPONDER_COMPLETES, RESPONDER_COMPLETED, KEEP)
              .row(RESPONDER_FINALIZING, RESPONDER_COMPLETES, RESPONDER_COMPLETED, KEEP)
              .row(TRANSFER_FINISHED, RESPONDER_COMPLETES, COMPLETING, KEEP)
              .row(RESPONDER_FINALIZING_TRANSFER_FINISHED, RESPONDER_COMPLETES, COMPLETING, KEEP)
              .recordInAnyLive(RESPONDER_COMPLETES, KEEP)
              .heading("The responder's end")
              .row(BEFORE_THE_END, BEGIN_FINALIZING, FINALIZING, KEEP)
              .recordInAnyLive(BEGIN_FINALIZING, KEEP)
              .record(CLEANUP, COMPLETE, KEEP)
              .fromAnyLive(COMPLETE, COMPLETING, KEEP)
              .heading("Trouble")
              .recordInAnyLive(DISCONNECTED, TROUBLE)
              .recordInAnyLive(SEND_DATA_ERROR, TROUBLE)
              .recordInAnyLive(RECEIVE_DATA_ERROR, TROUBLE)
              .recordInAnyLive(SEND_MESSAGE_ERROR, TROUBLE)
              .recordInAnyLive(REQUEST_CANCELLED, TROUBLE)
              .record(CLEANUP, ERROR, TROUBLE)
              .fromAnyLive(ERROR, FAILING, TROUBLE)
              .record(CLEANUP, CANCEL, KEEP)
              .fromAnyLive(CANCEL, CANCELLING, KEEP)
              .heading("Releasing")
              .row(COMPLETING, CLEANUP_COMPLETE, COMPLETED, KEEP)
              .row(FAILING, CLEANUP_COMPLETE, FAILED, KEEP)
              .row(CANCELLING, CLEANUP_COMPLETE, CANCELLED, KEEP)
              .again(CLEANUP, COMPLETE_CLEANUP_ON_RESTART, KEEP)
              .build();
}
