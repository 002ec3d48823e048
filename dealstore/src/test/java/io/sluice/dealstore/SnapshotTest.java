package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
  private static final StoredMachine LIVE =
      new StoredMachine(
          new MachineId("c-1"),
          "client-deal",
          3,
          "PARKED",
          false,
          Node.map().put("Kept", true).build(),
          17,
          EntryHash.ZERO,
          Instant.parse("2026-11-21T12:00:00.123Z"));
  private static final StoredMachine ENDED =
      new StoredMachine(
          new MachineId("c-2"),
          "client-deal",
          3,
          "COMPLETED",
          true,
          Node.ofNull(),
          4,
          EntryHash.ZERO,
          Instant.EPOCH);
  private static final Document PRICE = new Document("price", "*", Node.of(5));
  private static final Node VOUCHER = TestRecords.given("c-1", 0, 10);

  @TempDir Path directory;

  private Path written() throws IOException {
    Path file = directory.resolve("snapshot.cbor");
    try (Database database = Database.open(directory.resolve("before"), "file:", DiskWatch.NONE)) {
      database.write(
          42,
          connection -> {
            MachineTable.put(connection, LIVE);
            MachineTable.put(connection, ENDED);
            PaymentTable.add(connection, 7, 1, "voucher-given", VOUCHER);
            DocumentTable.put(connection, PRICE);
          });
      database.read(Snapshot::of).write(file, DiskWatch.NONE);
    }
    return file;
  }

  @Test
  void whatAStartNeedsComesBack() throws IOException {
    Snapshot snapshot = Snapshot.read(written()).orElseThrow();

    assertEquals(42, snapshot.position());
    try (Database database = Database.open(directory.resolve("after"), "file:", DiskWatch.NONE)) {
      database.write(snapshot.position(), snapshot::load);
      assertEquals(List.of(LIVE), database.read(MachineTable::notEnded));
      assertEquals(
          Optional.empty(), database.read(connection -> MachineTable.get(connection, ENDED.id())));
      assertEquals(
          List.of(new PaymentRow(7, 1, "voucher-given", VOUCHER)),
          database.read(PaymentTable::rows));
      assertEquals(List.of(PRICE), database.read(DocumentTable::all));
      assertEquals(42, database.position());
    }
  }

  @Test
  void givenNone_thenThereIsNone() throws IOException {
    assertEquals(Optional.empty(), Snapshot.read(directory.resolve("none")).map(it -> 1));
  }

  @Test
  void givenAFileThatIsCutOffAnywhere_thenItIsRefused() throws IOException {
    Path file = written();
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));

      assertThrows(IOException.class, () -> Snapshot.read(file), "cut at " + length);
    }
  }

  @Test
  void givenBytesBehindTheEndOrAnotherFormat_thenItIsRefused() throws IOException {
    Path file = written();
    byte[] whole = Files.readAllBytes(file);

    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertThrows(IOException.class, () -> Snapshot.read(file));

    int version = new String(whole, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("t/3");
    whole[version + 2] = '4';
    Files.write(file, whole);
    assertThrows(IOException.class, () -> Snapshot.read(file));
  }

  @Test
  void aDocumentWithoutValueIsTakenAway() throws IOException {
    try (Database database =
        Database.open(directory.resolve("documents"), "file:", DiskWatch.NONE)) {
      Document gone =
          Document.CODEC.decode(Document.CODEC.encode(new Document("price", "*", Node.ofNull())));
      database.write(1, connection -> DocumentTable.put(connection, PRICE));
      database.write(2, connection -> DocumentTable.put(connection, gone));

      assertEquals(List.of(), database.read(DocumentTable::all));
    }
  }

  @Test
  void ofADealsVouchersOnALaneTheBestIsKeptAndOtherRecordsAllAre() throws IOException {
    Node better = TestRecords.given("c-1", 0, 12);
    Node overtaken = TestRecords.given("c-1", 0, 11);
    Node otherLane = TestRecords.given("c-1", 1, 3);
    Node otherDeal = TestRecords.given("c-2", 0, 5);
    try (Database database =
        Database.open(directory.resolve("payments"), "file:", DiskWatch.NONE)) {
      database.write(
          7,
          connection -> {
            PaymentTable.add(connection, 1, 0, "voucher-given", VOUCHER);
            PaymentTable.add(connection, 2, 0, "voucher-taken", VOUCHER);
            PaymentTable.add(connection, 3, 0, "deal-left", VOUCHER);
            PaymentTable.add(connection, 4, 0, "voucher-given", otherDeal);
            PaymentTable.add(connection, 5, 0, "voucher-given", better);
            PaymentTable.add(connection, 5, 1, "deal-left", VOUCHER);
            PaymentTable.add(connection, 6, 0, "voucher-given", overtaken);
            PaymentTable.add(connection, 7, 0, "voucher-given", otherLane);
          });

      assertEquals(
          List.of(
              new PaymentRow(2, 0, "voucher-taken", VOUCHER),
              new PaymentRow(3, 0, "deal-left", VOUCHER),
              new PaymentRow(4, 0, "voucher-given", otherDeal),
              new PaymentRow(5, 0, "voucher-given", better),
              new PaymentRow(5, 1, "deal-left", VOUCHER),
              new PaymentRow(7, 0, "voucher-given", otherLane)),
          database.read(PaymentTable::rows));
    }
  }

  @Test
  void givenAPaymentInTheJournalPosition_whenAnotherOne_thenRefused() throws IOException {
    try (Database database =
        Database.open(directory.resolve("payments"), "file:", DiskWatch.NONE)) {
      database.write(1, open -> PaymentTable.add(open, 1, 0, "deal-left", VOUCHER));

      assertThrows(
          TablesUnusable.class,
          () ->
              database.write(
                  1,
                  open ->
                      PaymentTable.add(open, 1, 0, "deal-left", TestRecords.given("c-2", 0, 5))));
    }
  }
}
