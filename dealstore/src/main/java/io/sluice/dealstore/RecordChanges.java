package io.sluice.dealstore;

import io.sluice.dealstore.journal.JournalRecord;
import io.sluice.dealstore.journal.Location;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.replay.KnownTables;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What a journal record means to the tables.
 *
 * @param tables say which states are ends
 */
record RecordChanges(KnownTables tables) {
  static final String ENTRY = "entry";
  static final String PAYMENT = "payment:";
  static final String DOCUMENT = "document";

  RecordChange of(Location location, JournalRecord record) {
    String kind = record.kind();
    if (kind.equals(ENTRY)) {
      JournalEntry entry = JournalEntry.of(record.value());
      return of(location, entry, entry.machineAfter(ended(entry)));
    }
    if (kind.equals(DOCUMENT)) {
      Document document = Document.CODEC.decode(record.value());
      return RecordChange.of(connection -> DocumentTable.put(connection, document));
    }
    if (kind.startsWith(PAYMENT)) {
      String payment = kind.substring(PAYMENT.length());
      return RecordChange.of(
          connection ->
              PaymentTable.add(connection, location.sequence(), 0, payment, record.value()));
    }
    throw new IllegalStateException("the journal holds a record of unknown kind " + kind);
  }

  /** What an entry means that leaves its machine so. */
  RecordChange of(Location location, JournalEntry entry, StoredMachine after) {
    return new RecordChange(Optional.of(after), connection -> add(connection, location, entry));
  }

  private static void add(Connection connection, Location location, JournalEntry entry)
      throws SQLException {
    HistoryTable.add(connection, entry.machine(), location);
    int part = 0;
    for (Attachment attachment : entry.attachments()) {
      PaymentTable.add(
          connection, location.sequence(), part++, attachment.kind(), attachment.value());
    }
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
