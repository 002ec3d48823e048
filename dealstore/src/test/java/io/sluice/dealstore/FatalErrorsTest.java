package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.journal.JournalRecord;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.dealstore.journal.SegmentedJournal;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thread that all others wait for was hit by an Error: nobody waits for ever. */
@Timeout(60)
class FatalErrorsTest {
  private static final JournalRecord RECORD = new JournalRecord("test", Node.of(1));

  @TempDir Path directory;

  private final BlockingQueue<Throwable> fatal = new LinkedBlockingQueue<>();
  private final Error error = new OutOfMemoryError("made by a test");

  private SegmentedJournal journal(DiskWatch watch) throws IOException {
    return SegmentedJournal.open(directory, JournalSettings.DEFAULT, 0, watch, fatal::add);
  }

  private Throwable ended() throws InterruptedException {
    return fatal.poll(30, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WRITE", "FORCE"})
  void givenErrorWhileTheJournalIsWritten_thenCallersAreToldAndTheProcessEnds(String when)
      throws Exception {
    boolean[] bad = {false};
    DiskWatch watch =
        (path, change) -> {
          if (bad[0] && change == DiskWatch.Change.valueOf(when)) {
            throw error;
          }
        };
    try (SegmentedJournal journal = journal(watch)) {
      journal.append(RECORD, location -> {});
      bad[0] = true;

      assertThrows(IOException.class, () -> journal.append(RECORD, location -> {}));

      assertEquals(error, ended());
      bad[0] = false;
      assertThrows(IOException.class, () -> journal.append(RECORD, location -> {}));
    }
  }

  @Test
  void givenErrorInWhoIsTold_thenTheCallerIsToldAndTheProcessEnds() throws Exception {
    try (SegmentedJournal journal = journal(DiskWatch.NONE)) {
      assertThrows(
          IOException.class,
          () ->
              journal.append(
                  RECORD,
                  location -> {
                    throw error;
                  }));

      assertEquals(error, ended());
    }
  }

  @Test
  void givenFailingDisk_thenCallersAreToldAndTheProcessGoesOn() throws Exception {
    DiskWatch watch =
        (path, change) -> {
          if (change == DiskWatch.Change.WRITE) {
            throw new IOException("Input/output error");
          }
        };
    try (SegmentedJournal journal = journal(watch)) {
      for (int i = 0; i < 3; i++) {
        IOException told =
            assertThrows(IOException.class, () -> journal.append(RECORD, location -> {}));
        assertTrue(told.getMessage().contains("Input/output error"), told.getMessage());
      }
    }
    assertEquals(List.of(), List.copyOf(fatal));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givenErrorWhileTablesAreBroughtUpToDate_thenWhoWaitsIsToldAndTheJournalIsNotHeldUp(
      boolean unchecked) throws Exception {
    Throwable thrown = unchecked ? new IllegalStateException("made by a test") : error;
    try (Database database = Database.open(directory, "file:", DiskWatch.NONE);
        Applier applier = new Applier(database, 0, fatal::add)) {
      applier.accept(
          new Applier.AppliedRecord(
              1,
              connection -> {
                if (thrown instanceof Error it) {
                  throw it;
                }
                throw new IllegalStateException("made by a test");
              },
              () -> {}));

      assertThrows(IOException.class, applier::catchUp);

      assertEquals(thrown.getMessage(), ended().getMessage());
      assertThrows(IOException.class, applier::check);
      for (int i = 2; i < 10_000; i++) {
        applier.accept(new Applier.AppliedRecord(i, connection -> {}, () -> {}));
      }
    }
  }
}
