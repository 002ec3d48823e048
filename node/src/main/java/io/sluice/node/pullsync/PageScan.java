package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.node.pullsync.PullsyncHome.LaneView;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.Pullsync;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers a page of a lane out of the log: up to a number of items, of bytes, and of entries that
 * are looked at for it, so that a lane with little in it costs no more than one with much.
 */
final class PageScan {
  private static final Logger LOG = LoggerFactory.getLogger(PageScan.class);

  /** Entries looked at for one page. */
  private static final int LOOKED_AT = 100_000;

  /** Of all items together, as they travel. */
  private static final int LISTING_BYTES = 1 << 20;

  private static final int BYTES_A_LISTING = 32;

  private final LaneView view;
  private final int most;
  private final List<Item> items = new ArrayList<>();
  private long blockBytes;
  private long listingBytes;

  /**
   * A page.
   *
   * @param topmost all of the lane up to here is in it, or was passed over
   */
  record ScannedPage(long topmost, List<Item> items) {}

  private PageScan(LaneView view, int most) {
    this.view = view;
    this.most = most;
  }

  /**
   * Gathers what there is.
   *
   * @param from first number
   * @param to last number, no higher than the cursor; {@code from - 1} if there is none
   * @param most items, 1 or more
   */
  static ScannedPage of(SharedReads log, LaneView view, long from, long to, int most)
      throws IOException {
    PageScan scan = new PageScan(view, most);
    return new ScannedPage(scan.gather(log, from, to), scan.items);
  }

  private long gather(SharedReads log, long from, long to) throws IOException {
    long topmost = from - 1;
    for (int looked = 0; looked < LOOKED_AT && topmost < to; ) {
      List<LogEntry> entries = log.read(topmost + 1, to, Pullsync.ITEMS);
      for (LogEntry entry : entries) {
        if (view.holds(entry) && !take(entry)) {
          return topmost;
        }
        topmost = entry.number();
      }
      looked += entries.size();
      if (entries.size() < Pullsync.ITEMS) {
        return to;
      }
    }
    return topmost;
  }

  /** Whether it has room; what cannot be offered at all is passed over. */
  private boolean take(LogEntry entry) {
    if (items.size() == most) {
      return false;
    }
    Optional<Item> made = item(entry);
    if (made.isEmpty()) {
      return true;
    }
    long bytes = blockBytes + made.get().bytes();
    long listing = listingBytes + listingBytes(made.get());
    if (bytes > Pullsync.PAGE_BYTES || listing > LISTING_BYTES) {
      return false;
    }
    blockBytes = bytes;
    listingBytes = listing;
    items.add(made.get());
    return true;
  }

  private static long listingBytes(Item item) {
    return item.what() instanceof Item.RemovedRoot removed
        ? (long) BYTES_A_LISTING * removed.listings().size()
        : 0;
  }

  private static Optional<Item> item(LogEntry entry) {
    return switch (entry.what()) {
      case LogEntry.BlockCame block when block.size() > Pullsync.BLOCK_BYTES -> {
        LOG.debug("{} has {} bytes, too many for neighbours", entry.cid(), block.size());
        yield Optional.empty();
      }
      case LogEntry.BlockCame block ->
          Optional.of(item(entry, new Item.OfferedBlock(block.size())));
      case LogEntry.RootListed root ->
          Optional.of(
              item(
                  entry,
                  new Item.ListedRoot(
                      listing(root.tag()), root.offered(), shortened(root.name()))));
      case LogEntry.RootRemoved root ->
          Optional.of(
              item(
                  entry,
                  new Item.RemovedRoot(
                      root.tags().stream()
                          .limit(Pullsync.LISTINGS)
                          .map(PageScan::listing)
                          .toList())));
    };
  }

  private static Item item(LogEntry entry, Item.What what) {
    return new Item(entry.number(), entry.cid(), what);
  }

  private static Item.Listing listing(RootTag tag) {
    return new Item.Listing(tag.epoch(), tag.number());
  }

  /** Names are for people, and those are not shown more than this. */
  private static String shortened(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length <= Pullsync.NAME_BYTES
        ? name
        : name.substring(0, Math.min(name.length(), Pullsync.NAME_BYTES / 4));
  }
}
