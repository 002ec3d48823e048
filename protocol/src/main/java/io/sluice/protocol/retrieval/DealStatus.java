package io.sluice.protocol.retrieval;

/** The deal statuses that a provider puts on the wire, by the numbers of the Filecoin markets. */
public enum DealStatus {
  /** Nothing has happened yet. */
  NEW(0),
  /** The data is being unsealed. */
  UNSEALING(1),
  /** The proposal is accepted. */
  ACCEPTED(6),
  /** Payment for unsealing is wanted first. */
  FUNDS_NEEDED_UNSEAL(7),
  /** The proposal is refused. */
  REJECTED(9),
  /** Payment is wanted before more data flows. */
  FUNDS_NEEDED(10),
  /** Data flows. */
  ONGOING(13),
  /** All is sent; the last payment is wanted. */
  FUNDS_NEEDED_LAST_PAYMENT(14),
  /** All is sent and paid. */
  COMPLETED(15),
  /** The provider does not have the content. */
  DEAL_NOT_FOUND(16),
  /** The deal failed. */
  ERRORED(17),
  /** The deal was called off. */
  CANCELLED(26);

  private final int code;

  DealStatus(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }
}
