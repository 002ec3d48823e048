package io.sluice.payments;

/** Why money does not move; the names go over the wire and to the user as they stand. */
public enum PaymentCode {
  // what a provider answers to an opening
  /** The opening's signature is not by the channel's signer, or not for this deal. */
  OPEN_BAD_SIGNATURE,
  /** The channel is not one that this provider takes. */
  CHANNEL_UNACCEPTABLE,
  /** The channel is settling or closed. */
  CHANNEL_CLOSING,
  /** What counts of the deposit is too small; comes with the shortfall. */
  INSUFFICIENT_DEPOSIT,
  /** This payer left earlier deals unpaid; comes with the sum. */
  UNPAID,
  /** Another deal is live on the lane: take another lane. */
  LANE_BUSY,
  /** The provider holds a better voucher of the lane than the opening: adopt it. */
  LANE_BEHIND,
  /** The channel has as many lanes as this provider keeps. */
  TOO_MANY_LANES,
  /** The deal id is bound to another opening. */
  DEAL_ID_TAKEN,
  /** The ledger has not been seen for too long. */
  CHAIN_STALE,

  // what a provider says of a voucher
  /** Fields out of range or a signature that cannot be one. */
  VOUCHER_MALFORMED,
  /** There is no deal that it could pay for. */
  VOUCHER_UNEXPECTED,
  /** For another channel, contract or chain than the deal's. */
  VOUCHER_WRONG_CHANNEL,
  /** For another lane than the deal's. */
  VOUCHER_WRONG_LANE,
  /** Not signed by the channel's signer. */
  VOUCHER_BAD_SIGNATURE,

  // what closes a provider's gate
  /** Vouchers and unpaid bytes use up the deposit; comes with the shortfall. */
  DEPOSIT_USED,

  // what a client's own side says
  /** No chain, contract and token in common, or too long a challenge or wait for confirmations. */
  NO_COMMON_PAYMENT,
  /** More would be signed than the deal's budget. */
  BUDGET_EXCEEDED,
  /** More would lie in the channel than the user allows. */
  MAX_DEPOSIT,
  /** The account cannot pay for it. */
  INSUFFICIENT_FUNDS,
  /** The ledger did not confirm in time; asking again goes on where this stopped. */
  NOT_CONFIRMED,
  /** There is no such channel in this home. */
  CHANNEL_UNKNOWN,
  /** Live deals use the channel. */
  CHANNEL_IN_USE,
  /** The ledger refused; the message has its reason. */
  LEDGER_REFUSED,
  /** A voucher to adopt is not one of ours. */
  NOT_OUR_VOUCHER,
  /** The deal holds no lane. */
  NO_LANE
}
