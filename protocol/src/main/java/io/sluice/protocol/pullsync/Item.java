package io.sluice.protocol.pullsync;

import io.sluice.protocol.multiformats.Cid;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a neighbour offers under one number.
 *
 * @param number 1 or more; rises within an offer
 * @param cid the block, or the root that was listed or removed; never one that holds its block
 *     itself
 * @param what which of them
 */
public record Item(long number, Cid cid, What what) {
  /** Refuses what nobody can have. */
  public Item {
    if (!Pullsync.isNumber(number)) {
      throw BadPullsync.because("an item with the number " + Long.toUnsignedString(number));
    }
    if (cid.isIdentity() || isZero(cid)) {
      throw BadPullsync.because("an item that is no block of a store: " + cid);
    }
  }

  private static boolean isZero(Cid cid) {
    for (byte each : cid.hash().digest()) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  /** What happened under a number. */
  public sealed interface What {}

  /**
   * A block that can be had.
   *
   * @param size its bytes, as the neighbour says; up to {@link Pullsync#BLOCK_BYTES}
   */
  public record OfferedBlock(int size) implements What {
    /** Refuses a size that cannot be. */
    public OfferedBlock {
      if (size < 0 || size > Pullsync.BLOCK_BYTES) {
        throw BadPullsync.because(
            "a block of %d bytes, at most %d are taken".formatted(size, Pullsync.BLOCK_BYTES));
      }
    }
  }

  /**
   * All that lies beneath a root came before.
   *
   * @param listing this one
   * @param offered whether it is offered by the price list there
   * @param name for people, possibly empty; up to {@link Pullsync#NAME_BYTES}
   */
  public record ListedRoot(Listing listing, boolean offered, String name) implements What {
    /** Refuses a name that is too long. */
    public ListedRoot {
      int bytes = name.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > Pullsync.NAME_BYTES) {
        throw BadPullsync.because(
            "a name of %d bytes, at most %d are taken".formatted(bytes, Pullsync.NAME_BYTES));
      }
    }
  }

  /**
   * A root is not listed there any more.
   *
   * @param listings that ended, 1 to {@link Pullsync#LISTINGS}
   */
  public record RemovedRoot(List<Listing> listings) implements What {
    /** Copies what it is given. */
    public RemovedRoot {
      listings = List.copyOf(listings);
      if (listings.isEmpty() || listings.size() > Pullsync.LISTINGS) {
        throw BadPullsync.because("a removal of %d listings".formatted(listings.size()));
      }
    }
  }

  /**
   * One listing of a root: where it was listed first.
   *
   * @param epoch of the log that numbered it first
   * @param number that it has there, 1 or more
   */
  public record Listing(long epoch, long number) {
    /** Refuses a number that cannot be. */
    public Listing {
      if (!Pullsync.isNumber(number)) {
        throw BadPullsync.because("a listing with the number " + Long.toUnsignedString(number));
      }
    }
  }

  /** Whether it can be wanted. */
  public boolean isBlock() {
    return what instanceof OfferedBlock;
  }

  /** The bytes of the block, 0 for what is none. */
  public int bytes() {
    return what instanceof OfferedBlock block ? block.size() : 0;
  }
}
