/**
 * Answers the requests of peers. Start at {@link
 * io.sluice.protocol.graphsync.responder.PeerResponses}; a {@code ResponseRun} is one response, its
 * {@code ResponseWalk} sends what it passes.
 */
@NullMarked
package io.sluice.protocol.graphsync.responder;

import org.jspecify.annotations.NullMarked;
