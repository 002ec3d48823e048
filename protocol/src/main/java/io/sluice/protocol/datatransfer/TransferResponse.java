package io.sluice.protocol.datatransfer;

import java.util.Optional;

/**
 * What a responder says.
 *
 * @param accepted of no meaning in updates and cancels
 * @param paused the responder waits for something
 * @param result the voucher result that goes with it
 */
public record TransferResponse(
    MessageType type,
    boolean accepted,
    boolean paused,
    long transfer,
    Optional<TypedVoucher> result)
    implements TransferMessage {
  /** Answers a new request, or a restart. */
  public static TransferResponse answer(
      boolean restart,
      long transfer,
      boolean accepted,
      boolean paused,
      Optional<TypedVoucher> result) {
    return new TransferResponse(
        restart ? MessageType.RESTART : MessageType.NEW, accepted, paused, transfer, result);
  }

  /** Answers a voucher, or demands one. */
  public static TransferResponse voucherResult(
      long transfer, boolean accepted, boolean paused, Optional<TypedVoucher> result) {
    return new TransferResponse(MessageType.VOUCHER_RESULT, accepted, paused, transfer, result);
  }

  /** Says that all was sent; paused if one last voucher is wanted. */
  public static TransferResponse complete(
      long transfer, boolean accepted, boolean paused, Optional<TypedVoucher> result) {
    return new TransferResponse(MessageType.COMPLETE, accepted, paused, transfer, result);
  }

  /** Pauses or resumes. */
  public static TransferResponse update(long transfer, boolean accepted, boolean paused) {
    return new TransferResponse(MessageType.UPDATE, accepted, paused, transfer, Optional.empty());
  }

  /** Gives the channel up. */
  public static TransferResponse cancel(long transfer) {
    return new TransferResponse(MessageType.CANCEL, false, false, transfer, Optional.empty());
  }

  /** Whether it is of the kinds that may carry a voucher result. */
  public boolean isVoucherResult() {
    return switch (type) {
      case NEW, COMPLETE, VOUCHER_RESULT, RESTART -> true;
      case UPDATE, CANCEL, VOUCHER, RESTART_EXISTING -> false;
    };
  }
}
