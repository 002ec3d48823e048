package io.sluice.dealstore;

import java.io.IOException;

/** The database failed, or lacks what the journal no longer has; it can be made anew. */
final class TablesUnusable extends IOException {
  private static final long serialVersionUID = 1L;

  TablesUnusable(String message) {
    super(message);
  }

  TablesUnusable(String message, Throwable cause) {
    super(message, cause);
  }
}
