package io.sluice.dealstore.blocks.log;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.fsm.CrashPoint;
import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The segments of a block log: the newest grows, the others are sealed. One thread at a time
 * changes something, any thread reads.
 *
 * <p>Which files count is said by the head alone, and it is replaced as a whole. So every change
 * goes in one order: new files are written and durable with their names, then the head names them,
 * then the old ones go. A process that dies in between leaves files that no head names, which the
 * next start deletes; it never leaves a head that names what is not there.
 */
public final class LogFiles implements Closeable {
  private static final int GROUP = 4096;

  private final Path folder;
  private final DiskWatch watch;
  private final int segmentEntries;
  private final AtomicLong nextId;

  // Lists are replaced and never changed: whoever reads goes on in the one that it began with.
  private volatile List<Sealed> sealed;
  private volatile LogSegment newest;

  /** The segments as a reader found them. */
  private volatile List<LogSegment> all;

  private record Sealed(LogSegment.Seal seal, LogSegment segment) {}

  /** Makes it durable which segments count; in the place of what counted before. */
  @FunctionalInterface
  interface HeadWriter {
    void write(List<LogSegment.Seal> sealed, LogSegment newest) throws IOException;
  }

  /** Takes entries, and says whether it wants more. */
  @FunctionalInterface
  public interface EntryTaker {
    /** Takes the next one. */
    boolean take(LogEntry entry) throws IOException;
  }

  private LogFiles(
      Path folder, DiskWatch watch, int segmentEntries, List<Sealed> sealed, LogSegment newest) {
    this.folder = folder;
    this.watch = watch;
    this.segmentEntries = segmentEntries;
    this.sealed = sealed;
    this.newest = newest;
    this.all = segments();
    // Segments that were written anew have higher ids than the one that grew meanwhile.
    this.nextId = new AtomicLong(1 + all.stream().mapToLong(LogSegment::id).max().orElseThrow());
  }

  private List<LogSegment> segments() {
    List<LogSegment> segments = new ArrayList<>();
    sealed.forEach(each -> segments.add(each.segment()));
    segments.add(newest);
    return List.copyOf(segments);
  }

  /** An empty segment that nothing counts on yet. */
  static LogFiles begin(Path folder, DiskWatch watch, int segmentEntries) throws IOException {
    Directories.create(folder, watch);
    // Above whatever lies there, counting or not: a name is never used for two contents, else an
    // index of the first could be taken for one of the second.
    long last = ids(folder).stream().mapToLong(Long::longValue).max().orElse(0);
    LogSegment first = LogSegment.create(folder, last + 1, watch);
    return new LogFiles(folder, watch, segmentEntries, List.of(), first);
  }

  /**
   * Opens the segments that a head names.
   *
   * @param facts is shown what the newest says
   * @throws LogDamagedException if one is not what was written
   */
  static LogFiles open(
      Path folder, LogHead head, DiskWatch watch, int segmentEntries, Consumer<LogFact> facts)
      throws IOException {
    List<Sealed> sealed = new ArrayList<>();
    try {
      for (LogSegment.Seal seal : head.sealed()) {
        sealed.add(new Sealed(seal, LogSegment.open(folder, seal, watch)));
      }
      LogSegment newest = LogSegment.recover(folder, head.newest(), watch, facts);
      return new LogFiles(folder, watch, segmentEntries, List.copyOf(sealed), newest);
    } catch (IOException | RuntimeException e) {
      for (Sealed opened : sealed) {
        opened.segment().close();
      }
      throw e;
    }
  }

  /** Shows what can still be read in any segment. */
  static void salvage(Path folder, Consumer<LogFact> facts) throws IOException {
    for (long id : ids(folder)) {
      Path segment = LogSegment.path(folder, id);
      if (Files.exists(segment)) {
        LogSegment.salvage(segment, facts);
      }
    }
  }

