package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions of the tables, and what is remembered of ones that failed. */
class DatabaseTest {
  @TempDir Path directory;

  private static Document document(String name) {
    return new Document("seen", name, Node.of(1));
  }

  @Test
  void givenAChangeThatFails_thenNothingOfItIsSeenByOthersAndTheNextStartIsTold()
      throws IOException {
    try (Database database = Database.open(directory, "file:", DiskWatch.NONE)) {
      database.write(1, connection -> DocumentTable.put(connection, document("first")));

      TablesUnusable failed =
          assertThrows(
              TablesUnusable.class,
              () ->
                  database.write(
                      2,
                      connection -> {
                        DocumentTable.put(connection, document("second"));
                        throw new SQLException("made by a test");
                      }));

      assertTrue(failed.getMessage().endsWith("written: made by a test"), failed.getMessage());
      assertEquals(List.of(document("first")), database.lookUp(DocumentTable::all));
      assertEquals(List.of(1L), List.of(database.<Long>lookUp(Database::position)));
      assertTrue(Files.exists(directory.resolve("deals.damaged")));
    }
    assertThrows(
        TablesUnusable.class, () -> Database.open(directory, "file:", DiskWatch.NONE).close());
  }

  @Test
  void givenADatabaseThatWasClosed_whenItFails_thenTheNextStartHasNothingToMend()
      throws IOException {
    Database database = Database.open(directory, "file:", DiskWatch.NONE);
    database.close();

    assertThrows(TablesUnusable.class, database::position);

    assertTrue(Files.notExists(directory.resolve("deals.damaged")));
    Database.open(directory, "file:", DiskWatch.NONE).close();
  }
}
