package io.sluice.dealstore.blocks.log;

import java.io.IOException;

/** A block log is not what was written; its numbers begin anew at the next start. */
public final class LogDamagedException extends IOException {
  private static final long serialVersionUID = 1L;

  LogDamagedException(String message) {
    super(message);
  }
}
