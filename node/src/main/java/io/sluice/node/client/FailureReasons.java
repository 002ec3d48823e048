package io.sluice.node.client;

import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;

/** What failures are called in a deal, and what they come to: each said once. */
final class FailureReasons {
  private FailureReasons() {}

  /** A failure of payments, where the deal ran into limits of its own. */
  static DealReason of(PaymentException failure) {
    DealCode code =
        switch (failure.code()) {
          case BUDGET_EXCEEDED -> DealCode.BUDGET_USED;
          case MAX_DEPOSIT -> DealCode.DEPOSIT_USED;
          case NOT_CONFIRMED -> DealCode.TIMEOUT;
          default -> failure.code();
        };
    return of(code, failure);
  }

  /** A disk that failed; one that is full is no fault of the deal, which can go on later. */
  static DealReason ofDisk(String what, Exception failure) {
    if (StorageFullException.isFull(failure)) {
      return new DealReason(
          DealCode.STORAGE_FULL, failure.getMessage() + "; make room and run the same command");
    }
    return new DealReason(DealCode.INTERNAL, what + failure.getMessage());
  }

  /** Any other failure, under that code. */
  static DealReason of(DealCode code, Exception failure) {
    return new DealReason(code, String.valueOf(failure.getMessage()));
  }

  /** A request that the provider's GraphSync refused. */
  static DealReason ofRefusal(RequestResult result) {
    DealCode code =
        result
            .status()
            .map(
                status ->
                    switch (status) {
                      case NOT_FOUND -> DealCode.NOT_FOUND;
                      case BUSY -> DealCode.BUSY;
                      case CANCELLED -> DealCode.CANCELLED;
                      default -> DealCode.REFUSED;
                    })
            .orElse(DealCode.REFUSED);
    return new DealReason(code, code.meaning());
  }

  /** What came is not what was asked for; where that is a block, it has a word of its own. */
  static DealCode ofViolation(RequestResult result) {
    boolean bytes =
        result.error().orElse(null) instanceof ProtocolException failure
            && failure.code().equals(ProtocolException.BLOCK_HASH_MISMATCH);
    return bytes ? DealCode.BLOCK_HASH_MISMATCH : DealCode.VERIFICATION_FAILED;
  }

  /** A walk to the end that found blocks missing. */
  static DealReason ofMissing(RequestResult result, Cid root) {
    if (result.unrequested() > 0) {
      return new DealReason(
          DealCode.BLOCK_HASH_MISMATCH,
          "%s missing, the first is %s; others came in their place"
              .formatted(blocks(result.missingBlocks()), result.missing().getFirst()));
    }
    if (result.wireBlocks() == 0 && result.missing().contains(root)) {
      return new DealReason(DealCode.NOT_FOUND, "the provider does not have " + root);
    }
    return new DealReason(
        DealCode.PARTIAL,
        "the provider lacks %d of the blocks, the first is %s"
            .formatted(result.missingBlocks(), result.missing().getFirst()));
  }

  private static String blocks(long count) {
    return count == 1 ? "1 block is" : count + " blocks are";
  }

  /** How a deal ends that is left for this reason. */
  static DealOutcome outcome(DealCode reason) {
    return switch (reason) {
      case PARTIAL -> DealOutcome.PARTIAL;
      case CANCELLED -> DealOutcome.CANCELLED;
      default ->
          switch (reason.exit()) {
            case 3, 4, 5 -> DealOutcome.REJECTED;
            default -> DealOutcome.FAILED;
          };
    };
  }

  /** Whether what was verified is paid for when a deal is left for this reason. */
  static boolean isPaidFor(DealCode reason) {
    return switch (reason) {
      case VERIFICATION_FAILED, BLOCK_HASH_MISMATCH, BUDGET_USED -> false;
      default -> true;
    };
  }
}
