package io.sluice.node.transfer;

import io.sluice.fsm.transfer.TransferStatus;

/** What a responder does once it was decided about a further voucher. */
enum Consequence {
  /** It ends: the voucher was refused. */
  REFUSE,
  /** It waits on, and says so. */
  WAIT,
  /** What stood still goes on. */
  GO_ON,
  /** It had not stood still: the voucher is answered, and that is all. */
  ANSWER,
  /** Nothing is missing any more. */
  COMPLETE;

  /**
   * What follows.
   *
   * @param flowed bytes that count against the limit so far
   * @param paused whether this end is paused
   */
  static Consequence of(Verdict verdict, TransferStatus status, boolean paused, long flowed) {
    if (!verdict.accepted()) {
      return REFUSE;
    }
    if (status == TransferStatus.FINALIZING) {
      return verdict.lastVoucher() || verdict.paused() ? WAIT : COMPLETE;
    }
    if (verdict.paused() || isReached(verdict.limit(), flowed)) {
      return WAIT;
    }
    return paused ? GO_ON : ANSWER;
  }

  /**
   * Whether no more may flow.
   *
   * @param limit 0 for none
   */
  static boolean isReached(long limit, long flowed) {
    return limit != 0 && flowed >= limit;
  }
}
