package io.sluice.dealstore.blocks.log;

import io.sluice.protocol.multiformats.Cid;
import java.util.List;
import java.util.Optional;

/**
 * What a number in a {@link BlockLog} stands for.
 *
 * @param number 1 or more
 * @param cid the block, or the root that was listed or removed
 * @param what which of them
 */
public record LogEntry(long number, Cid cid, What what) {
  /** What happened under a number. */
  public sealed interface What {}

  /**
   * A block came.
   *
   * @param size its bytes
   */
  public record BlockCame(int size) implements What {}

  /**
   * A root was listed: all that lies beneath it is here.
   *
   * @param tag this listing; with another epoch than the log's it was learned from another node
   * @param offered whether it is offered by the price list
   * @param name for people, possibly empty
   */
  public record RootListed(RootTag tag, boolean offered, String name) implements What {}

  /**
   * A root was removed.
   *
   * @param tags the listings that end by it, at least one
   */
  public record RootRemoved(List<RootTag> tags) implements What {
    /** Copies what it is given. */
    public RootRemoved {
      tags = List.copyOf(tags);
    }
  }

  /** The tag of a listing. */
  public Optional<RootTag> tag() {
    return what instanceof RootListed listed ? Optional.of(listed.tag()) : Optional.empty();
  }
}
