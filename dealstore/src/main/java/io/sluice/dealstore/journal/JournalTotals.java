package io.sluice.dealstore.journal;

/**
 * What a journal has made durable since it was opened: how many records shared a sync is how well a
 * burst is gathered.
 *
 * @param records appended
 * @param syncs that made them durable
 * @param bytes written for them
 */
public record JournalTotals(long records, long syncs, long bytes) {
  static final JournalTotals NONE = new JournalTotals(0, 0, 0);

  /** With one more group, which was synced once. */
  JournalTotals andGroup(int more, int written) {
    return new JournalTotals(records + more, syncs + 1, bytes + written);
  }
}
