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

  /** Strangers write these texts: short, and without what a terminal acts upon. */
  private static String plain(String message) {
    String cut = message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", " ");
  }
}
