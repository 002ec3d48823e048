package io.sluice.payments.ledger.evm;

/** What a call gives that is only tried out. */
sealed interface CallResult {
  /** It returned that. */
  record Returned(RawBytes data) implements CallResult {}

  /** It would be reverted, with those bytes as the reason. */
  record Reverted(RawBytes data) implements CallResult {}
}
