/**
 * GraphSync: asks a peer for a DAG by root and selector and verifies every block that comes, and
 * serves such requests.
 *
 * <p>Here is what its users see: what to ask for ({@link
 * io.sluice.protocol.graphsync.RequestSpec}), who decides about requests of peers ({@link
 * io.sluice.protocol.graphsync.IncomingRequests}), gates and listeners. The endpoint itself stands
 * in {@code .endpoint}, and beneath it {@code .requestor} and {@code .responder}, which never see
 * each other; what both wait in is {@code .queue}, what goes over the wire {@code .wire}. What a
 * walk costs is counted by {@link io.sluice.protocol.graphsync.WalkLedger}, the same way at both
 * ends.
 */
@NullMarked
package io.sluice.protocol.graphsync;

import org.jspecify.annotations.NullMarked;
