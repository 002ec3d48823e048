package io.sluice.payments.ledger.evm;

import java.util.Arrays;

/**
 * How far a transaction has come. Before the first of these it is planned, and stands with whoever
 * plans.
 *
 * <pre>
 *   SIGNED → BROADCAST ⇄ INCLUDED → FINAL
 *                ↓           ↓
 *             REPLACED     FAILED
 * </pre>
 */
enum OutboxState {
  /** Its bytes are durable; nobody may have been handed them yet. */
  SIGNED(1),
  /** A node was handed them. */
  BROADCAST(2),
  /** It is in a block, as far as is known. */
  INCLUDED(3),
  /** Its block lies so deep that it stays. */
  FINAL(4),
  /** Something else used its nonce, and that stays: this will never happen. */
  REPLACED(5),
  /** It was reverted, and what it was for is not so: nobody was told yet. */
  FAILED(6),
  /** The same, and it was told: as if it had never been. */
  FORGOTTEN(7);

  private final int code;

  OutboxState(int code) {
    this.code = code;
  }

  /** The number by which it is stored. */
  long code() {
    return code;
  }

  static OutboxState of(long code) {
    return Arrays.stream(values())
        .filter(state -> state.code == code)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no state of an outbox: " + code));
  }

  /** Whether there is nothing more to be done about it. */
  boolean isEnd() {
    return compareTo(FINAL) >= 0;
  }
}
