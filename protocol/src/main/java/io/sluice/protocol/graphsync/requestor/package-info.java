/**
 * Asks peers for DAGs. Start at {@link io.sluice.protocol.graphsync.requestor.PeerRequests}; a
 * {@code RequestRun} is one request, its {@code RequestWalk} compares what comes with what it
 * needs.
 */
@NullMarked
package io.sluice.protocol.graphsync.requestor;

import org.jspecify.annotations.NullMarked;
