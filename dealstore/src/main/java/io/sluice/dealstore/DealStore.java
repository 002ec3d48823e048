package io.sluice.dealstore;

import io.sluice.dealstore.journal.JournalRecord;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.dealstore.journal.JournalTotals;
import io.sluice.dealstore.journal.Location;
import io.sluice.dealstore.journal.SegmentedJournal;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.Journal;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.payments.PaymentJournal;
import io.sluice.payments.PaymentRecord;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Everything a home has decided: deals and transfers, payments, prices, contents and counters.
 *
 * <p>What is durable is the journal. An append returns when its record survives power loss; a
 * voucher and the deal event it belongs to are one record. The database beside it answers queries
 * and is brought up to date from the journal, in batches while running and wholly when the store
 * opens; it can be deleted at any time the store is closed.
 *
 * <p>Safe for use from many threads. One process at a time: the home's lock sees to that.
 */
public final class DealStore implements Journal, MachineStore, PaymentJournal, AutoCloseable {
  private final RecordChanges changes;
  private final SegmentedJournal journal;
  private final Database database;
  private final Applier applier;
  private final Path snapshotFile;
  private final StoreDisk disk;
  private final Object pruning = new Object();

  /** Machines that have not ended, by their last durable entry: every step asks for some. */
  private final Map<MachineId, StoredMachine> live = new ConcurrentHashMap<>();

  /** Machines that have ended, where the database may not contain that yet. */
  private final Map<MachineId, StoredMachine> recent = new ConcurrentHashMap<>();

  private final Map<String, Map<String, Node>> documents = new ConcurrentHashMap<>();

  DealStore(
      RecordChanges changes,
      SegmentedJournal journal,
      Database database,
      Path snapshotFile,
      StoreDisk disk)
      throws IOException {
    this.changes = changes;
    this.journal = journal;
    this.database = database;
    this.snapshotFile = snapshotFile;
    this.disk = disk;
    database
        .read(DocumentTable::byCollection)
        .forEach((name, all) -> documents.put(name, new ConcurrentHashMap<>(all)));
    database.read(MachineTable::notEnded).forEach(machine -> live.put(machine.id(), machine));
    this.applier = new Applier(database, database.position(), disk.fatal());
  }

  /**
   * Refuses a folder in whose path no store can be; before anything is written there.
   *
   * @throws IOException with the reason
   */
  public static void requireUsable(Path directory) throws IOException {
    Database.requireUsable(directory);
  }

  /**
   * Opens the store of a folder, which is created if need be.
   *
   * @param tables what the machines were made with; they say which states are ends
   * @param fatal ends the process, once something worse than a failing disk has happened to a
   *     thread that all others rely on
   * @throws io.sluice.dealstore.journal.JournalDamaged if the journal cannot be trusted, or ends
   *     before what the tables hold
   * @throws io.sluice.dealstore.disk.StorageFullException if the disk is full
   */
  public static DealStore open(
      Path directory, KnownTables tables, JournalSettings settings, Consumer<Throwable> fatal)
      throws IOException {
    return StoreStart.open(directory, tables, settings, StoreDisk.real(fatal));
  }

  /**
   * Opens the store of a folder on a full disk: it can be asked everything, and every append fails
   * as {@link io.sluice.dealstore.disk.StorageFullException}. Nothing on the disk is changed; the
   * tables are copied to memory and brought up to date there.
   */
  public static DealStore openToRead(Path directory, KnownTables tables) throws IOException {
    return StoreStart.openToRead(directory, tables);
  }

  // ---- journal ports

  @Override
  public void append(JournalEntry entry, StoredMachine after) throws IOException {
    applier.check();
    journal.append(
        new JournalRecord(RecordChanges.ENTRY, entry.toNode()),
        location -> {
          keep(after);
          applier.accept(
              new Applier.AppliedRecord(
                  location.sequence(),
                  changes.of(location, entry, after),
                  () -> recent.remove(entry.machine(), after)));
        });
  }

  /** In this order, so that whoever looks for the machine finds it in one of the two. */
  private void keep(StoredMachine machine) {
    if (machine.ended()) {
      recent.put(machine.id(), machine);
      live.remove(machine.id());
    } else {
      live.put(machine.id(), machine);
    }
  }

  @Override
  public void append(PaymentRecord record) throws IOException {
    applier.check();
    Node value = record.toNode();
    String kind = record.kind();
    if (record instanceof PaymentRecord.IntentPlanned) {
      CrashPoint.INTENT_DUE.reached();
    } else if (record instanceof PaymentRecord.IntentEnded) {
      CrashPoint.INTENT_INCLUDED.reached();
    }
    journal.append(
        new JournalRecord(RecordChanges.PAYMENT + kind, value),
        location ->
            applier.accept(
                new Applier.AppliedRecord(
                    location.sequence(),
                    connection -> PaymentTable.add(connection, location.sequence(), 0, kind, value),
                    () -> {})));
    if (record instanceof PaymentRecord.IntentPlanned) {
      CrashPoint.INTENT_PLANNED.reached();
    } else if (record instanceof PaymentRecord.IntentEnded) {
      CrashPoint.INTENT_ENDED.reached();
    } else if (record instanceof PaymentRecord.ConsentGiven) {
      CrashPoint.CONSENT_KEPT.reached();
    }
  }

