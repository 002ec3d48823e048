package io.sluice.payments.ledger.evm;

/** When something in a chain is taken for settled. */
public sealed interface Finality {
  /**
   * When so many blocks, its own included, are there.
   *
   * @param blocks at least 1
   */
  record Depth(long blocks) implements Finality {
    /** Throws {@link IllegalArgumentException} if there are less than 1. */
    public Depth {
      check(blocks);
    }
  }

  /**
   * When the chain itself says so; on chains that do not, by depth.
   *
   * @param otherwise blocks, its own included; at least 1
   */
  record Finalized(long otherwise) implements Finality {
    /** Throws {@link IllegalArgumentException} if there are less than 1. */
    public Finalized {
      check(otherwise);
    }
  }

  private static void check(long blocks) {
    if (blocks < 1) {
      throw new IllegalArgumentException("settled by " + blocks + " blocks");
    }
  }
}
