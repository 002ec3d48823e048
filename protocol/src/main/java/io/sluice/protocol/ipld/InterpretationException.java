package io.sluice.protocol.ipld;

import java.io.Serial;

/**
 * A node cannot be seen in the form asked for: blocks are missing or malformed. Some walks go on
 * without it.
 */
final class InterpretationException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  InterpretationException(String message) {
    super(message);
  }

  InterpretationException(String message, Throwable cause) {
    super(message, cause);
  }
}
