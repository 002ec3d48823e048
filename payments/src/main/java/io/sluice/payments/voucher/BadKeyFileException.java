package io.sluice.payments.voucher;

import java.io.IOException;

/** A wallet file is not one, is damaged, or would take more memory to open than any honest one. */
public final class BadKeyFileException extends IOException {
  BadKeyFileException(String message) {
    super(message);
  }

  BadKeyFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
