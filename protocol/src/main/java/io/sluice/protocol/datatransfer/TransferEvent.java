package io.sluice.protocol.datatransfer;

import java.util.ArrayList;
import java.util.List;

/**
 * What can happen to a channel, in the words of Filecoin's state machine, so that conversations can
 * be read as its input. Spec: go-data-transfer, channel events.
 */
public enum TransferEvent {
  /** A channel was opened. */
  OPEN(0),
  /** The responder accepted it. */
  ACCEPT(1),
  /** It was restarted. */
  RESTART(2),
  /** A block was walked by the recipient. */
  DATA_RECEIVED(3),
  /** A block was written by the sender. */
  DATA_SENT(4),
  /** One side gave up. */
  CANCEL(5),
  /** It failed. */
  ERROR(6),
  /** What belonged to it is released. */
  CLEANUP_COMPLETE(7),
  /** A voucher was given. */
  NEW_VOUCHER(8),
  /** A voucher result was given. */
  NEW_VOUCHER_RESULT(9),
  /** The initiator paused. */
  PAUSE_INITIATOR(10),
  /** The initiator goes on. */
  RESUME_INITIATOR(11),
  /** The responder paused. */
  PAUSE_RESPONDER(12),
  /** The responder goes on. */
  RESUME_RESPONDER(13),
  /** The initiator's side of the data is done. */
  FINISH_TRANSFER(14),
  /** The responder says it is done. */
  RESPONDER_COMPLETES(15),
  /** The responder is done but for a last voucher. */
  RESPONDER_BEGINS_FINALIZATION(16),
  /** We, as responder, wait for the last voucher. */
  BEGIN_FINALIZING(17),
  /** A message could not be delivered. */
  DISCONNECTED(18),
  /** We, as responder, are done. */
  COMPLETE(19),
  /** What belonged to it was released late, after a restart. */
  COMPLETE_CLEANUP_ON_RESTART(20),
  /** A block was queued by the sender. */
  DATA_QUEUED(21),
  /** Bytes were queued. */
  DATA_QUEUED_PROGRESS(22),
  /** Bytes were written. */
  DATA_SENT_PROGRESS(23),
  /** Bytes came. */
  DATA_RECEIVED_PROGRESS(24),
  /** No longer used. */
  REQUEST_TIMED_OUT(25),
  /** Sending broke. */
  SEND_DATA_ERROR(26),
  /** Receiving broke. */
  RECEIVE_DATA_ERROR(27),
  /** The request waits its turn. */
  TRANSFER_REQUEST_QUEUED(28),
  /** Our own request was cancelled by us. */
  REQUEST_CANCELLED(29),
  /** The request went out. */
  OPENED(30),
  /** A limit of bytes was set. */
  SET_DATA_LIMIT(31),
  /** A last voucher will be wanted, or not. */
  SET_REQUIRES_FINALIZATION(32),
  /** The limit was reached. */
  DATA_LIMIT_EXCEEDED(33),
  /** Data may flow. */
  TRANSFER_INITIATED(34),
  /** A message could not be sent. */
  SEND_MESSAGE_ERROR(35);

  private final int code;

  TransferEvent(int code) {
    this.code = code;
  }

  /** The number that go-data-transfer gives it. */
  public int code() {
    return code;
  }

  /**
   * What a response means to its initiator, in the order in which it is to be handled. Spec:
   * go-data-transfer v1.15.1, response handling.
   */
  public static List<TransferEvent> of(TransferResponse response) {
    if (response.type() == MessageType.CANCEL) {
      return List.of(CANCEL);
    }
    List<TransferEvent> events = new ArrayList<>(3);
    if (response.isVoucherResult()) {
      if (response.result().isPresent()) {
        events.add(NEW_VOUCHER_RESULT);
      }
      if (!response.accepted()) {
        events.add(ERROR);
        return events;
      }
      switch (response.type()) {
        case NEW -> events.add(ACCEPT);
        case RESTART -> events.add(RESTART);
        case COMPLETE -> {
          events.add(response.paused() ? RESPONDER_BEGINS_FINALIZATION : RESPONDER_COMPLETES);
          return events;
        }
        default -> {}
      }
    }
    events.add(response.paused() ? PAUSE_RESPONDER : RESUME_RESPONDER);
    return events;
  }

  /** What a request means to its responder, once it has been validated. */
  public static List<TransferEvent> of(TransferRequest request) {
    return switch (request.type()) {
      case NEW -> List.of(OPEN);
      case RESTART, RESTART_EXISTING -> List.of(RESTART);
      case CANCEL -> List.of(CANCEL);
      case VOUCHER -> List.of(NEW_VOUCHER);
      case UPDATE -> List.of(request.paused() ? PAUSE_INITIATOR : RESUME_INITIATOR);
      case COMPLETE, VOUCHER_RESULT -> List.of();
    };
  }
}
