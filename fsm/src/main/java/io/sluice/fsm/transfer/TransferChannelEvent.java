package io.sluice.fsm.transfer;

import io.sluice.fsm.EventType;
import io.sluice.fsm.EventTypes;
import io.sluice.fsm.transfer.TransferInput.DataLimit;
import io.sluice.fsm.transfer.TransferInput.ErrorText;
import io.sluice.fsm.transfer.TransferInput.NoInput;
import io.sluice.fsm.transfer.TransferInput.RequiresFinalization;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.fsm.transfer.TransferInput.TransferVoucher;
import io.sluice.protocol.datatransfer.TransferEvent;

/**
 * What a transfer channel's machine takes: events of {@link TransferEvent}, each with what it
 * brings along. Missing here are the opening, which is the machine's start, progress without a
 * block, which the totals tell, and what go-data-transfer itself no longer raises.
 */
public final class TransferChannelEvent {
  static final EventTypes<TransferInput> ALL = new EventTypes<>();

  /** The responder accepts the channel. */
  public static final EventType<NoInput> ACCEPT = type(TransferEvent.ACCEPT, NoInput.class);

  /** Data may flow. */
  public static final EventType<NoInput> TRANSFER_INITIATED =
      type(TransferEvent.TRANSFER_INITIATED, NoInput.class);

  /** The request went out. */
  public static final EventType<NoInput> OPENED = type(TransferEvent.OPENED, NoInput.class);

  /** The channel is restarted. */
  public static final EventType<NoInput> RESTART = type(TransferEvent.RESTART, NoInput.class);

  /** The sender has handed so much to its transport. */
  public static final EventType<Totals> DATA_QUEUED = type(TransferEvent.DATA_QUEUED, Totals.class);

  /** The sender has written so much. */
  public static final EventType<Totals> DATA_SENT = type(TransferEvent.DATA_SENT, Totals.class);

  /** The recipient has verified so much. */
  public static final EventType<Totals> DATA_RECEIVED =
      type(TransferEvent.DATA_RECEIVED, Totals.class);

  /** The responder sets how much may flow before it pauses. */
  public static final EventType<DataLimit> SET_DATA_LIMIT =
      type(TransferEvent.SET_DATA_LIMIT, DataLimit.class);

  /** That much has flowed. */
  public static final EventType<NoInput> DATA_LIMIT_EXCEEDED =
      type(TransferEvent.DATA_LIMIT_EXCEEDED, NoInput.class);

  /** The initiator gives a voucher. */
  public static final EventType<TransferVoucher> NEW_VOUCHER =
      type(TransferEvent.NEW_VOUCHER, TransferVoucher.class);

  /** The responder answers a voucher. */
  public static final EventType<TransferVoucher> NEW_VOUCHER_RESULT =
      type(TransferEvent.NEW_VOUCHER_RESULT, TransferVoucher.class);

  /** The responder will want a last voucher, or not. */
  public static final EventType<RequiresFinalization> SET_REQUIRES_FINALIZATION =
      type(TransferEvent.SET_REQUIRES_FINALIZATION, RequiresFinalization.class);

  /** The initiator pauses. */
  public static final EventType<NoInput> PAUSE_INITIATOR =
      type(TransferEvent.PAUSE_INITIATOR, NoInput.class);

  /** The initiator goes on. */
  public static final EventType<NoInput> RESUME_INITIATOR =
      type(TransferEvent.RESUME_INITIATOR, NoInput.class);

  /** The responder pauses. */
  public static final EventType<NoInput> PAUSE_RESPONDER =
      type(TransferEvent.PAUSE_RESPONDER, NoInput.class);

  /** The responder goes on. */
  public static final EventType<NoInput> RESUME_RESPONDER =
      type(TransferEvent.RESUME_RESPONDER, NoInput.class);

  /** The initiator's side of the data is done. */
  public static final EventType<NoInput> FINISH_TRANSFER =
      type(TransferEvent.FINISH_TRANSFER, NoInput.class);

  /** The responder is done but for a last voucher. */
  public static final EventType<NoInput> RESPONDER_BEGINS_FINALIZATION =
      type(TransferEvent.RESPONDER_BEGINS_FINALIZATION, NoInput.class);

  /** The responder says that it is done. */
  public static final EventType<NoInput> RESPONDER_COMPLETES =
      type(TransferEvent.RESPONDER_COMPLETES, NoInput.class);

  /** We, as responder, wait for the last voucher. */
  public static final EventType<NoInput> BEGIN_FINALIZING =
      type(TransferEvent.BEGIN_FINALIZING, NoInput.class);

  /** We, as responder, are done. */
  public static final EventType<NoInput> COMPLETE = type(TransferEvent.COMPLETE, NoInput.class);

  /** A message could not be delivered. */
  public static final EventType<ErrorText> DISCONNECTED =
      type(TransferEvent.DISCONNECTED, ErrorText.class);

  /** Sending broke. */
  public static final EventType<ErrorText> SEND_DATA_ERROR =
      type(TransferEvent.SEND_DATA_ERROR, ErrorText.class);

  /** Receiving broke. */
  public static final EventType<ErrorText> RECEIVE_DATA_ERROR =
      type(TransferEvent.RECEIVE_DATA_ERROR, ErrorText.class);

  /** A message could not be sent. */
  public static final EventType<ErrorText> SEND_MESSAGE_ERROR =
      type(TransferEvent.SEND_MESSAGE_ERROR, ErrorText.class);

  /** Our own request was cancelled by us. */
  public static final EventType<ErrorText> REQUEST_CANCELLED =
      type(TransferEvent.REQUEST_CANCELLED, ErrorText.class);

  /** The channel failed. */
  public static final EventType<ErrorText> ERROR = type(TransferEvent.ERROR, ErrorText.class);

  /** One side gives up. */
  public static final EventType<NoInput> CANCEL = type(TransferEvent.CANCEL, NoInput.class);

  /** What belonged to the channel is released. */
  public static final EventType<NoInput> CLEANUP_COMPLETE =
      type(TransferEvent.CLEANUP_COMPLETE, NoInput.class);

  /** It is to be released late, after a restart. */
  public static final EventType<NoInput> COMPLETE_CLEANUP_ON_RESTART =
      type(TransferEvent.COMPLETE_CLEANUP_ON_RESTART, NoInput.class);

  private TransferChannelEvent() {}

  private static <X extends TransferInput> EventType<X> type(TransferEvent event, Class<X> input) {
    return ALL.add(event.name(), input);
  }
}
