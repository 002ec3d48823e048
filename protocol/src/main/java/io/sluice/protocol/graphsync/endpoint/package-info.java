/**
 * The endpoint of a host, which puts requestor and responder together: {@link
 * io.sluice.protocol.graphsync.endpoint.Graphsync}.
 */
@NullMarked
package io.sluice.protocol.graphsync.endpoint;

import org.jspecify.annotations.NullMarked;
