package io.sluice.fsm.transfer;

/** Where a transfer channel is. Local: statuses do not go over the wire. */
public enum TransferStatus {
  /** The request has been made; nothing is under way. */
  REQUESTED(0, "Requested"),
  /** Accepted; the transport has not begun. */
  QUEUED(17, "Queued"),
  /** The initiator's transport has begun; the responder has not answered. */
  AWAITING_ACCEPTANCE(18, "AwaitingAcceptance"),
  /** Data may flow. */
  ONGOING(1, "Ongoing"),
  /** Initiator: all data are through; the responder has not said that it is done. */
  TRANSFER_FINISHED(2, "TransferFinished"),
  /** Initiator: the responder has said that it is done; our data are not through. */
  RESPONDER_COMPLETED(3, "ResponderCompleted"),
  /** Initiator: the responder wants a last voucher; our data are not through. */
  RESPONDER_FINALIZING(14, "ResponderFinalizing"),
  /** Initiator: the responder wants a last voucher; our data are through. */
  RESPONDER_FINALIZING_TRANSFER_FINISHED(15, "ResponderFinalizingTransferFinished"),
  /** Responder: all data are through; the last voucher is missing. */
  FINALIZING(4, "Finalizing"),
  /** Done; what belongs to the channel is being released. */
  COMPLETING(5, "Completing"),
  /** Failed; what belongs to the channel is being released. */
  FAILING(7, "Failing"),
  /** Cancelled; what belongs to the channel is being released. */
  CANCELLING(9, "Cancelling"),
  /** Ended with all data. */
  COMPLETED(6, "Completed"),
  /** Ended by an error. */
  FAILED(8, "Failed"),
  /** Ended by one of the two. */
  CANCELLED(10, "Cancelled");

  private final int code;
  private final String published;

  TransferStatus(int code, String published) {
    this.code = code;
    this.published = published;
  }

  /** The number that go-data-transfer gives it. */
  public int code() {
    return code;
  }

  /** The name that go-data-transfer gives it. */
  public String published() {
    return published;
  }
}
