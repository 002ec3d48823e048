package io.sluice.dealstore;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.dealstore.journal.JournalDamaged;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.dealstore.journal.SegmentedJournal;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.replay.KnownTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a store: brings journal, snapshot and tables in step, or refuses. Each of the three knows
 * how far the home had come, so one that lacks something is found out by the others:
 *
 * <ul>
 *   <li>tables that end early are brought up to date from the journal;
 *   <li>tables that cannot be trusted are made anew from snapshot and journal;
 *   <li>a snapshot that cannot be trusted is made anew from the tables;
 *   <li>a journal that ends before the others is refused: what it lacks was promised to somebody,
 *       and its numbers must never be given to something else.
 * </ul>
 */
final class StoreStart {
  private static final Logger LOG = LoggerFactory.getLogger(StoreStart.class);
  private static final int REPLAY_BATCH = 1024;

  private final Path directory;
  private final StoreDisk disk;
  private final RecordChanges changes;

  private StoreStart(Path directory, KnownTables tables, StoreDisk disk) {
    this.directory = directory;
    this.disk = disk;
    this.changes = new RecordChanges(tables);
  }

  static DealStore open(
      Path directory, KnownTables tables, JournalSettings settings, StoreDisk disk)
      throws IOException {
    Database.requireUsable(directory);
    Directories.create(directory, disk.watch());
    StoreStart start = new StoreStart(directory, tables, disk);
    JournalOpening journal =
        known ->
            SegmentedJournal.open(start.journal(), settings, known, disk.watch(), disk.fatal());
    try {
      return start.open(start.database(), journal, List.of());
    } catch (TablesUnusable e) {
      LOG.warn(
          "the tables of {} are made anew from snapshot and journal: {}",
          directory,
          e.getMessage());
      LOG.debug("what is wrong with them", e);
      Database.SoundRest rest = Database.soundRest(directory);
      // Before they are put aside: where the journal is lost, too, they are the last to know of it.
      journal.open(rest.position()).close();
      Database.putAside(directory);
      return start.open(start.database(), journal, rest.ended());
    }
  }

  static DealStore openToRead(Path directory, KnownTables tables) throws IOException {
    StoreStart start = new StoreStart(directory, tables, StoreDisk.real(cause -> {}));
    if (!Files.exists(start.journal())) {
      throw new StorageFullException(directory + " cannot be made, the disk is full");
    }
    JournalOpening journal = known -> SegmentedJournal.openToRead(start.journal(), known);
    try {
      return start.open(Database.openCopy(directory, true), journal, List.of());
    } catch (TablesUnusable e) {
      LOG.warn("the tables of {} cannot be used; the next start makes them anew", directory, e);
      return start.open(Database.openCopy(directory, false), journal, List.of());
    }
  }

  private Database database() throws IOException {
    return Database.open(directory, disk.databaseFiles(), disk.watch());
  }

  private Path journal() {
    return directory.resolve("journal");
  }

  private Path snapshotFile() {
    return directory.resolve("snapshot.cbor");
  }

  @FunctionalInterface
  private interface JournalOpening {
    SegmentedJournal open(long known) throws IOException;
  }

  /** A snapshot as it was found: there, not there, or damaged. */
  private record FoundSnapshot(Optional<Snapshot> snapshot, Optional<IOException> damage) {
    static FoundSnapshot in(Path file) throws IOException {
      try {
        return new FoundSnapshot(Snapshot.read(file), Optional.empty());
      } catch (Snapshot.SnapshotDamaged e) {
        return new FoundSnapshot(Optional.empty(), Optional.of(e));
      }
    }
  }

  /** What was opened is closed if the store cannot be. */
  private DealStore open(Database database, JournalOpening opening, List<StoredMachine> ended)
      throws IOException {
    SegmentedJournal journal = null;
    try {
      FoundSnapshot found = FoundSnapshot.in(snapshotFile());
      long position = database.position();
      long known = Math.max(position, found.snapshot().map(Snapshot::position).orElse(0L));
      journal = opening.open(known);
      bringUpToDate(journal, database, found);
      if (!ended.isEmpty()) {
        database.write(connection -> MachineTable.putMissing(connection, ended));
      }
      return new DealStore(changes, journal, database, snapshotFile(), disk);
    } catch (IOException | RuntimeException e) {
      closeAfter(e, journal);
      closeAfter(e, database);
      throw e;
    }
  }

  private static void closeAfter(Exception failure, @Nullable AutoCloseable part) {
    try {
      if (part != null) {
        part.close();
      }
    } catch (Exception worse) { // the first failure is the one to tell
      failure.addSuppressed(worse);
    }
  }

  private void bringUpToDate(SegmentedJournal journal, Database database, FoundSnapshot found)
      throws IOException {
    long position = database.position();
    if (journal.segments().getFirst() > position + 1) {
      load(found, database, position);
    }
    List<Applier.AppliedRecord> batch = new ArrayList<>();
    journal.replay(
        database.position(),
        (location, record) -> {
          batch.add(
              new Applier.AppliedRecord(
                  location.sequence(), changes.of(location, record), () -> {}));
          if (batch.size() >= REPLAY_BATCH) {
            apply(database, batch);
          }
        });
    apply(database, batch);
    if (found.damage().isPresent()) {
      LOG.warn("{}: it is made anew from the tables", found.damage().get().getMessage());
      database.read(Snapshot::of).write(snapshotFile(), disk.watch());
      database.sync();
    }
  }

  /** The journal no longer has all that the tables lack. */
  private void load(FoundSnapshot found, Database database, long position) throws IOException {
    if (found.damage().isPresent()) {
      throw new JournalDamaged(
          found.damage().get().getMessage() + ", and the journal no longer has what it held",
          directory);
    }
    if (found.snapshot().isPresent()) {
      if (position > 0) {
        throw new TablesUnusable("they end with record " + position + ", the journal begins later");
      }
      Snapshot snapshot = found.snapshot().get();
      database.write(snapshot.position(), snapshot::load);
    }
  }

  private static void apply(Database database, List<Applier.AppliedRecord> batch)
      throws IOException {
    if (!batch.isEmpty()) {
      database.write(
          batch.getLast().position(),
          connection ->
              RecordChange.applyAll(
                  connection, batch.stream().map(Applier.AppliedRecord::change).toList()));
      batch.clear();
    }
  }
}
