package io.sluice.cli;

import io.sluice.node.api.ErrorCode;

/** A value on the command line that cannot be read, with the code that says what it should be. */
final class BadValue extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  BadValue(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }
}
