package io.sluice.dealstore.journal;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.SteadyFile;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.CrashPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records in append-only segment files, durable when {@link #append} returns.
 *
 * <p>One writer thread takes whatever waits, writes it in one piece and syncs once for all of it,
 * so a burst costs one sync. A torn end is cut off when the journal is opened: it was never
 * acknowledged. A bad record before good ones of a later sync is damage, and the journal does not
 * open; nor does it if it ends before a record that somebody is known to have acted on. After a
 * failed write or sync nothing is tried again, since nobody knows what is on the disk: every append
 * fails from then on. Anything worse than a failing disk on the writer's thread would leave callers
 * waiting for ever, so it ends the process.
 *
 * <p>Safe for use from many threads.
 */
public final class SegmentedJournal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentedJournal.class);

  /** Told of each record, in order, once it is durable and before its append returns. */
  @FunctionalInterface
  public interface Durable {
    /** The record lies there. Runs on the writer's thread: it must be quick and not fail. */
    void at(Location location);
  }

  /** A record that waits for the writer; one without a payload ends it. */
  private record WaitingAppend(
      ByteBuffer payload, Durable durable, CompletableFuture<Location> done) {
    WaitingAppend(ByteBuffer payload, Durable durable) {
      this(payload, durable, new CompletableFuture<>());
    }

    static WaitingAppend end() {
      return new WaitingAppend(ByteBuffer.allocate(0), location -> {});
    }

    boolean isEnd() {
      return !payload.hasRemaining();
    }
  }

  private final Path directory;
  private final JournalSettings settings;
  private final DiskWatch watch;
  private final Consumer<Throwable> fatal;
  private final TreeMap<Long, JournalSegment> segments = new TreeMap<>();
  private final LinkedBlockingQueue<WaitingAppend> waiting = new LinkedBlockingQueue<>();
  private final Thread writer;

  // Of the writer's thread alone from here on, but for the segment's first number.
  private SteadyFile file;
  private JournalSegment segment;
  private long size;
  private long next;
  private volatile @Nullable IOException failure;
  private volatile JournalTotals totals = JournalTotals.NONE;

  private SegmentedJournal(
      Path directory,
      JournalSettings settings,
      DiskWatch watch,
      Consumer<Throwable> fatal,
      OpenedSegments opened)
      throws IOException {
    this.directory = directory;
    this.settings = settings;
    this.watch = watch;
    this.fatal = fatal;
    this.segments.putAll(opened.segments());
    this.segment = opened.last();
    this.next = opened.next();
    this.size = opened.bytes();
    this.file = SteadyFile.readWrite(segment.path(), watch);
    this.writer = Thread.ofPlatform().name("journal").daemon().unstarted(this::write);
  }

  /** What is there when the journal is opened, and where its next record goes. */
  private record OpenedSegments(
      Map<Long, JournalSegment> segments, JournalSegment last, long next, long bytes) {}

  /**
   * Opens the journal of a directory, which is created if need be, and cuts off a torn end.
   *
   * @param known the last record that is known to have been there, 0 for none
   * @param watch is asked before each change of a file
   * @param fatal ends the process
   * @throws JournalDamaged if a file cannot be trusted, or the journal ends before {@code known}
   */
  public static SegmentedJournal open(
      Path directory,
      JournalSettings settings,
      long known,
      DiskWatch watch,
      Consumer<Throwable> fatal)
      throws IOException {
    Directories.create(directory, watch);
    NavigableMap<Long, JournalSegment> segments = segmentsIn(directory);
    if (segments.isEmpty()) {
      refuseIfShort(directory, 0, known);
      segments.put(1L, create(directory, 1, watch));
    }
    JournalSegment last = segments.lastEntry().getValue();
    JournalSegment.Scanned scanned = last.scan((location, payload) -> {});
    refuseIfShort(directory, scanned.next() - 1, known);
    SegmentedJournal journal =
        new SegmentedJournal(
            directory,
            settings,
            watch,
            fatal,
            new OpenedSegments(segments, last, scanned.next(), scanned.goodBytes()));
    try {
      if (!scanned.whole()) {
        LOG.warn(
            "cutting {} unfinished bytes off {}",
            scanned.fileBytes() - scanned.goodBytes(),
            last.path());
        journal.file.truncate(scanned.goodBytes());
      }
      // The last records may have been written and not synced when the process ended: whoever reads
      // them now acts on them.
      journal.file.force();
    } catch (IOException e) {
      journal.file.close();
      throw e;
    }
    journal.writer.start();
    return journal;
  }

  /** Opens a journal that is only read: nothing on the disk is changed, every append fails. */
  public static SegmentedJournal openToRead(Path directory, long known) throws IOException {
    NavigableMap<Long, JournalSegment> segments = segmentsIn(directory);
    if (segments.isEmpty()) {
      throw new JournalDamaged(directory + " holds no journal");
    }
    JournalSegment last = segments.lastEntry().getValue();
    JournalSegment.Scanned scanned = last.scan((location, payload) -> {});
    refuseIfShort(directory, scanned.next() - 1, known);
    SegmentedJournal journal =
        new SegmentedJournal(
            directory,
            JournalSettings.DEFAULT,
            DiskWatch.NONE,
            cause -> {},
            new OpenedSegments(segments, last, scanned.next(), scanned.goodBytes()));
    journal.failure =
        new StorageFullException("the disk is full: the home was opened to be read only");
    journal.writer.start();
    return journal;
  }

  /** By the first record in each; what else lies in the folder is none of ours. */
  private static NavigableMap<Long, JournalSegment> segmentsIn(Path directory) throws IOException {
    TreeMap<Long, JournalSegment> segments = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .map(JournalSegment::of)
          .flatMap(Optional::stream)
          .forEach(s -> segments.put(s.first(), s));
    }
    return segments;
  }

  /**
   * A journal that ends before what the tables hold has lost something. To go on would be to give
   * its numbers a second time, to records that then look older than what they follow.
   */
  private static void refuseIfShort(Path directory, long last, long known) throws JournalDamaged {
    if (last < known) {
      throw new JournalDamaged(
          "the journal in %s ends with record %d, but record %d was there before: files of it are lost or cut"
              .formatted(directory, last, known),
          storeOf(directory));
    }
  }

  /** The folder that has a journal's folder in it, and the tables. */
  static Path storeOf(Path journal) {
    return journal.toAbsolutePath().resolveSibling("");
  }

  /** An empty segment whose name survives a loss of power before anything is written to it. */
  private static JournalSegment create(Path directory, long first, DiskWatch watch)
      throws IOException {
    JournalSegment segment = JournalSegment.in(directory, first);
    SteadyFile.create(segment.path(), watch).close();
    Directories.force(segment.path(), watch);
    return segment;
  }

  /** Appends a record; when this returns it survives power loss. */
  public Location append(JournalRecord record, Durable durable) throws IOException {
    ByteBuffer payload = ByteBuffer.wrap(record.payload());
    if (payload.remaining() > JournalFrame.MAX_PAYLOAD) {
      throw new IllegalArgumentException("a record of " + payload.remaining() + " bytes");
    }
    WaitingAppend pending = new WaitingAppend(payload, durable);
    refuseAfterFailure();
    waiting.add(pending);
    IOException failed = failure; // perhaps it failed in between, and looks after none any more
    if (failed != null) {
      pending.done().completeExceptionally(failed);
    }
    try {
      return pending.done().get();
    } catch (ExecutionException e) {
      throw said("the journal could not be written", Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      // The record may be durable or not; the caller cannot know, so this counts as a failed write.
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the journal was written", e);
    }
  }

  private void refuseAfterFailure() throws IOException {
    IOException failed = failure;
    if (failed != null) {
      throw said("the journal failed before", failed);
    }
  }

  /** In the caller's own exception: the cause is one object for all who waited. */
  private static IOException said(String what, Throwable cause) {
    return StorageFullException.isFull(cause)
        ? new StorageFullException(what + ": " + cause.getMessage())
        : new IOException(what + ": " + cause.getMessage(), cause);
  }

  /** What {@link #replay} is told, in order. */
  @FunctionalInterface
  public interface JournalReader {
    /** The next record. */
    void record(Location location, JournalRecord record) throws IOException;
  }

  /**
   * Reads the records after a number, in order, as far as they were durable when this journal was
   * opened; so it is called before the first append.
   *
   * @throws JournalDamaged if a record is bad, or those that follow {@code after} are gone
   */
  public synchronized void replay(long after, JournalReader reader) throws IOException {
    Long from = segments.floorKey(after + 1);
    if (from == null) {
      throw new JournalDamaged(
          "records after %d are wanted, %s begins with %d"
              .formatted(after, directory, segments.firstKey()));
    }
    for (JournalSegment each : List.copyOf(segments.tailMap(from).values())) {
      JournalSegment.Scanned scanned =
          each.scan(
              (location, payload) -> {
                if (location.sequence() > after) {
                  reader.record(location, JournalRecord.of(payload));
                }
              });
      Long following = segments.higherKey(each.first());
      if (following != null && (following != scanned.next() || !scanned.whole())) {
        throw new JournalDamaged(
            "%s ends with record %d, the next segment begins with %d"
                .formatted(each.path(), scanned.next() - 1, following));
      }
    }
  }

  /** Reads one record again. */
  public JournalRecord read(Location location) throws IOException {
    JournalSegment holder;
    synchronized (this) {
      holder = segments.get(location.segment());
    }
    if (holder == null) {
      throw new NoSuchFileException(directory.toString(), null, "segment " + location.segment());
    }
    return holder.read(location.offset(), location.sequence());
  }

  /** What was made durable since this was opened. */
  public JournalTotals totals() {
    return totals;
  }

  /** The first record numbers of all segments, oldest first; the last one is being written. */
  public synchronized List<Long> segments() {
    return List.copyOf(segments.keySet());
  }

  /** Deletes a segment that is not being written. */
  public synchronized void delete(long first) throws IOException {
    if (segments.lastKey() == first) {
      throw new IllegalArgumentException("segment " + first + " is being written");
    }
    JournalSegment gone = segments.remove(first);
    if (gone != null) {
      Directories.delete(gone.path(), watch);
    }
  }

  /** Writes what was appended before; appends that come later fail. */
  @Override
  public void close() throws IOException {
    waiting.add(WaitingAppend.end());
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    file.close();
  }

  private void write() {
    List<WaitingAppend> group = new ArrayList<>();
    try {
      while (take(group)) {
        writeGroup(group);
        group.clear();
      }
      fail(new IOException("the journal is closed"), group);
    } catch (IOException e) {
      fail(e, group);
    } catch (Throwable e) {
      // Out of memory, say: those who wait are told, and nobody goes on as if nothing had been.
      try {
        fail(new IOException("the journal's thread ended: " + e, e), group);
      } finally {
        fatal.accept(e);
      }
    }
  }

  /** Waits for records; false when the last one was taken. */
  private boolean take(List<WaitingAppend> group) throws InterruptedException {
    WaitingAppend first = waiting.take();
    if (first.isEnd()) {
      return false;
    }
    group.add(first);
    int bytes = JournalFrame.size(first.payload());
    while (bytes < settings.groupBytes()) {
      WaitingAppend more = waiting.peek();
      if (more == null || more.isEnd()) {
        break;
      }
      group.add(waiting.remove());
      bytes += JournalFrame.size(more.payload());
    }
    return true;
  }

  /**
   * One write and one sync for all of them. Each frame says how many of its group stand before it,
   * so that a reader can tell a torn group, which nobody was told of, from damage to an older one.
   */
  private void writeGroup(List<WaitingAppend> group) throws IOException {
    if (size >= settings.segmentBytes()) {
      beginSegment();
    }
    int bytes = 0;
    for (WaitingAppend pending : group) {
      bytes += JournalFrame.size(pending.payload());
    }
    ByteBuffer out = ByteBuffer.allocate(bytes);
    List<Location> locations = new ArrayList<>(group.size());
    for (int back = 0; back < group.size(); back++) {
      locations.add(new Location(next + back, segment.first(), size + out.position()));
      JournalFrame.write(out, next + back, back, group.get(back).payload());
    }
    out.flip();
    file.write(out, size);
    CrashPoint.JOURNAL_WRITTEN.reached();
    file.force();
    CrashPoint.JOURNAL_SYNCED.reached();
    size += bytes;
    next += group.size();
    totals = totals.andGroup(group.size(), bytes);
    for (int i = 0; i < group.size(); i++) {
      // Before its append returns, so that whoever was told it is durable finds it in the index.
      group.get(i).durable().at(locations.get(i));
      group.get(i).done().complete(locations.get(i));
    }
  }

  /** Between two groups: a group never reaches from one segment into the next. */
  private void beginSegment() throws IOException {
    JournalSegment fresh = create(directory, next, watch);
    CrashPoint.JOURNAL_SEGMENT_MADE.reached();
    SteadyFile opened = SteadyFile.readWrite(fresh.path(), watch);
    file.close();
    file = opened;
    size = 0;
    synchronized (this) {
      segment = fresh;
      segments.put(fresh.first(), fresh);
    }
  }

  /** Set before the queue is emptied: who adds later sees it, and fails by itself. */
  private void fail(IOException cause, List<WaitingAppend> group) {
    if (failure == null) {
      failure = cause;
    }
    group.forEach(append -> append.done().completeExceptionally(cause));
    for (WaitingAppend next = waiting.poll(); next != null; next = waiting.poll()) {
      next.done().completeExceptionally(cause);
    }
  }
}
