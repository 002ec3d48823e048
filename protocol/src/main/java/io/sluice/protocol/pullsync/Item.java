package io.sluice.protocol.pullsync;

import io.sluice.protocol.multiformats.Cid;
import java.util.List;

/**
 * What a neighbour offers under one number.
 *
 * @param number 1 or more; rises within an offer
 * @param cid the block, or the root that was listed or removed
 * @param what which of them
 */
public record Item(long number, Cid cid, What what) {
  /** What happened under a number. */
  public sealed interface What {}

  /**
   * A block that can be had.
   *
   * @param size its bytes, as the neighbour says
   */
  public record OfferedBlock(int size) implements What {}

  /**
   * All that lies beneath a root came before.
   *
   * @param listing this one
   * @param offered whether it is offered by the price list there
   * @param name for people, possibly empty
   */
  public record ListedRoot(Listing listing, boolean offered, String name) implements What {}

  /**
   * A root is not listed there any more.
   *
   * @param listings that ended, at least one
   */
  public record RemovedRoot(List<Listing> listings) implements What {
    /** Copies what it is given. */
    public RemovedRoot {
      listings = List.copyOf(listings);
    }
  }

  /**
   * One listing of a root: where it was listed first.
   *
   * @param epoch of the log that numbered it first
   * @param number that it has there
   */
  public record Listing(long epoch, long number) {}
}
