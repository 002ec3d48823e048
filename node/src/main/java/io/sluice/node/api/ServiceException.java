package io.sluice.node.api;

import io.sluice.protocol.FailureCode;
import org.jspecify.annotations.Nullable;

/** A command that could not be done: one reason, and one line that says what to do about it. */
public final class ServiceException extends Exception {
  private static final long serialVersionUID = 1L;

  private final FailureCode code;
  private final String reason;

  /** A failure with its reason. */
  public ServiceException(FailureCode code, String message) {
    this(code, message, null);
  }

  /** A failure with its reason and what brought it about. */
  public ServiceException(FailureCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = message;
  }

  /** The reason. */
  public FailureCode code() {
    return code;
  }

  /** One line for a person: what was wrong and what to do. */
  public String reason() {
    return reason;
  }
}
