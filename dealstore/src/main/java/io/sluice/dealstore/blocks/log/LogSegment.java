package io.sluice.dealstore.blocks.log;

import io.sluice.dealstore.blocks.index.TailIndex;
import io.sluice.dealstore.blocks.log.LogEntry.BlockCame;
import io.sluice.dealstore.blocks.log.LogFact.Numbered;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.SteadyFile;
import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A file of a block log: a head of 16 bytes that says which it is, then frames. One thread at a
 * time appends; any thread reads.
 *
 * <p>What was given a number must keep it, since neighbours remember numbers. So a torn end is told
 * from damage: of a torn end nobody has heard, because nothing is said before it is durable, and it
 * is cut off; where something that was durable cannot be read, the log is given up and numbers
 * begin anew under another epoch, which tells neighbours to look again.
 */
final class LogSegment implements Closeable {
  private static final long MAGIC = 0x736c_7569_6365_0003L;
  private static final int HEAD = 2 * Long.BYTES;

  private final long id;
  private final SteadyFile file;
  private final FramePositions positions;
  private final HashIndex index;

  /** Behind whole groups only: readers stop here, so that they see no group in part. */
  private volatile long end;

  private volatile long durable;
  private long entries;

  /** Not after a failed append that could not be undone: then the next start has to cut it. */
  private boolean whole = true;

  private LogSegment(long id, SteadyFile file, FramePositions positions, HashIndex index) {
    this.id = id;
    this.file = file;
    this.positions = positions;
    this.index = index;
  }

  private static LogSegment growing(long id, SteadyFile file) {
    return new LogSegment(id, file, new FramePositions(), new GrowingIndex(new TailIndex()));
  }

  /**
   * What is known of a sealed segment without reading it.
   *
   * @param id names its file
   * @param length of the file
   * @param checksum CRC-32C of all of it
   * @param entries how many it has
   */
  record Seal(long id, long length, long checksum, long entries) {}

  /** A new segment; its name is not durable yet. */
  static LogSegment create(Path folder, long id, DiskWatch watch) throws IOException {
    Path path = path(folder, id);
    Files.deleteIfExists(path); // of a start that did not get far
    LogSegment made = growing(id, SteadyFile.create(path, watch));
    made.file.write(ByteBuffer.allocate(HEAD).putLong(MAGIC).putLong(id).flip(), 0);
    made.end = HEAD;
    return made;
  }

  /**
   * Opens the newest segment: what is not a whole group at its end is cut off.
   *
   * @param facts is shown all of them
   * @throws LogDamagedException if something is damaged that was durable
   */
  static LogSegment recover(Path folder, long id, DiskWatch watch, Consumer<LogFact> facts)
      throws IOException {
    Path path = path(folder, id);
    if (!Files.exists(path)) {
      throw new LogDamagedException(path + " is missing");
    }
    LogSegment segment = growing(id, SteadyFile.readWrite(path, watch));
    try {
      segment.readBack(facts);
      return segment;
    } catch (IOException | RuntimeException e) {
      segment.close();
      throw e;
    }
  }

  private void readBack(Consumer<LogFact> facts) throws IOException {
    checkHead();
    long there = file.size();
    FrameReader frames = new FrameReader(file, HEAD, there);
    List<LogFact> group = new ArrayList<>();
    List<long[]> begins = new ArrayList<>();
    end = HEAD;
    long at = HEAD;
    for (Optional<LogFrame> next = frames.next(); next.isPresent(); next = frames.next()) {
      LogFrame frame = next.get();
      group.addAll(frame.facts());
      Optional<Long> number = first(frame.facts());
      if (number.isPresent()) {
        begins.add(new long[] {number.get(), at});
      }
      at = frames.offset();
      // A group is one change: without its last frame none of it has happened.
      if (frame.last()) {
        begins.forEach(begin -> positions.add(begin[0], begin[1]));
        group.forEach(this::note);
        group.forEach(facts);
        begins.clear();
        group.clear();
        end = at;
      }
    }
    refuseIfDurable(at, there);
    if (end < there) {
      file.truncate(end);
    }
    force(); // a process that was killed may have written it and not synced it
  }

  private static Optional<Long> first(List<LogFact> facts) {
    return facts.stream()
        .filter(Numbered.class::isInstance)
        .findFirst()
        .map(fact -> ((Numbered) fact).entry().number());
  }

