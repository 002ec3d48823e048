package io.sluice.payments.ledger.evm;

import java.io.IOException;

/** An endpoint understood a question and answered with an error: that is its word, not a fault. */
final class RpcErrorException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_MESSAGE = 300;

  /** The error's number. */
  final int code;

  RpcErrorException(int code, String message) {
    super(plain(message) + " (" + code + ")");
    this.code = code;
  }

  /**
   * Whether it says that there is no block of that number, though there are later ones: on Filecoin
   * an epoch may have none. Spec: PAYMENT CHANNELS, 7.
   */
  boolean isEmptyEpoch() {
    return String.valueOf(getMessage()).contains("null round");
  }

  /** Strangers write these texts: short, and without what a terminal acts upon. */
  private static String plain(String message) {
    String cut = message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", " ");
  }
}
