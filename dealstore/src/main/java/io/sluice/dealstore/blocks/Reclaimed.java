package io.sluice.dealstore.blocks;

/**
 * What was let go to give room back.
 *
 * @param blocks how many
 * @param bytes of their data
 */
public record Reclaimed(long blocks, long bytes) {
  static final Reclaimed NOTHING = new Reclaimed(0, 0);

  Reclaimed plus(Reclaimed more) {
    return new Reclaimed(blocks + more.blocks, bytes + more.bytes);
  }
}
