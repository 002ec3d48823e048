package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.ResponseStatus;
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
    RequestOutcome outcome,
    Optional<ResponseStatus> status,
    boolean walked,
    List<Cid> missing,
    long missingBlocks,
    long visits,
    long charged,
    long wireBlocks,
    long wireBytes,
    long unrequested,
    Optional<Exception> error) {}
