package io.sluice.node.transfer;

import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.protocol.datatransfer.TypedVoucher;
import java.util.Optional;

/**
 * What a responder decides about a transfer: whether it agrees, and to how much. Each verdict holds
 * until the next one. Spec: go-data-transfer v2.0.0, validation result.
 *
 * @param accepted whether the transfer may begin, or go on
 * @param result goes to the initiator with the answer
 * @param paused whether it waits all the same, until {@link TransferManager#judge} or {@link
 *     TransferManager#resume}
 * @param limit bytes of the transfer in all, after which it pauses; with the block that reaches it,
 *     so that there may be almost a block more; 0 for no limit
 * @param lastVoucher whether it completes only after one more voucher, once all data are through
 */
public record Verdict(
    boolean accepted,
    Optional<TypedVoucher> result,
    boolean paused,
    long limit,
    boolean lastVoucher) {
  /** Checks the limit. */
  public Verdict {
    if (limit < 0) {
      throw new IllegalArgumentException("a limit of " + limit + " bytes");
    }
  }

  /** Agrees to all of it. */
  public static Verdict accept() {
    return new Verdict(true, Optional.empty(), false, 0, false);
  }

  /** Does not agree, or no longer: the transfer fails at both ends. */
  public static Verdict refuse(Optional<TypedVoucher> result) {
    return new Verdict(false, result, false, 0, false);
  }

  /** Leaves everything as it was agreed before. */
  public static Verdict unchanged(TransferChannel channel) {
    return new Verdict(
        true,
        Optional.empty(),
        channel.responderPaused(),
        channel.dataLimit(),
        channel.requiresFinalization());
  }

  /** The same with a result. */
  public Verdict saying(TypedVoucher words) {
    return new Verdict(accepted, Optional.of(words), paused, limit, lastVoucher);
  }

  /** The same, up to so many bytes. */
  public Verdict upTo(long bytes) {
    return new Verdict(accepted, result, paused, bytes, lastVoucher);
  }

  /** The same, with a last voucher at the end. */
  public Verdict untilLastVoucher() {
    return new Verdict(accepted, result, paused, limit, true);
  }

  /** The same, waiting. */
  public Verdict waiting() {
    return new Verdict(accepted, result, true, limit, lastVoucher);
  }
}
