package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How durable records come into the tables. */
class ApplierTest {
  @TempDir Path directory;
  private final List<Long> told = new CopyOnWriteArrayList<>();
  private final List<Throwable> fatal = new CopyOnWriteArrayList<>();
  private Database database;
  private Applier applier;

  @BeforeEach
  void open() throws IOException {
    database = Database.openCopy(directory, false);
    applier = new Applier(database, 0, fatal::add);
  }

  @AfterEach
  void close() throws IOException {
    applier.close();
    database.close();
  }

  private void accept(long position) {
    applier.accept(
        new Applier.AppliedRecord(
            position,
            connection ->
                DocumentTable.put(
                    connection, new Document("seen", "" + position, Node.of(position))),
            () -> told.add(position)));
  }

  private void acceptFailing(SQLException failure) {
    applier.accept(
        new Applier.AppliedRecord(
            1,
            connection -> {
              throw failure;
            },
            () -> told.add(1L)));
  }

  @Test
  void givenRecords_thenWhoWaitsFindsAllOfThemAndTheirKeepersAreTold() throws IOException {
    applier.catchUp();
    for (long position = 1; position <= 1_500; position++) {
      accept(position);
    }

    applier.catchUp();

    assertEquals(1_500, database.position());
    assertEquals(1_500, database.read(DocumentTable::all).size());
    assertEquals(1_500, told.size());
    assertEquals(told.stream().sorted().toList(), told, "in order");
    applier.check();
  }

  /** A transaction costs the same for one record and for many. */
  @Test
  void givenRecordsInARow_thenTheyShareTransactions() throws IOException {
    Set<Long> begunAt = ConcurrentHashMap.newKeySet();
    for (long position = 1; position <= 50; position++) {
      applier.accept(
          new Applier.AppliedRecord(
              position, connection -> begunAt.add(Database.position(connection)), () -> {}));
    }

    applier.catchUp();

    assertTrue(begunAt.size() < 10, () -> "transactions: " + begunAt.size());
  }

  /** A record waits half a second for company, but nobody waits for that. */
  @Test
  void givenSomebodyWhoWaits_thenTheRecordsWaitForNoMore() throws IOException {
    long began = Ticker.SYSTEM.nanos();

    for (long position = 1; position <= 20; position++) {
      accept(position);
      applier.catchUp();
    }

    long millis = TimeUnit.NANOSECONDS.toMillis(Ticker.SYSTEM.nanos() - began);
    assertTrue(millis < 20 * 500 / 2, () -> "took " + millis + " ms");
  }

  @Test
  void givenItsEnd_thenWhatWasAcceptedBeforeIsIn() throws IOException {
    accept(1);
    accept(2);

    applier.close();

    assertEquals(2, database.position());
  }

  @Test
  void givenTablesThatFail_thenNothingMoreIsBroughtInAndEverybodyIsTold() throws IOException {
    acceptFailing(new SQLException("made by a test"));
    IOException told = assertThrows(IOException.class, applier::catchUp);

    assertFalse(told instanceof StorageFullException, told.toString());
    assertThrows(IOException.class, applier::check);
    accept(2);
    assertThrows(IOException.class, applier::catchUp);
    applier.close();
    assertEquals(List.of(), this.told);
    assertEquals(List.of(), fatal, "a disk that fails does not end the process");
  }

  @Test
  void givenAFullDisk_thenItIsSaidAsSuch() {
    acceptFailing(new SQLException("made by a test", new IOException("No space left on device")));

    assertThrows(StorageFullException.class, applier::catchUp);
    assertInstanceOf(StorageFullException.class, assertThrows(IOException.class, applier::check));
  }

  @Test
  void givenAnInterrupt_thenWhoWaitsStopsWaiting() throws IOException {
    applier.accept(
        new Applier.AppliedRecord(
            1,
            connection -> {
              while (!Thread.currentThread().isInterrupted() && told.isEmpty()) {
                Thread.onSpinWait();
              }
            },
            () -> {}));
    Thread.currentThread().interrupt();

    assertThrows(IOException.class, applier::catchUp);

    assertTrue(Thread.interrupted());
    told.add(0L);
    applier.catchUp();
  }

  @Test
  void givenAnInterrupt_whenItEnds_thenItIsNotWaitedForAndTheInterruptStands() throws IOException {
    applier.accept(
        new Applier.AppliedRecord(
            1,
            connection -> {
              while (told.isEmpty()) {
                Thread.onSpinWait();
              }
            },
            () -> {}));
    Thread.currentThread().interrupt();

    applier.close();

    assertTrue(Thread.interrupted());
    told.add(0L);
  }
}
