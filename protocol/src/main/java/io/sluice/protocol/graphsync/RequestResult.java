package io.sluice.protocol.graphsync;

import io.sluice.protocol.multiformats.Cid;
import java.util.List;
import java.util.Optional;

/**
 * How a request ended.
 *
 * @param status the last terminal status that came, if one did
 * @param walked whether the walk went to its end: every block that the selector takes is verified,
 *     apart from the missing
 * @param missing blocks that are at neither end, the first thousand of them
 * @param missingBlocks how many there are in all
 * @param visits position in the responder's walk
 * @param charged bytes up to there, see {@link WalkLedger}
 * @param wireBlocks blocks that came over the wire and were wanted
 * @param wireBytes bytes of those
 * @param unrequested blocks that came without metadata and were dropped
 * @param error what went wrong, where something did
 */
public record RequestResult(
    Outcome outcome,
    Optional<ResponseStatus> status,
    boolean walked,
    List<Cid> missing,
    long missingBlocks,
    long visits,
    long charged,
    long wireBlocks,
    long wireBytes,
    long unrequested,
    Optional<Exception> error) {

  /** The ways to end. */
  public enum Outcome {
    /** Everything is here and verified. */
    COMPLETED,
    /** The walk is done, but some blocks are at neither end. */
    PARTIAL,
    /** The responder ended it with a failure status. */
    REFUSED,
    /** We cancelled. */
    CANCELLED,
    /** The responder sent something that the walk does not expect, or that breaks a limit. */
    VERIFICATION_FAILED,
    /** The peer could not be reached, or its stream broke. A restart may help. */
    NETWORK,
    /** Something failed here, such as the store. */
    FAILED
  }
}
