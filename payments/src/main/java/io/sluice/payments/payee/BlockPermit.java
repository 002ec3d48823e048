package io.sluice.payments.payee;

/** Whether the money side lets a deal's next newly charged block through. */
public enum BlockPermit {
  /** It may go. */
  OPEN,
  /** Not before more is paid: ask for {@link DealAccount#owed}. */
  PAYMENT_NEEDED,
  /** All that is owed is paid, but the deposit is used up: say {@link DealAccount#shortfall}. */
  DEPOSIT_USED,
  /** All that this deal owes is paid, but other deals of the payer owe too much. */
  PAYER_LIMIT
}
