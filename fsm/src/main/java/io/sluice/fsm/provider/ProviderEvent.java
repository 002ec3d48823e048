package io.sluice.fsm.provider;

/** What happens to a deal at its provider. */
public enum ProviderEvent {
  /** A free proposal is good. */
  ADMITTED,
  /** A paid proposal is good so far; its opening is still to come. */
  OPENING_MISSING,
  /** The opening is good: the deal has its channel and lane. */
  OPENED,
  /** As {@link #OPENED}, with a fee due before the first block. */
  OPENED_FEE_FIRST,
  /** The proposal or its opening is not acceptable. */
  REFUSED,
  /** So much has been charged by now. */
  PROGRESS,
  /** The gate closed: the next block would run too far ahead of the money. */
  GATE_CLOSED,
  /** The gate opened again. */
  GATE_OPENED,
  /** More counts as credit than before: a voucher came, or the ledger confirmed. */
  PAID,
  /** The last block is written to the peer, or the peer says that it has everything. */
  ALL_SENT,
  /** The walk is at its end, some blocks were missing; nothing is owed. */
  SENT_IN_PART,
  /** As {@link #SENT_IN_PART}, with something owed. */
  SENT_IN_PART_OWING,
  /** Nothing is owed any more. */
  SETTLED,
  /** The last payment did not come in time. */
  PAYMENT_TIMED_OUT,
  /** The connection was lost, or a demand went unanswered: the transfer stops, the deal waits. */
  SUSPENDED,
  /** The client goes on from its position. */
  RESTARTED,
  /** Either side called the deal off; nothing is owed. */
  CANCELLED,
  /** As {@link #CANCELLED}, with something owed. */
  CANCELLED_OWING,
  /** The deal cannot go on; nothing is owed. */
  FAILED,
  /** As {@link #FAILED}, with something owed. */
  FAILED_OWING
}
