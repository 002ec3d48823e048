/**
 * GraphSync: asks a peer for a DAG by root and selector and verifies every block that comes, and
 * serves such requests.
 *
 * <p>Start at {@link io.sluice.protocol.graphsync.Graphsync}: one endpoint for each host, which
 * asks ({@code request}) and answers ({@link io.sluice.protocol.graphsync.IncomingRequests}). What
 * goes over the wire is a {@link io.sluice.protocol.graphsync.GraphsyncMessage}, in protocol 2.0.0
 * (dag-cbor) or 1.0.0 (protobuf). What a walk costs is counted by {@link
 * io.sluice.protocol.graphsync.WalkLedger}, the same way at both ends.
 */
@NullMarked
package io.sluice.protocol.graphsync;

import org.jspecify.annotations.NullMarked;