  /** Of which segments there is a file, in rising order. */
  private static Set<Long> ids(Path folder) throws IOException {
    Set<Long> ids = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "[0-9]*.{log,idx}")) {
      for (Path path : found) {
        String name = String.valueOf(path.getFileName());
        String id = name.substring(0, name.indexOf('.'));
        if (id.matches("\\d{1,18}")) {
          ids.add(Long.parseLong(id));
        }
      }
    }
    return ids;
  }

  /** Takes away what does not count: of a change that was not brought to its end. */
  void deleteOthers() throws IOException {
    // All that the head names is open by now: before that nobody knows what counts, and whoever has
    // to salvage wants all of it.
    Set<Long> counting = new HashSet<>();
    all.forEach(segment -> counting.add(segment.id()));
    for (long id : ids(folder)) {
      if (!counting.contains(id)) {
        delete(id);
      }
    }
  }

  private void delete(long id) throws IOException {
    for (Path path : List.of(LogSegment.path(folder, id), LogSegment.indexPath(folder, id))) {
      if (Files.exists(path)) {
        Directories.delete(path, watch);
      }
    }
  }

  LogSegment newest() {
    return newest;
  }

  List<LogSegment.Seal> seals() {
    return sealed.stream().map(Sealed::seal).toList();
  }

  /** Appends a group; not durable. */
  void append(List<LogFact> group) throws IOException {
    newest.append(group);
  }

  void force() throws IOException {
    newest.force();
  }

  boolean newestIsFull() {
    return newest.entries() >= segmentEntries;
  }

  /** Seals the newest segment and begins another; all that was appended is durable. */
  void roll(HeadWriter head) throws IOException {
    // Its bytes first: the head is going to say that all of it is durable.
    LogSegment full = newest;
    LogSegment closed = full.seal(folder, watch);
    List<Sealed> more = new ArrayList<>(sealed);
    more.add(new Sealed(full.sealOf(), closed));
    LogSegment next = LogSegment.create(folder, nextId.getAndIncrement(), watch);
    try {
      Directories.force(next.path(), watch);
      CrashPoint.BLOCK_LOG_SEGMENT_MADE.reached();
      head.write(more.stream().map(Sealed::seal).toList(), next);
    } catch (IOException | RuntimeException e) {
      // The newest stays what it was and takes more, though it is full; sealing is tried again.
      closed.close();
      next.close();
      throw e;
    }
    sealed = List.copyOf(more);
    newest = next;
    all = segments();
    // Last: a reader that still has it finds it closed, and sees by then that there are others.
    full.close();
  }

  /**
   * Shows entries in rising order until no more are wanted; what somebody is shown may be shown
   * again from the beginning, if files were replaced meanwhile.
   *
   * @param readers makes the taker for a run through
   */
  public <T extends EntryTaker> T read(long from, long to, Supplier<T> readers) throws IOException {
    while (true) {
      List<LogSegment> now = all;
      try {
        T reader = readers.get();
        for (LogSegment segment : from(now, from)) {
          if (!segment.read(from, to, reader)) {
            break;
          }
        }
        return reader;
      } catch (ClosedChannelException e) {
        // Closed since it was replaced is no failure; closed although it counts is one.
        if (all.equals(now)) {
          throw e;
        }
      }
    }
  }

  /** Those that may have a number, or higher ones. */
  private static List<LogSegment> from(List<LogSegment> segments, long number) {
    int first = 0;
    for (int i = 1; i < segments.size(); i++) {
      if (segments.get(i).first() > 0 && segments.get(i).first() <= number) {
        first = i;
      }
    }
    return segments.subList(first, segments.size());
  }

  /** The highest number above another one at which a block with a hash came, 0 if it did not. */
  public long numberOf(Multihash hash, long above) throws IOException {
    while (true) {
      List<LogSegment> now = all;
      try {
        for (LogSegment segment : now.reversed()) {
          // From the newest back: in older ones than that of the number the block came before it,
          // and in its own it came later only where blocks come more than once.
          boolean own = segment.first() > 0 && segment.first() <= above;
          long number = own && !segment.repeats() ? 0 : segment.numberOf(hash, above);
          if (number > 0 || own) {
            return number;
          }
        }
        return 0;
      } catch (ClosedChannelException e) {
        if (all.equals(now)) {
          throw e;
        }
      }
    }
  }

  /**
   * Writes sealed segments anew without entries that mean nothing any more. Reading goes on
   * meanwhile, and so does appending.
   *
   * @return empty if all of it stays
   */
  public Optional<Rewritten> rewrite(EntryFilter stays) throws IOException {
    List<Sealed> before = sealed;
    Rewritten after = new Rewritten(before);
    // Beside those that count, under new names: it may take long, and the process may die of it.
    try {
      for (Sealed each : before) {
        List<LogFact> kept = new ArrayList<>();
        each.segment()
            .read(
                1,
                Long.MAX_VALUE,
                entry -> {
                  if (stays.stays(entry)) {
                    kept.add(new LogFact.Numbered(entry));
                  }
                  return true;
                });
        // Whole and not small: to write it anew would bring nothing but wear.
        if (kept.size() == each.segment().entries() && kept.size() >= segmentEntries / 2) {
          after.keep(each);
        } else {
          after.write(kept);
        }
      }
      after.end();
    } catch (IOException | RuntimeException e) {
      after.discard();
      throw e;
    }
    if (after.changed()) {
      return Optional.of(after);
    }
    after.discard();
    return Optional.empty();
  }

  /** Says which entries are kept. */
  @FunctionalInterface
  public interface EntryFilter {
    /** Whether an entry still means something. */
    boolean stays(LogEntry entry) throws IOException;
  }

  /** Puts what was written anew in the place of what it was made of. */
  void replace(Rewritten by, HeadWriter head) throws IOException {
    List<Sealed> now = new ArrayList<>(by.after);
    // What was sealed while this was being written stays behind it, as it is.
    now.addAll(sealed.subList(by.before.size(), sealed.size()));
    CrashPoint.BLOCK_LOG_COMPACTED.reached();
    head.write(now.stream().map(Sealed::seal).toList(), newest);
    // Readers get the new ones before the old ones are closed, so that who fails has where to go.
    sealed = List.copyOf(now);
    all = segments();
    for (Sealed gone : by.before) {
      if (!by.after.contains(gone)) {
        gone.segment().close();
        delete(gone.seal().id());
      }
    }
  }

  /** Segments written anew that do not count yet. */
  public final class Rewritten {
    private final List<Sealed> before;
    private final List<Sealed> after = new ArrayList<>();
    private Optional<LogSegment> open = Optional.empty();

    private Rewritten(List<Sealed> before) {
      this.before = before;
    }

    /** Fewer entries, or fewer segments. */
    private boolean changed() {
      return after.size() < before.size() || entries(after) < entries(before);
    }

    private static long entries(List<Sealed> segments) {
      return segments.stream().mapToLong(each -> each.segment().entries()).sum();
    }

    private void keep(Sealed as) throws IOException {
      end();
      after.add(as);
    }

    private void write(List<LogFact> entries) throws IOException {
      for (int at = 0; at < entries.size(); at += GROUP) {
        if (open.isEmpty()) {
          open = Optional.of(LogSegment.create(folder, nextId.getAndIncrement(), watch));
        }
        open.get().append(entries.subList(at, Math.min(entries.size(), at + GROUP)));
        if (open.get().entries() >= segmentEntries) {
          end();
        }
      }
    }

    private void end() throws IOException {
      if (open.isPresent()) {
        LogSegment done = open.get();
        LogSegment closed = done.seal(folder, watch);
        after.add(new Sealed(done.sealOf(), closed));
        open = Optional.empty();
        // Its name, too, before a head may name it.
        Directories.force(closed.path(), watch);
        done.close();
      }
    }

    private void discard() throws IOException {
      if (open.isPresent()) {
        open.get().close();
        delete(open.get().id());
      }
      for (Sealed made : after) {
        if (!before.contains(made)) {
          made.segment().close();
          delete(made.seal().id());
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (LogSegment segment : all) {
      segment.close();
    }
  }
}
