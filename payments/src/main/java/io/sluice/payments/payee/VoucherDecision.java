package io.sluice.payments.payee;

import io.sluice.payments.Prepared;
import io.sluice.protocol.retrieval.DealCode;

/** What a payee makes of a voucher. */
public sealed interface VoucherDecision {
  /**
   * It is authentic. With a record it is better than all before it, and has to be made durable with
   * the deal's event before it counts; without, it was known or older and changes nothing.
   */
  record Kept(Prepared<Credit> taken) implements VoucherDecision {
    /** Whether the voucher is better than all before it on its lane. */
    public boolean isNews() {
      return taken.record().isPresent();
    }
  }

  /** It is forged, foreign or malformed: the transfer is to be rejected with that code. */
  record VoucherRefused(DealCode code, String message) implements VoucherDecision {}
}
