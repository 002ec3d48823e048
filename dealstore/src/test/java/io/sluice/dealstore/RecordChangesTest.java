package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.dealstore.journal.JournalRecord;
import io.sluice.dealstore.journal.Location;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.StoredMachine;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each kind of record means to the tables when a journal is read again. */
class RecordChangesTest {
  private static final RecordChanges CHANGES = new RecordChanges(TestRecords.TABLES);
  private static final Location PLACE = new Location(7, 1, 20);
  private static final Location NEXT = new Location(8, 1, 60);

  @TempDir Path directory;

  private static RecordChange of(String kind, Node value) {
    return CHANGES.of(PLACE, new JournalRecord(kind, value));
  }

  private static JournalEntry entry(String table, int version, boolean ended) {
    JournalEntry deal = TestRecords.deal(1, ended);
    return new JournalEntry(
        deal.machine(),
        table,
        version,
        deal.sequence(),
        deal.event(),
        deal.input(),
        deal.before(),
        deal.after(),
        deal.data(),
        deal.time(),
        deal.previousHash(),
        List.of(
            new Attachment("voucher-given", TestRecords.given("c-1", 0, 5)),
            new Attachment("voucher-given", TestRecords.given("c-1", 1, 6))));
  }

  private static JournalEntry entry(boolean ended) {
    JournalEntry deal = TestRecords.deal(1, ended);
    return entry(deal.table(), deal.version(), ended);
  }

  @Test
  void anEntry_leavesItsMachineEndedOrNotAsTheTableSays() {
    for (boolean ended : List.of(true, false)) {
      assertEquals(
          Optional.of(ended),
          of("entry", entry(ended).toNode()).machine().map(StoredMachine::ended));
    }
  }

  @Test
  void anEntryOfATableThatNobodyKnows_refused() {
    JournalEntry known = entry(true);
    assertThrows(
        IllegalStateException.class,
        () -> of("entry", entry("other", known.version(), true).toNode()));
    assertThrows(
        IllegalStateException.class,
        () -> of("entry", entry(known.table(), known.version() + 90, true).toNode()));
    assertThrows(IllegalStateException.class, () -> of("another kind", Node.of(1)));
  }

  @Test
  void everyKind_goesWhereItBelongs() throws IOException {
    try (Database database = Database.openCopy(directory, false)) {
      database.write(
          7,
          connection ->
              RecordChange.applyAll(
                  connection,
                  List.of(
                      of("entry", entry(false).toNode()),
                      CHANGES.of(NEXT, new JournalRecord("entry", entry(true).toNode())),
                      of("document", Document.CODEC.encode(new Document("price", "*", Node.of(3)))),
                      CHANGES.of(
                          new Location(9, 1, 90),
                          new JournalRecord(
                              "payment:voucher-given", TestRecords.given("c-9", 0, 4))))));

      assertEquals(
          List.of(
              new PaymentRow(8, 0, "voucher-given", TestRecords.given("c-1", 0, 5)),
              new PaymentRow(8, 1, "voucher-given", TestRecords.given("c-1", 1, 6)),
              new PaymentRow(9, 0, "voucher-given", TestRecords.given("c-9", 0, 4))),
          database.read(PaymentTable::rows),
          "of one lane's the last of those that are worth most");
      assertEquals(
          Optional.of(true),
          database
              .read(connection -> MachineTable.get(connection, entry(true).machine()))
              .map(StoredMachine::ended),
          "as the last entry left it");
      assertEquals(
          List.of(new Document("price", "*", Node.of(3))), database.read(DocumentTable::all));
      assertEquals(
          List.of(PLACE, NEXT),
          database.read(connection -> HistoryTable.of(connection, entry(true).machine())));
    }
  }
}
