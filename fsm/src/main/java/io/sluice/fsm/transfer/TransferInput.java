package io.sluice.fsm.transfer;

import io.sluice.fsm.DataCodec;
import io.sluice.protocol.datatransfer.TypedVoucher;

/** What an event of a transfer channel brings along. */
public sealed interface TransferInput {

  /** How inputs are stored. */
  DataCodec<TransferInput> CODEC = new TransferInputCodec();

  /** Nothing: the event says it all. */
  record Nothing() implements TransferInput {}

  /**
   * Why something went wrong.
   *
   * @param text for people; cut to 1,024 characters, since peers write such texts
   */
  record Reason(String text) implements TransferInput {
    private static final int MAX_LENGTH = 1024;

    /** Cuts the text. */
    public Reason {
      text = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) : text;
    }
  }

  /**
   * How far the data are, in totals since the channel was opened.
   *
   * @param bytes on the wire, 0 or more
   * @param blocks walked, counting local and repeated ones, 0 or more
   */
  record Progress(long bytes, long blocks) implements TransferInput {
    /** Checks the ranges. */
    public Progress {
      if (bytes < 0 || blocks < 0) {
        throw new IllegalArgumentException(
            "progress of " + bytes + " bytes, " + blocks + " blocks");
      }
    }
  }

  /** A voucher, or the result of one. */
  record Given(TypedVoucher voucher) implements TransferInput {}

  /**
   * How much may flow before the responder pauses.
   *
   * @param bytes 0 for no limit
   */
  record Limit(long bytes) implements TransferInput {}

  /** Whether the responder wants a last voucher before it completes. */
  record Finalization(boolean required) implements TransferInput {}

  /** Nothing. */
  static TransferInput nothing() {
    return new Nothing();
  }
}
