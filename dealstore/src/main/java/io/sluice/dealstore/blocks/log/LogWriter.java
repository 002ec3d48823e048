package io.sluice.dealstore.blocks.log;

import io.sluice.dealstore.blocks.log.LogEntry.RootListed;
import io.sluice.dealstore.blocks.log.LogEntry.RootRemoved;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.fsm.CrashPoint;
import io.sluice.protocol.multiformats.Cid;
import java.io.Closeable;
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
 * What a block log has written: gives numbers, keeps what was said by them, and knows how far it is
 * durable. One thread at a time changes something; any thread reads what is volatile.
 */
public final class LogWriter implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(LogWriter.class);

  private static final String FOLDER = "log";

  private final Path folder;
  private final BlockLogConfig config;
  private final DiskWatch watch;
  private final LogFiles files;
  private final RootListings roots;
  private volatile long epoch;
  private volatile long cursor;
  private volatile NumberedPlaces places = NumberedPlaces.NONE;

  /** The highest number that was written. */
  private long given;

  /** The first number that the newest segment may have. */
  private long begun = 1;

  /** The highest number that the head on the disk knows of. */
  private long headCursor;

  /** Whether blocks were passed over that nothing on the disk says so of. */
  private boolean passedOver;

  /** Whether a head names the segments: before it does, nothing counts. */
  private boolean published;

  private @Nullable IOException broken;

  private LogWriter(
      Path folder, BlockLogConfig config, DiskWatch watch, LogFiles files, RootListings roots) {
    this.folder = folder;
    this.config = config;
    this.watch = watch;
    this.files = files;
    this.roots = roots;
  }

  /** Whether a store has a log. */
  public static boolean isIn(Path directory) {
    return LogHead.isIn(directory.resolve(FOLDER));
  }

  /**
   * Opens the log of a store.
   *
   * @param end where the store's own files end
   * @throws LogDamagedException if it is not what was written
   */
  public static LogWriter open(
      Path directory, LogFact.NumberedUpTo end, BlockLogConfig config, DiskWatch watch)
      throws IOException {
    Path folder = directory.resolve(FOLDER);
    LogHead head = LogHead.read(folder);
    RootListings roots = new RootListings();
    roots.takeAll(head);
    List<LogFact> newest = new ArrayList<>();
    LogFiles files = LogFiles.open(folder, head, watch, config.segmentEntries(), newest::add);
    LogWriter opened = new LogWriter(folder, config, watch, files, roots);
    try {
      opened.restore(head, newest, end);
      return opened;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private void restore(LogHead head, List<LogFact> newest, LogFact.NumberedUpTo end)
      throws IOException {
    epoch = head.epoch();
    places = head.places();
    begun = head.begun();
    given = begun - 1;
    newest.forEach(this::note);
    // The newest segment was cut off behind what the head knows: those numbers were told to
    // neighbours, and would be given to other blocks.
    if (given < head.cursor()) {
      throw new LogDamagedException(
          "%s ends at number %d, after %d was given".formatted(folder, given, head.cursor()));
    }
    // The store may have lost its end in a crash, as the log has not: that comes anew.
    places = places.within(end);
    cursor = given;
    headCursor = head.cursor();
    published = true;
    if (!Inode.of(files.newest().path()).equals(head.inode())) {
      log.warn(
          "the block log is a copy, perhaps an old one: neighbours will compare everything again");
      renew();
    }
    files.deleteOthers();
  }

  /**
   * Begins a log anew, which does not count before {@link #publish}. What is known of listings in
   * one that is damaged is taken over; it is written by {@link #appendRoots}.
   */
  public static LogWriter begin(Path directory, BlockLogConfig config, DiskWatch watch)
      throws IOException {
    Path folder = directory.resolve(FOLDER);
    RootListings roots = Files.isDirectory(folder) ? salvaged(folder) : new RootListings();
    LogFiles files = LogFiles.begin(folder, watch, config.segmentEntries());
    LogWriter begun = new LogWriter(folder, config, watch, files, roots);
    // Drawn at random, not counted up: what was counted is what was lost.
    begun.epoch = config.random().nextLong();
    return begun;
  }

  private static RootListings salvaged(Path folder) throws IOException {
    RootListings roots = new RootListings();
    try {
      roots.takeAll(LogHead.read(folder));
    } catch (LogDamagedException e) {
      log.debug("nothing is known from the head", e);
    }
    LogFiles.salvage(
        folder,
        fact -> {
          if (fact instanceof LogFact.Numbered numbered) {
            roots.take(numbered.entry());
          }
        });
    return roots;
  }

  /** Makes it count, in the place of what was there. */
  public void publish() throws IOException {
    commit();
    writeHead(files.seals(), files.newest());
    published = true;
    files.deleteOthers();
  }

  // ---- to write

  private void writeHead(List<LogSegment.Seal> sealed, LogSegment newest) throws IOException {
    long known = given;
    new LogHead(
            epoch,
            known,
            Inode.of(newest.path()),
            sealed,
            newest.id(),
            newest.equals(files.newest()) ? begun : known + 1,
            places,
            roots.going(),
            LogHead.EndedListings.of(roots.ended()))
        .write(folder, watch);
    headCursor = known;
  }

  /** Draws another epoch. */
  public void renew() throws IOException {
    epoch = config.random().nextLong();
    writeHead(files.seals(), files.newest());
  }

  private void writeHeadOnceItCounts(List<LogSegment.Seal> sealed, LogSegment newest)
      throws IOException {
    if (published) {
      writeHead(sealed, newest);
    }
  }

  /** The number that the next entry of a group gets, when there are so many before it. */
  public long number(int before) {
    return given + before + 1;
  }

  /** The fact that something got a number. */
  public static LogFact numbered(long number, Cid cid, LogEntry.What what) {
    return new LogFact.Numbered(new LogEntry(number, cid, what));
  }

  /** Appends facts that count together; durable after {@link #commit}. */
  public void append(List<LogFact> group) throws IOException {
    refuseIfBroken();
    if (group.isEmpty()) {
      return;
    }
    if (files.newestIsFull()) {
      roll();
    }
    try {
      files.append(group);
    } catch (IOException e) {
      // A full disk is no reason to stop, as long as the half that was written could be cut off.
      if (!files.newest().wholeAfterFailure()) {
        throw brokenBy(e);
      }
      throw e;
    }
    group.forEach(this::note); // only now: what is noted is what a head would tell
    passedOver = false;
  }

  private void roll() throws IOException {
    files.roll(this::writeHeadOnceItCounts);
    begun = given + 1;
  }

  private void note(LogFact fact) {
    places = places.after(fact);
    if (fact instanceof LogFact.Numbered numbered) {
      given = numbered.entry().number();
      roots.take(numbered.entry());
    }
  }

  /** All that was appended is durable, and told, when this returns. */
  public void commit() throws IOException {
    refuseIfBroken();
    CrashPoint.BLOCK_LOG_WRITTEN.reached();
    try {
      files.force();
    } catch (IOException e) {
      // A second sync may succeed though the pages of the first were dropped.
      throw brokenBy(e);
    }
    CrashPoint.BLOCK_LOG_SYNCED.reached();
    cursor = given; // last: whoever reads it may tell neighbours, who never forget
  }

  void refuseIfBroken() throws IOException {
    IOException cause = broken;
    if (cause != null) {
      throw new IOException("the block log failed before: " + cause.getMessage(), cause);
    }
  }

  /** Nobody knows what is on the disk then. */
  private IOException brokenBy(IOException cause) {
    broken = cause;
    log.error("{}: no more numbers are given until the next start: {}", folder, cause.toString());
    return cause;
  }

  /** A listing begins, with that tag or, if there is none, with its own. */
  public RootTag appendListing(Cid root, Optional<RootTag> known, boolean offered, String name)
      throws IOException {
    RootTag tag = known.orElseGet(() -> new RootTag(epoch, number(0)));
    append(List.of(numbered(number(0), root, new RootListed(tag, offered, LogFact.cut(name)))));
    return tag;
  }

  /** Listings of a root end. */
  public void appendRemoval(Cid root, List<RootTag> tags) throws IOException {
    for (int at = 0; at < tags.size(); at += LogFact.MOST_TAGS) {
      List<RootTag> some = tags.subList(at, Math.min(tags.size(), at + LogFact.MOST_TAGS));
      append(List.of(numbered(number(0), root, new RootRemoved(some))));
    }
  }

  /** Tells all that is known of listings, in a log that begins anew. */
  public void appendRoots() throws IOException {
    for (var ended : roots.ended().entrySet()) {
      appendRemoval(ended.getKey(), ended.getValue());
    }
    for (RootListings.Listing listing : roots.going()) {
      append(List.of(numbered(number(0), listing.root(), listing.as())));
    }
  }

  /** Blocks up to a place need no number: they have theirs. */
  public void passOver(LogFact.NumberedUpTo place) {
    places = places.after(place);
    passedOver = true;
  }

  /** Whether it is to be said how far blocks are numbered, though none came. */
  public boolean passedOver() {
    return passedOver;
  }

  /** Seals what is there, so that all of it can be written anew. */
  public void sealNewest() throws IOException {
    commit();
    if (files.newest().entries() > 0) {
      roll();
    }
  }

  /** Puts segments that were written anew in the place of what they were made of. */
  public void replace(LogFiles.Rewritten by) throws IOException {
    commit(); // a head knows of nothing that may be lost
    files.replace(by, this::writeHeadOnceItCounts);
  }

  // ---- what is known

  /** The segments, to be read. */
  public LogFiles files() {
    return files;
  }

  /** The listings that it tells of. */
  public RootListings roots() {
    return roots;
  }

  /** Names this numbering; numbers of another epoch are others. */
  public long epoch() {
    return epoch;
  }

  /** The highest number given to something that is durable. */
  public long cursor() {
    return cursor;
  }

  /** Which blocks are numbered. */
  public NumberedPlaces places() {
    return places;
  }

  /** Closes the files; the head then knows where the numbers end. */
  @Override
  public void close() throws IOException {
    try {
      if (published && broken == null && given > headCursor) {
        commit();
        writeHead(files.seals(), files.newest());
      }
    } finally {
      files.close();
    }
  }
}
