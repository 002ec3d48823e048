package io.sluice.protocol.graphsync;

/**
 * Where a response's walk stands.
 *
 * @param visits made so far
 * @param charged bytes up to there, see {@link WalkLedger}
 * @param chargedBlocks blocks that these are
 * @param queuedBytes bytes of blocks that went into messages, in this response
 */
public record ResponsePosition(long visits, long charged, long chargedBlocks, long queuedBytes) {
  /** At the root. */
  public static final ResponsePosition START = new ResponsePosition(0, 0, 0, 0);
}
