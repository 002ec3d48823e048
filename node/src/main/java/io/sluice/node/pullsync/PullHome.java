package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What pulling asks of the node: where blocks go, and what becomes of roots. */
public interface PullHome {
  /** What became of a root that a neighbour lists. */
  enum Adoption {
    /** It is listed here, or was already. */
    LISTED,
    /** That listing ended: it is never taken again. */
    ENDED,
    /** Something beneath it is not here. */
    INCOMPLETE
  }

  /** Gives and takes blocks. */
  BlockStore store() throws IOException;

  /** The id of the numbering of this node's log. */
  long epoch() throws IOException;

  /** The highest number in the log of this node, 0 for none. */
  long cursor() throws IOException;

  /** Bytes that may come from neighbours beside what is here, by quota and disk. */
  long roomLeft() throws IOException;

  /**
   * The first number in the log of this node, from one on, under which a block came that lies
   * beneath no root that was listed; one behind the cursor if there is none.
   */
  long unclaimed(long from) throws IOException;

  /**
   * Lists a root here as well, if all that lies beneath it is here. Durable on return.
   *
   * @param listing its tag, as it was drawn where the root was listed first
   * @param offered whether the price list offers it there
   * @param name for people
   */
  Adoption adopt(Cid root, RootTag listing, boolean offered, String name) throws IOException;

  /** Takes a root off the list here as well, if none of its listings is left. Durable on return. */
  void drop(Cid root, Set<RootTag> ended) throws IOException;

  /** Whether all that lies beneath a root is here. */
  boolean isComplete(Cid root) throws IOException;

  /**
   * Buys what is missing beneath the root of a lane from the neighbour, within the limits of the
   * order, which it has. Blocks until that is done.
   *
   * @throws NotBoughtException if it cannot be had, or not for that
   */
  void buy(NeighbourSync.Order order) throws IOException, NotBoughtException, InterruptedException;

  /** Something could not be bought, for the reason that the message says. */
  final class NotBoughtException extends Exception {
    private static final long serialVersionUID = 1;

    /** Something could not be bought. */
    public NotBoughtException(String reason, @Nullable Throwable cause) {
      super(reason, cause);
    }
  }
}