  /** All payment records, alone or attached to deals, in the order in which they were written. */
  public List<PaymentRecord> payments() throws IOException {
    applier.catchUp();
    return database.read(PaymentTable::all);
  }

  // ---- machines

  @Override
  public Optional<StoredMachine> load(MachineId id) throws IOException {
    StoredMachine known = live.get(id);
    if (known == null) {
      known = recent.get(id);
    }
    if (known != null) {
      return Optional.of(known);
    }
    return database.lookUp(connection -> MachineTable.get(connection, id));
  }

  @Override
  public List<StoredMachine> live(String table) throws IOException {
    applier.check();
    return live.values().stream()
        .filter(machine -> machine.table().equals(table))
        .sorted(Comparator.comparing(machine -> machine.id().value()))
        .toList();
  }

  /** All machines of a table, ended ones too, those first that changed longest ago. */
  public List<StoredMachine> all(String table) throws IOException {
    applier.catchUp();
    return database.read(connection -> MachineTable.all(connection, table));
  }

  @Override
  public List<JournalEntry> history(MachineId id) throws IOException {
    applier.catchUp();
    List<JournalEntry> entries = new ArrayList<>();
    for (Location location : database.lookUp(connection -> HistoryTable.of(connection, id))) {
      entries.add(JournalEntry.of(journal.read(location).value()));
    }
    return entries;
  }

  // ---- documents

  /** The records of a collection by name; a copy. */
  public Map<String, Node> documents(String collection) {
    return new LinkedHashMap<>(documents.getOrDefault(collection, Map.of()));
  }

  /** One record of a collection. */
  public Optional<Node> document(String collection, String name) {
    return Optional.ofNullable(documents.getOrDefault(collection, Map.of()).get(name));
  }

  /** Puts a record under a name; durable when this returns. */
  public void putDocument(String collection, String name, Node value) throws IOException {
    write(new Document(collection, name, value));
  }

  /** Takes a name away; durable when this returns. */
  public void removeDocument(String collection, String name) throws IOException {
    write(new Document(collection, name, Node.ofNull()));
  }

  /**
   * The next number of a counter, from 1; it is durable that it was given out, so it never comes
   * again.
   */
  public synchronized long next(String counter) throws IOException {
    long number = document("counter", counter).map(Node::asLong).orElse(0L) + 1;
    putDocument("counter", counter, Node.of(number));
    return number;
  }

  private void write(Document document) throws IOException {
    applier.check();
    journal.append(
        new JournalRecord(RecordChanges.DOCUMENT, Document.CODEC.encode(document)),
        location -> {
          Map<String, Node> collection =
              documents.computeIfAbsent(document.collection(), key -> new ConcurrentHashMap<>());
          if (document.value().isNull()) {
            collection.remove(document.name());
          } else {
            collection.put(document.name(), document.value());
          }
          applier.accept(
              new Applier.AppliedRecord(
                  location.sequence(),
                  connection -> DocumentTable.put(connection, document),
                  () -> {}));
        });
  }

  // ---- upkeep

  /** What was made durable since this was opened. */
  public JournalTotals journalTotals() {
    return journal.totals();
  }

  /**
   * Deletes journal segments in which every machine has ended and nothing changed since {@code
   * retention} before {@code now}, after a snapshot of all that a start needs is durable. Ended
   * deals whose segments are gone keep their last state, not their history. Without such segments
   * it does nothing. May take seconds; nothing waits for it.
   *
   * @return how many segments were deleted
   */
  public int prune(Instant now, Duration retention) throws IOException {
    return prune(now, retention, Set.of());
  }

  /**
   * The same, but some machines hold nothing back, though they live: those that go on for ever, and
   * whose history nobody asks for.
   *
   * @param endless names of their tables
   */
  public int prune(Instant now, Duration retention, Set<String> endless) throws IOException {
    synchronized (pruning) {
      applier.catchUp();
      List<Long> outdated = outdated(now.minus(retention), endless);
      if (outdated.isEmpty()) {
        return 0;
      }
      database.read(Snapshot::of).write(snapshotFile, disk.watch());
      CrashPoint.SNAPSHOT_WRITTEN.reached();
      // What the database has of these segments nothing else will have.
      database.sync();
      for (long segment : outdated) {
        database.write(connection -> HistoryTable.forget(connection, segment));
        CrashPoint.SEGMENT_FORGOTTEN.reached();
        journal.delete(segment);
      }
      return outdated.size();
    }
  }

  /** Segments that nobody needs, oldest first, so that what is left has no holes. */
  private List<Long> outdated(Instant since, Set<String> endless) throws IOException {
    List<Long> segments = journal.segments();
    long position = database.position();
    int count = 0;
    while (count + 1 < segments.size() && segments.get(count + 1) <= position) {
      long segment = segments.get(count);
      if (database.read(
          connection ->
              HistoryTable.isNeeded(connection, segment, since.toEpochMilli(), endless))) {
        break;
      }
      count++;
    }
    return segments.subList(0, count);
  }

  @Override
  public void close() throws IOException {
    try {
      journal.close();
    } finally {
      applier.close();
      database.close();
    }
  }
}