  private void checkHead() throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    try {
      file.readFully(head, 0);
    } catch (EOFException e) {
      throw new LogDamagedException(file.path() + " has no head");
    }
    if (head.getLong(0) != MAGIC || head.getLong(Long.BYTES) != id) {
      throw new LogDamagedException(file.path() + " is no segment " + id);
    }
  }

  /** Whether a frame behind a bad one was written when the bad one was durable already. */
  private void refuseIfDurable(long bad, long there) throws IOException {
    if (bad >= there) {
      return;
    }
    ByteBuffer rest = ByteBuffer.allocate(Math.toIntExact(there - bad));
    file.readFully(rest, bad);
    rest.flip();
    // Frames say up to where the file was durable when they were written. Lengths are not to be
    // trusted behind damage, so every byte may be the beginning of one.
    for (int offset = 1; offset < rest.limit() - LogFrame.HEADER; offset++) {
      Optional<LogFrame> later = LogFrame.read(rest.position(offset));
      if (later.filter(frame -> frame.durable() > bad).isPresent()) {
        throw new LogDamagedException(
            "%s is damaged at byte %d, and good at %d".formatted(file.path(), bad, bad + offset));
      }
    }
  }

  /**
   * Opens a sealed segment.
   *
   * @throws LogDamagedException if it is not what was sealed
   */
  static LogSegment open(Path folder, Seal seal, DiskWatch watch) throws IOException {
    Path path = path(folder, seal.id());
    if (!Files.exists(path)) {
      throw new LogDamagedException(path + " is missing");
    }
    SteadyFile file = SteadyFile.read(path);
    try {
      // All of it is read once at each start: a sealed segment is never looked through again until
      // somebody asks for its numbers, and by then the answer must be right.
      if (file.size() != seal.length() || checksum(file, seal.length()) != seal.checksum()) {
        throw new LogDamagedException(path + " is not what was written");
      }
      return sealed(folder, seal, file, watch);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static LogSegment sealed(Path folder, Seal seal, SteadyFile file, DiskWatch watch)
      throws IOException {
    // The index is made of the segment and names its checksum, so one that is lost, or of a segment
    // that had the same number before, is made again; it is never a reason not to open.
    Path beside = indexPath(folder, seal.id());
    Optional<SealedIndex> known = SealedIndex.open(beside, seal.checksum());
    if (known.isEmpty()) {
      index(file, seal, beside, watch);
      known = SealedIndex.open(beside, seal.checksum());
    }
    SealedIndex index =
        known.orElseThrow(() -> new IOException(beside + " was just written, and is not sound"));
    LogSegment segment = new LogSegment(seal.id(), file, index.positions(), index);
    segment.end = seal.length();
    segment.durable = seal.length();
    segment.entries = seal.entries();
    return segment;
  }

  private static void index(SteadyFile file, Seal seal, Path beside, DiskWatch watch)
      throws IOException {
    // Roots are not in it: they are asked for by number only, and were shown when they came.
    FramePositions positions = new FramePositions();
    List<SealedIndex.Place> places = new ArrayList<>();
    FrameReader frames = new FrameReader(file, HEAD, seal.length());
    long at = HEAD;
    for (Optional<LogFrame> next = frames.next(); next.isPresent(); next = frames.next()) {
      long begin = at;
      first(next.get().facts()).ifPresent(number -> positions.add(number, begin));
      for (LogFact fact : next.get().facts()) {
        if (fact instanceof Numbered numbered && numbered.entry().what() instanceof BlockCame) {
          places.add(
              new SealedIndex.Place(numbered.entry().cid().hash(), numbered.entry().number()));
        }
      }
      at = frames.offset();
    }
    SealedIndex.write(beside, seal.checksum(), positions, places, watch);
  }

  /** Appends a group; not durable, and nothing of it is there if this fails. */
  void append(List<LogFact> group) throws IOException {
    long begin = end;
    long at = begin;
    try {
      for (LogFrame.Encoded frame : LogFrame.group(group, durable)) {
        int size = frame.bytes().remaining();
        file.write(frame.bytes(), at);
        if (frame.first() > 0) {
          positions.add(frame.first(), at);
        }
        at += size;
      }
    } catch (IOException e) {
      // Readers have not seen it, since the end did not move; the next append goes to its place.
      positions.cut(begin);
      cutBack(begin, e);
      throw e;
    }
    group.forEach(this::note);
    end = at;
  }

  private void cutBack(long size, IOException failure) {
    try {
      file.truncate(size);
    } catch (IOException e) {
      whole = false;
      failure.addSuppressed(e);
    }
  }

  /** Whether the file still ends with a whole group after an append that failed. */
  boolean wholeAfterFailure() {
    return whole;
  }

  private void note(LogFact fact) {
    if (fact instanceof Numbered numbered) {
      entries++;
      LogEntry entry = numbered.entry();
      if (entry.what() instanceof BlockCame && index instanceof GrowingIndex growing) {
        growing.add(entry.cid().hash(), entry.number());
      }
    }
  }

  /** All that was appended is on the disk when this returns. */
  void force() throws IOException {
    // Taken before: what is appended while the disk works may not be in this sync.
    long reached = end;
    if (durable < reached) {
      file.force();
      durable = reached;
    }
  }

  /** Ends a segment: what comes goes to another one. Its index is on the disk when this returns. */
  LogSegment seal(Path folder, DiskWatch watch) throws IOException {
    force();
    // The file is opened again to read only, so that nothing can be appended to what was sealed;
    // whoever reads by the old one goes on until that is closed.
    return sealed(folder, sealOf(), SteadyFile.read(file.path()), watch);
  }

  /** What the head of the log keeps of this segment once it is sealed. */
  Seal sealOf() throws IOException {
    return new Seal(id, end, checksum(file, end), entries);
  }

  long id() {
    return id;
  }

  Path path() {
    return file.path();
  }

  /** The lowest number that it has, 0 if it has none. */
  long first() {
    return positions.first();
  }

  /** How many numbers it has. */
  long entries() {
    return entries;
  }

  /**
   * Shows entries in rising order.
   *
   * @return whether more are wanted
   * @throws LogDamagedException if something does not match its checksum
   */
  boolean read(long from, long to, LogFiles.EntryTaker taker) throws IOException {
    long begin = positions.before(from);
    FrameReader frames = new FrameReader(file, begin < 0 ? HEAD : begin, end);
    while (!frames.atEnd()) {
      long at = frames.offset();
      Optional<LogFrame> frame = frames.next();
      if (frame.isEmpty()) {
        throw new LogDamagedException(
            "%s is damaged at byte %d; its numbers begin anew at the next start"
                .formatted(file.path(), at));
      }
      for (LogFact fact : frame.get().facts()) {
        if (fact instanceof Numbered numbered && numbered.entry().number() >= from) {
          if (numbered.entry().number() > to || !taker.take(numbered.entry())) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** The highest number above another one at which a block with a hash came, 0 if it did not. */
  long numberOf(Multihash hash, long above) throws IOException {
    long highest = 0;
    for (long number : index.numbers(hash)) {
      // The index goes by a part of the hash, and only the entry itself says whose number it is.
      if (number > Math.max(highest, above) && holds(number, hash)) {
        highest = number;
      }
    }
    return highest;
  }

  /** Whether a block may have come here more than once. */
  boolean repeats() {
    return index.repeats();
  }

  private boolean holds(long number, Multihash hash) throws IOException {
    boolean[] found = {false};
    boolean unused =
        read(
            number,
            number,
            entry -> {
              found[0] = entry.cid().hash().equals(hash);
              return false;
            });
    return found[0];
  }

  /** Shows what can be read of a damaged segment. */
  static void salvage(Path segment, Consumer<LogFact> facts) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(segment));
    // Byte by byte, as nobody says where the next frame begins; checksums keep out what is none.
    // What is found is only good for knowing what was listed: its numbers are not used again.
    int offset = HEAD;
    while (offset < all.limit()) {
      Optional<LogFrame> frame = LogFrame.read(all.position(offset));
      frame.ifPresent(found -> found.facts().forEach(facts));
      offset = frame.isPresent() ? all.position() : offset + 1;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
    index.close();
  }

  private static long checksum(SteadyFile file, long length) throws IOException {
    return Integer.toUnsignedLong(file.checksum(0, length));
  }

  static Path path(Path folder, long id) {
    return folder.resolve(name(id) + ".log");
  }

  static Path indexPath(Path folder, long id) {
    return folder.resolve(name(id) + ".idx");
  }

  private static String name(long id) {
    return String.format(Locale.ROOT, "%08d", id);
  }
}
