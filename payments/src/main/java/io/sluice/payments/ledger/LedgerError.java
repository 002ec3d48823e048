package io.sluice.payments.ledger;

/** Why a ledger refuses an intent. Spec: PAYMENT CHANNELS, 6.3 (the contract's custom errors). */
public enum LedgerError {
  /** An address that must not be zero is. */
  ZERO_ADDRESS("ZeroAddress"),
  /** Payer and payee are the same. */
  SAME_PARTY("SameParty"),
  /** An amount that must be positive is zero. */
  ZERO_AMOUNT("ZeroAmount"),
  /** The challenge period is out of the contract's bounds. */
  CHALLENGE_OUT_OF_RANGE("ChallengeOutOfRange"),
  /** A channel of that id exists or existed. */
  CHANNEL_EXISTS("ChannelExists"),
  /** There is no channel of that id, or it is closed. */
  CHANNEL_NOT_OPEN("ChannelNotOpen"),
  /** The payer has already settled. */
  CHANNEL_SETTLING("ChannelSettling"),
  /** The challenge period has not begun or not ended. */
  NOT_SETTLED("NotSettled"),
  /** The native value sent is not the amount stated. */
  WRONG_VALUE("WrongValue"),
  /** The token moved another amount than stated. */
  TOKEN_AMOUNT_MISMATCH("TokenAmountMismatch"),
  /** A signature is not by the key it has to be by. */
  BAD_SIGNATURE("BadSignature"),
  /** Only the payer may. */
  NOT_PAYER("NotPayer"),
  /** Only the payee may. */
  NOT_PAYEE("NotPayee"),
  /** A consent is too old. */
  DEADLINE_PASSED("DeadlinePassed"),
  /** An amount is out of its bounds. */
  AMOUNT_OUT_OF_RANGE("AmountOutOfRange"),
  /** More is to be withdrawn than the account's credit. */
  INSUFFICIENT_CREDIT("InsufficientCredit"),
  /** A token or recipient did not take the transfer. */
  TRANSFER_FAILED("TransferFailed"),
  /** As many vouchers as signatures are needed. */
  LENGTH_MISMATCH("LengthMismatch"),
  /** Too many vouchers at once. */
  BATCH_TOO_LARGE("BatchTooLarge"),
  /** A voucher is of another channel than the one to be closed. */
  WRONG_CHANNEL("WrongChannel"),
  /** The challenge period is over: the payee would close without what its vouchers are worth. */
  TOO_LATE("TooLate"),
  /** The contract, a token or a chain refused for a cause that has no name here. */
  REVERTED("Reverted"),
  /** The account does not own that much; chains say so before the contract is called. */
  INSUFFICIENT_BALANCE("InsufficientBalance");

  private final String contractName;

  LedgerError(String contractName) {
    this.contractName = contractName;
  }

  /** The name of the contract's error. */
  public String contractName() {
    return contractName;
  }

  /** Whether the contract itself has an error of that name. */
  public boolean isOfContract() {
    return this != INSUFFICIENT_BALANCE && this != REVERTED;
  }
}
