package io.sluice.protocol.graphsync;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.CidSet;

/**
 * How many bytes a walk has cost so far: the one sum that both ends of a deal have to agree on.
 *
 * <p>Every distinct block counts once, at the visit at which the walk first passes it, with the
 * bytes of the block and nothing for framing. Not counted are blocks that the deal's first request
 * left out ({@link Exclusions}), visits where the responder lacked the block, identity CIDs (their
 * bytes are in the link) and empty blocks. So the sum depends on the exclusions and the position in
 * the responder's walk alone: whoever walks again from the root, after a restart or years later
 * from the books, comes to the same number at the same visit. What was really sent, sent again, or
 * suppressed on the wire plays no part.
 *
 * <p>Positions are visits of the <em>responder's</em> walk, that is entries of its metadata. A
 * requestor that goes beneath a branch which the responder lacked must not feed those visits.
 *
 * <p>Costs some 40 bytes for each distinct block. One walk, one ledger, one thread.
 */
public final class WalkLedger {
  private final Exclusions exclusions;
  private final CidSet passed = new CidSet();
  private long visits;
  private long charged;
  private long chargedBlocks;

  /** A ledger at the beginning of the walk. */
  public WalkLedger(Exclusions exclusions) {
    this.exclusions = exclusions;
    exclusions.doNotSend().forEach(passed::add);
  }

  /**
   * What the next visit would add, without making it.
   *
   * @param size bytes of the block, 0 or more
   */
  public long wouldCharge(Cid cid, int size) {
    boolean free =
        size == 0 || cid.isIdentity() || visits < exclusions.skipFirst() || passed.contains(cid);
    return free ? 0 : size;
  }

  /**
   * Makes the next visit of a block that the responder has.
   *
   * @param size bytes of the block, 0 or more
   * @return the bytes that it added, 0 if it was free
   */
  public long visit(Cid cid, int size) {
    boolean first = !cid.isIdentity() && passed.add(cid);
    long cost = first && visits >= exclusions.skipFirst() ? size : 0;
    visits++;
    charged += cost;
    chargedBlocks += cost > 0 ? 1 : 0;
    return cost;
  }

  /**
   * Makes the next visit of a block that the responder lacks, or whose branch it did not follow.
   */
  public void missing() {
    visits++;
  }

  /** Whether the walk has passed the block, or the exclusions name it. */
  public boolean hasPassed(Cid cid) {
    return passed.contains(cid);
  }

  /** The position: visits made, whatever came of them. */
  public long visits() {
    return visits;
  }

  /** Bytes charged up to the position. */
  public long charged() {
    return charged;
  }

  /** Blocks charged up to the position. */
  public long chargedBlocks() {
    return chargedBlocks;
  }

  /** What the deal left out. */
  public Exclusions exclusions() {
    return exclusions;
  }
}
