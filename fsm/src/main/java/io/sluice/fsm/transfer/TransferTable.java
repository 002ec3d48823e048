package io.sluice.fsm.transfer;

import static io.sluice.fsm.transfer.TransferChannelEvent.*;
import static io.sluice.fsm.transfer.TransferStatus.*;

import io.sluice.fsm.Recorder;
import io.sluice.fsm.TransitionTable;
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
 * <p>Deals raise openings, acceptances, what is queued and received, pauses, restarts and ends, and
 * keep vouchers and limits in their own history. The manager of transfers that are no deals raises
 * the others.
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
  private static final Set<TransferStatus> BEFORE_THE_END =
      EnumSet.of(REQUESTED, QUEUED, AWAITING_ACCEPTANCE, ONGOING);

  /** The table. */
  public static final TransitionTable<TransferStatus, TransferChannel, TransferInput> TABLE =
      TransitionTable.<TransferStatus, TransferChannel, TransferInput>named(
              "transfer", 3, TransferChannelEvent.ALL)
          .between(REQUESTED, EnumSet.of(COMPLETED, FAILED, CANCELLED))
          .storedAs(TransferChannel.CODEC, TransferInput.CODEC)
          .heading("Agreeing")
          .row(REQUESTED, ACCEPT, QUEUED, KEEP)
          .row(REQUESTED, TRANSFER_INITIATED, AWAITING_ACCEPTANCE, KEEP)
          .row(AWAITING_ACCEPTANCE, ACCEPT, ONGOING, KEEP)
          .row(QUEUED, TRANSFER_INITIATED, ONGOING, KEEP)
          .record(EnumSet.of(RESPONDER_COMPLETED, RESPONDER_FINALIZING), ACCEPT, KEEP)
          .recordInAnyLive(TRANSFER_INITIATED, KEEP)
          .record(CLEANUP, OPENED, KEEP) // why it ends is not forgotten
          .recordInAnyLive(OPENED, TransferChannel::cleared)
          .record(CLEANUP, RESTART, KEEP)
          .recordInAnyLive(RESTART, TransferChannel::cleared)
          .heading("Data")
          .recordInAnyLive(DATA_QUEUED, TransferChannel::queued)
          .recordInAnyLive(DATA_SENT, TransferChannel::sent)
          .recordInAnyLive(DATA_RECEIVED, TransferChannel::received)
          .recordInAnyLive(SET_DATA_LIMIT, TransferChannel::limited)
          .recordInAnyLive(DATA_LIMIT_EXCEEDED, TransferChannel::responderPaused)
          .heading("Vouchers")
          .recordInAnyLive(NEW_VOUCHER, TransferChannel::voucherGiven)
          .recordInAnyLive(NEW_VOUCHER_RESULT, TransferChannel::resultGiven)
          .recordInAnyLive(SET_REQUIRES_FINALIZATION, TransferChannel::finalizationSet)
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
          .row(RESPONDER_FINALIZING, FINISH_TRANSFER, RESPONDER_FINALIZING_TRANSFER_FINISHED, KEEP)
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
          .record(CLEANUP, DISCONNECTED, TransferChannel::troubledToo)
          .recordInAnyLive(DISCONNECTED, TransferChannel::troubled)
          .record(CLEANUP, SEND_DATA_ERROR, TransferChannel::troubledToo)
          .recordInAnyLive(SEND_DATA_ERROR, TransferChannel::troubled)
          .record(CLEANUP, RECEIVE_DATA_ERROR, TransferChannel::troubledToo)
          .recordInAnyLive(RECEIVE_DATA_ERROR, TransferChannel::troubled)
          .record(CLEANUP, SEND_MESSAGE_ERROR, TransferChannel::troubledToo)
          .recordInAnyLive(SEND_MESSAGE_ERROR, TransferChannel::troubled)
          .record(CLEANUP, REQUEST_CANCELLED, TransferChannel::troubledToo)
          .recordInAnyLive(REQUEST_CANCELLED, TransferChannel::troubled)
          .record(CLEANUP, ERROR, TransferChannel::troubled)
          .fromAnyLive(ERROR, FAILING, TransferChannel::troubled)
          .record(CLEANUP, CANCEL, KEEP)
          .fromAnyLive(CANCEL, CANCELLING, KEEP)
          .heading("Releasing")
          .row(COMPLETING, CLEANUP_COMPLETE, COMPLETED, KEEP)
          .row(FAILING, CLEANUP_COMPLETE, FAILED, KEEP)
          .row(CANCELLING, CLEANUP_COMPLETE, CANCELLED, KEEP)
          .again(CLEANUP, COMPLETE_CLEANUP_ON_RESTART, KEEP)
          .build();
}
