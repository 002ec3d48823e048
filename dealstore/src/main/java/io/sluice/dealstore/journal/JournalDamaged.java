package io.sluice.dealstore.journal;

import java.io.IOException;
import java.nio.file.Path;

/** A journal file cannot be trusted: it is never half used, so the store does not open. */
public final class JournalDamaged extends IOException {
  private static final long serialVersionUID = 1L;

  JournalDamaged(String message) {
    super(message);
  }

  JournalDamaged(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Records are lost, so that journal and tables do not belong together any more: only both of one
   * time do.
   *
   * @param store the folder that holds both
   */
  public JournalDamaged(String what, Path store) {
    super("%s; put the whole folder %s back from a copy of this home".formatted(what, store));
  }
}
