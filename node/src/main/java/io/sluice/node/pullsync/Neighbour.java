package io.sluice.node.pullsync;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.Lane;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A node whose log this one pulls from. Of a lane it has one finite page under way at a time, and a
 * live one beside it.
 */
interface Neighbour {
  /** How far the log of a lane is. */
  Position position(Lane lane) throws IOException, NeighbourException;

  /**
   * One page of an interval: takes the offer, asks for what the receiver wants of it, and hands
   * over the blocks one by one, hashed. Ends early, with what came, where the neighbour goes wrong
   * after some blocks: {@link Page#failed} has those that were wanted and did not come.
   *
   * @param epoch that the neighbour has to have still
   * @param from first number, 1 or more
   * @param to last number, inclusive; {@link #LIVE} waits for what does not exist yet
   * @param wait how long it may wait for the first item of a live interval
   * @throws NeighbourException if nothing of the page counts
   */
  Page page(Lane lane, long epoch, long from, long to, Duration wait, PageReceiver receiver)
      throws IOException, NeighbourException;

  /** The end of an interval that has none. */
  long LIVE = Long.MAX_VALUE;

  /**
   * Where a log is.
   *
   * @param epoch of its numbering
   * @param cursor the highest number ever given, 0 for none
   */
  record Position(long epoch, long cursor) {}

  /**
   * What an interval brought.
   *
   * @param topmost the interval is done up to here; {@code from - 1} if nothing came meanwhile
   * @param items all that was offered, in rising order
   * @param failed wanted blocks that did not come; the interval is done but for their numbers
   */
  record Page(long topmost, List<Item> items, List<Failed> failed) {}

  /**
   * A block that was wanted and did not come.
   *
   * @param item what it was offered as
   * @param reason for logs
   * @param after how long not to ask for it again; zero for whenever
   */
  record Failed(Item item, String reason, Duration after) {}

  /** Whoever wants a page. */
  interface PageReceiver {
    /** Whether a block that is offered is wanted; asked once for each, in their order. */
    boolean wants(Item item) throws IOException;

    /** Keeps a block that was wanted, whose bytes match its CID. */
    void receive(Item item, Block block) throws IOException;
  }
}
