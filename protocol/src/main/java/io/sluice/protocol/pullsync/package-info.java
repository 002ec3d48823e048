/**
 * Neighbours that keep each other filled: what came to a node, by number. Messages of {@code
 * /sluice/pullsync/1.0.0}, in the shape of Swarm's pullsync 1.4.0, for blocks of any CID. Start
 * with {@link io.sluice.protocol.pullsync.PullsyncMessage}, which draws a page.
 */
@NullMarked
package io.sluice.protocol.pullsync;

import org.jspecify.annotations.NullMarked;
