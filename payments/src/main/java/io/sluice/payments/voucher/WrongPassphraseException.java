package io.sluice.payments.voucher;

import java.io.IOException;

/** A wallet file could not be opened with the passphrase given. */
public final class WrongPassphraseException extends IOException {
  WrongPassphraseException(String message) {
    super(message);
  }

  WrongPassphraseException(String message, Throwable cause) {
    super(message, cause);
  }
}
