package io.sluice.protocol.ipld;

/**
 * How far a walk may go. Beyond it ends with a {@link io.sluice.protocol.ProtocolException} of the
 * code named.
 *
 * @param blocks blocks asked for, repeated and missing ones included ({@code BLOCK_BUDGET})
 * @param bytes bytes of the blocks found, repeated ones included ({@code BYTE_BUDGET})
 * @param depth links between the root and a block ({@code DEPTH_BUDGET})
 * @param linksPerBlock links followed out of one block ({@code LINK_BUDGET})
 * @param nodes nodes looked at inside the blocks ({@code NODE_BUDGET})
 */
public record WalkBudget(long blocks, long bytes, int depth, int linksPerBlock, long nodes) {
  /** The limits of one deal. */
  public static final WalkBudget DEFAULT =
      new WalkBudget(2_000_000, 1L << 40, 4096, DagPb.MAX_LINKS, 500_000_000);
}
