package io.sluice.protocol.pullsync;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A page of an interval.
 *
 * @param topmost the interval is done up to here; the number before its first if nothing of it is
 * @param items in rising order, none above {@code topmost}
 * @param epoch of the numbering
 * @param ended whether nothing of the interval is left behind {@code topmost}; an interval without
 *     an end never is
 * @param cursor the highest number ever given
 */
public record Offer(long topmost, List<Item> items, long epoch, boolean ended, long cursor)
    implements PullsyncMessage {
  /** Copies the items, and refuses a page that cannot be. */
  public Offer {
    items = List.copyOf(items);
    if (topmost < 0 || topmost == Long.MAX_VALUE) {
      throw BadPullsync.because("an interval done up to " + Long.toUnsignedString(topmost));
    }
    if (cursor < 0 || cursor == Long.MAX_VALUE) {
      throw BadPullsync.because("a cursor at " + Long.toUnsignedString(cursor));
    }
    requireFew(items.size());
    long before = 0;
    long bytes = 0;
    for (Item item : items) {
      if (item.number() <= before || item.number() > topmost) {
        throw BadPullsync.because(
            "number %d between %d and %d".formatted(item.number(), before, topmost));
      }
      before = item.number();
      bytes += item.bytes();
    }
    if (bytes > Pullsync.PAGE_BYTES) {
      throw BadPullsync.because(
          "a page of %d bytes, at most %d are taken".formatted(bytes, Pullsync.PAGE_BYTES));
    }
  }

  private static void requireFew(int items) {
    if (items > Pullsync.ITEMS) {
      throw BadPullsync.because("more than " + Pullsync.ITEMS + " items");
    }
  }

  /** Whether there is a block among the items, so that a {@link Want} follows. */
  public boolean offersBlocks() {
    return items.stream().anyMatch(Item::isBlock);
  }

  ProtobufWriter encode() {
    ProtobufWriter out = new ProtobufWriter().numberUnlessZero(1, topmost);
    items.forEach(item -> out.message(2, ItemCodec.encode(item)));
    return out.numberUnlessZero(3, epoch)
        .numberUnlessZero(4, ended ? 1 : 0)
        .numberUnlessZero(5, cursor);
  }

  static Offer decode(ProtobufReader in) {
    long topmost = 0;
    List<Item> items = new ArrayList<>();
    long epoch = 0;
    boolean ended = false;
    long cursor = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> topmost = in.number();
        case 2 -> {
          requireFew(items.size() + 1);
          items.add(ItemCodec.decode(in.message()));
        }
        case 3 -> epoch = in.number();
        case 4 -> ended = in.number() != 0;
        case 5 -> cursor = in.number();
        default -> in.skip();
      }
    }
    return new Offer(topmost, items, epoch, ended, cursor);
  }
}
