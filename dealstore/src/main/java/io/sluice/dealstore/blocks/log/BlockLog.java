package io.sluice.dealstore.blocks.log;

import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What came to a block store, numbered: neighbours ask what came since the number that they know.
 * Numbers rise by one, are never given twice, and may be left out in what is read: blocks that are
 * gone are passed over, and so is the listing of a root that was removed since.
 *
 * <ul>
 *   <li>Every block that can be read has one number, the one that it got when it came; a block that
 *       comes again, or is moved on the disk, keeps it.
 *   <li>Nothing is told before it is durable: after a crash no number stands for something else.
 *   <li>The cursor never falls.
 * </ul>
 *
 * Safe for any number of threads.
 */
public interface BlockLog {
  /** The id of this numbering, drawn by chance; another one as soon as numbers begin anew. */
  long epoch();

  /** The highest number ever given to something that is durable; 0 for none. */
  long cursor();

  /**
   * Entries in rising order.
   *
   * @param from first number, 1 or more
   * @param to last number, inclusive
   * @param most entries, 1 or more
   * @return those that still mean something; empty if there are none up to {@code to}
   */
  List<LogEntry> read(long from, long to, int most) throws IOException;

  /**
   * Notes that a root is listed here; durable on return, with all blocks that came before.
   *
   * @return the listing, new
   */
  RootTag listed(Cid root, boolean offered, String name) throws IOException;

  /**
   * Notes that a root is listed here that was listed elsewhere; durable on return. A listing that
   * is known, also as one that ended, changes nothing.
   *
   * @return whether it is new
   */
  boolean learned(Cid root, RootTag tag, boolean offered, String name) throws IOException;

  /**
   * Notes that listings of a root ended, those that are not known as well: they are not taken from
   * here on. Durable on return. What ended before changes nothing.
   *
   * @return whether any of it is new
   */
  boolean removed(Cid root, Set<RootTag> tags) throws IOException;

  /** The listings of a root that have not ended. */
  Set<RootTag> listings(Cid root);

  /** The roots with listings that have not ended. */
  default Set<Cid> listedRoots() throws IOException {
    Set<Cid> listed = new HashSet<>();
    for (LogEntry entry : read(1, Long.MAX_VALUE, Integer.MAX_VALUE)) {
      if (entry.tag().isPresent()) {
        listed.add(entry.cid());
      }
    }
    return listed;
  }

  /** Whether it is known that a listing ended. */
  boolean ended(RootTag tag);

  /**
   * Draws another epoch, since this log is an old copy of one that has given more numbers: those
   * that follow here would stand for something else. Numbers and listings stay. Durable on return.
   */
  void renew() throws IOException;

  /**
   * Has something run whenever the cursor has risen, on the thread that made it rise, which does
   * not wait for long. As long as anybody listens, blocks that were put and that nobody has synced
   * are synced a moment later, so that a wait does not outlast them.
   *
   * @return stops that
   */
  AutoCloseable onRise(Runnable listener);
}
