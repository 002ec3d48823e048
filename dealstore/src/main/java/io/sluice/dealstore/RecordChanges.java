package io.sluice.dealstore;

import io.sluice.dealstore.journal.JournalRecord;
import io.sluice.dealstore.journal.Location;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.replay.KnownTables;

/**
 * What a journal record means to the tables.
 *
 * @param tables say which states are ends
 */
record RecordChanges(KnownTables tables) {
  static final String ENTRY = "entry";
  static final String PAYMENT = "payment:";
  static final String DOCUMENT = "document";

  Database.DatabaseChange of(Location location, JournalRecord record) {
    String kind = record.kind();
    if (kind.equals(ENTRY)) {
      JournalEntry entry = JournalEntry.of(record.value());
      return of(location, entry, entry.machineAfter(ended(entry)));
    }
    if (kind.equals(DOCUMENT)) {
      Document document = Document.CODEC.decode(record.value());
      return connection -> DocumentTable.put(connection, document);
    }
    if (kind.startsWith(PAYMENT)) {
      String payment = kind.substring(PAYMENT.length());
      return connection ->
          PaymentTable.add(connection, location.sequence(), 0, payment, record.value());
    }
    throw new IllegalStateException("the journal holds a record of unknown kind " + kind);
  }

  /** What an entry means that leaves its machine so. */
  Database.DatabaseChange of(Location location, JournalEntry entry, StoredMachine after) {
    return connection -> {
      MachineTable.put(connection, after);
      HistoryTable.add(connection, entry.machine(), location);
      int part = 0;
      for (Attachment attachment : entry.attachments()) {
        PaymentTable.add(
            connection, location.sequence(), part++, attachment.kind(), attachment.value());
      }
    };
  }

  private boolean ended(JournalEntry entry) {
    return tables
        .find(entry.table(), entry.version())
        .map(table -> isEnd(table, entry.after()))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no table %s, version %d".formatted(entry.table(), entry.version())));
  }

  private static <S extends Enum<S>> boolean isEnd(TransitionTable<S, ?, ?> table, String state) {
    return table.isEnd(table.state(state));
  }
}
