/**
 * What goes over the wire: {@linkplain io.sluice.protocol.graphsync.wire.GraphsyncMessage messages}
 * of requests, responses and blocks, in the {@linkplain
 * io.sluice.protocol.graphsync.wire.WireVersion two protocols}, which differ in the encoding alone.
 */
@NullMarked
package io.sluice.protocol.graphsync.wire;

import org.jspecify.annotations.NullMarked;
