package io.sluice.fsm.replay;

import io.sluice.fsm.EntryHash;
import io.sluice.fsm.JournalEntry;

/**
 * Makes the footer of a history: {@code head(0)} is 32 zero bytes, and {@code head(n)} the SHA-256
 * of {@code head(n-1)} followed by the hash of entry {@code n}. Not for use by several threads.
 */
public final class HistoryDigest {
  private long count;
  private EntryHash head = EntryHash.ZERO;

  /** Takes in the next entry. */
  public void add(JournalEntry entry) {
    add(entry.hash());
  }

  void add(EntryHash hash) {
    head = EntryHash.sha256(head.bytes(), hash.bytes());
    count++;
  }

  /** The footer of what was taken in so far. */
  public HistoryFooter footer() {
    return new HistoryFooter(count, head);
  }
}
