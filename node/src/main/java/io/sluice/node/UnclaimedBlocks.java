package io.sluice.node;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.protocol.multiformats.CidSet;
import java.io.IOException;
import java.util.List;

/**
 * Blocks that came and lie beneath no root that was listed: they are on their way in, from
 * neighbours or by an import here, and of several imports at once some may be listed already and
 * others not. A root that was removed since has claimed its blocks all the same.
 *
 * @param first the number of the first of them, one behind the cursor if there are none
 * @param bytes of all
 */
record UnclaimedBlocks(long first, long bytes) {
  private static final int AT_ONCE = 1000;

  @FunctionalInterface
  private interface EntryVisitor {
    void at(LogEntry entry) throws IOException;
  }

  /**
   * Those from a number on. Walks the roots that were listed since, so it costs as much as these
   * have blocks.
   */
  static UnclaimedBlocks from(long number, BlockLog log, BeneathRoots beneath) throws IOException {
    long cursor = log.cursor();
    CidSet claimed = new CidSet();
    each(
        log,
        number,
        cursor,
        entry -> {
          if (!(entry.what() instanceof LogEntry.BlockCame)) {
            beneath.walk(entry.cid(), cid -> claimed.add(BeneathRoots.plain(cid.hash())));
          }
        });
    long[] found = {cursor + 1, 0};
    each(
        log,
        number,
        cursor,
        entry -> {
          if (entry.what() instanceof LogEntry.BlockCame block
              && !claimed.contains(BeneathRoots.plain(entry.cid().hash()))) {
            found[0] = Math.min(found[0], entry.number());
            found[1] += block.size();
          }
        });
    return new UnclaimedBlocks(found[0], found[1]);
  }

  private static void each(BlockLog log, long from, long to, EntryVisitor visitor)
      throws IOException {
    long next = Math.max(1, from);
    while (next <= to) {
      List<LogEntry> some = log.read(next, to, AT_ONCE);
      for (LogEntry entry : some) {
        visitor.at(entry);
      }
      if (some.size() < AT_ONCE) {
        return;
      }
      next = some.getLast().number() + 1;
    }
  }
}
