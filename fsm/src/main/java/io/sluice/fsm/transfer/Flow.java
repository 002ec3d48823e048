package io.sluice.fsm.transfer;

import io.sluice.fsm.transfer.TransferInput.Progress;

/**
 * How far the data of a channel are at one point of the way. Totals, which only grow.
 *
 * @param bytes on the wire
 * @param blocks walked
 */
public record Flow(long bytes, long blocks) {

  /** Nothing yet. */
  public static final Flow NONE = new Flow(0, 0);

  /** The further of the two, in each figure: reports may overtake each other. */
  Flow upTo(Progress progress) {
    return new Flow(Math.max(bytes, progress.bytes()), Math.max(blocks, progress.blocks()));
  }
}
