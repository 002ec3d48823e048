package io.sluice.dealstore.journal;

import io.sluice.fsm.CrashPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
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
 * open. After a failed write or sync nothing is tried again, since nobody knows what is on the
 * disk: every append fails from then on.
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
  private record PendingRecord(
      ByteBuffer payload, Durable durable, CompletableFuture<Location> done) {
    PendingRecord(ByteBuffer payload, Durable durable) {
      this(payload, durable, new CompletableFuture<>());
    }

    static PendingRecord end() {
      return new PendingRecord(ByteBuffer.allocate(0), location -> {});
    }

    boolean isEnd() {
      return !payload.hasRemaining();
    }
  }

  private final Path directory;
  private final JournalSettings settings;
  private final TreeMap<Long, JournalSegment> segments = new TreeMap<>();
  private final LinkedBlockingQueue<PendingRecord> waiting = new LinkedBlockingQueue<>();
  private final Thread writer;
  private FileChannel file;
  private JournalSegment segment;
  private long size;
  private long next;
  private volatile @Nullable IOException failure;

  private SegmentedJournal(Path directory, JournalSettings settings, OpenedSegments opened)
      throws IOException {
    this.directory = directory;
    this.settings = settings;
    this.segments.putAll(opened.segments());
    this.segment = opened.last();
    this.next = opened.next();
    this.size = opened.bytes();
    this.file = FileChannel.open(segment.path(), StandardOpenOption.WRITE);
    this.file.position(size);
    this.writer = Thread.ofPlatform().name("journal").daemon().unstarted(this::write);
  }

  private record OpenedSegments(
      Map<Long, JournalSegment> segments, JournalSegment last, long next, long bytes) {}

  /**
   * Opens the journal of a directory, which is created if need be, and cuts off a torn end.
   *
   * @throws JournalDamaged if a file cannot be trusted
   */
  public static SegmentedJournal open(Path directory, JournalSettings settings) throws IOException {
    Files.createDirectories(directory);
    TreeMap<Long, JournalSegment> segments = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .map(JournalSegment::of)
          .flatMap(Optional::stream)
          .forEach(s -> segments.put(s.first(), s));
    }
    if (segments.isEmpty()) {
      JournalSegment first = create(directory, 1);
      segments.put(1L, first);
    }
    JournalSegment last = segments.lastEntry().getValue();
    JournalSegment.Scanned scanned = last.scan((location, payload) -> {});
    if (!scanned.whole()) {
      LOG.warn(
          "cutting {} unfinished bytes off {}",
          scanned.fileBytes() - scanned.goodBytes(),
          last.path());
      try (FileChannel torn = FileChannel.open(last.path(), StandardOpenOption.WRITE)) {
        torn.truncate(scanned.goodBytes());
        torn.force(true);
      }
    }
    SegmentedJournal journal =
        new SegmentedJournal(
            directory,
            settings,
            new OpenedSegments(segments, last, scanned.next(), scanned.goodBytes()));
    journal.writer.start();
    return journal;
  }

  private static JournalSegment create(Path directory, long first) throws IOException {
    JournalSegment segment = JournalSegment.in(directory, first);
    Files.createFile(segment.path());
    try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
      folder.force(true);
    }
    return segment;
  }

  /** Appends a record; when this returns it survives power loss. */
  public Location append(JournalRecord record, Durable durable) throws IOException {
    ByteBuffer payload = ByteBuffer.wrap(record.payload());
    if (payload.remaining() > JournalFrame.MAX_PAYLOAD) {
      throw new IllegalArgumentException("a record of " + payload.remaining() + " bytes");
    }
    PendingRecord pending = new PendingRecord(payload, durable);
    IOException failed = failure;
    if (failed != null) {
      throw new IOException("the journal failed before", failed);
    }
    waiting.add(pending);
    if (failure != null) {
      pending.done().completeExceptionally(new IOException("the journal has stopped"));
    }
    try {
      return pending.done().get();
    } catch (ExecutionException e) {
      throw new IOException("the journal could not be written", e.getCause());
    } catch (InterruptedException e) {
      // The record may be durable or not; the caller cannot know, so this counts as a failed write.
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the journal was written", e);
    }
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
      Files.delete(gone.path());
    }
  }

  @Override
  public void close() throws IOException {
    waiting.add(PendingRecord.end());
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    file.close();
  }

  private void write() {
    List<PendingRecord> group = new ArrayList<>();
    try {
      while (take(group)) {
        writeGroup(group);
        group.clear();
      }
    } catch (IOException | RuntimeException e) {
      fail(e, group);
    } catch (InterruptedException e) {
      fail(e, group);
    }
    fail(new IOException("the journal is closed"), group);
  }

  /** Waits for records; false when the last one was taken. */
  private boolean take(List<PendingRecord> group) throws InterruptedException {
    PendingRecord first = waiting.take();
    if (first.isEnd()) {
      return false;
    }
    group.add(first);
    int bytes = JournalFrame.size(first.payload());
    while (bytes < settings.groupBytes()) {
      PendingRecord more = waiting.peek();
      if (more == null || more.isEnd()) {
        break;
      }
      group.add(waiting.remove());
      bytes += JournalFrame.size(more.payload());
    }
    return true;
  }

  private void writeGroup(List<PendingRecord> group) throws IOException {
    if (size >= settings.segmentBytes()) {
      beginSegment();
    }
    int bytes = 0;
    for (PendingRecord pending : group) {
      bytes += JournalFrame.size(pending.payload());
    }
    ByteBuffer out = ByteBuffer.allocate(bytes);
    List<Location> locations = new ArrayList<>(group.size());
    for (int back = 0; back < group.size(); back++) {
      locations.add(new Location(next + back, segment.first(), size + out.position()));
      JournalFrame.write(out, next + back, back, group.get(back).payload());
    }
    out.flip();
    while (out.hasRemaining()) {
      file.write(out);
    }
    CrashPoint.JOURNAL_WRITTEN.reached();
    file.force(false);
    CrashPoint.JOURNAL_SYNCED.reached();
    size += bytes;
    next += group.size();
    for (int i = 0; i < group.size(); i++) {
      group.get(i).durable().at(locations.get(i));
      group.get(i).done().complete(locations.get(i));
    }
  }

  private void beginSegment() throws IOException {
    JournalSegment fresh = create(directory, next);
    CrashPoint.JOURNAL_SEGMENT_MADE.reached();
    FileChannel opened = FileChannel.open(fresh.path(), StandardOpenOption.WRITE);
    file.close();
    file = opened;
    size = 0;
    synchronized (this) {
      segment = fresh;
      segments.put(fresh.first(), fresh);
    }
  }

  private void fail(Exception cause, List<PendingRecord> group) {
    if (failure == null) {
      failure = cause instanceof IOException io ? io : new IOException(cause);
    }
    group.forEach(pending -> pending.done().completeExceptionally(cause));
    for (PendingRecord pending = waiting.poll(); pending != null; pending = waiting.poll()) {
      pending.done().completeExceptionally(cause);
    }
  }
}
