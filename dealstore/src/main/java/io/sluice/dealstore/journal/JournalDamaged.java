package io.sluice.dealstore.journal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A journal file cannot be trusted: it is never half used, so the store does not open. */
public final class JournalDamaged extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong, and what to do. */
  public JournalDamaged(String message) {
    this(message, null);
  }

  JournalDamaged(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
