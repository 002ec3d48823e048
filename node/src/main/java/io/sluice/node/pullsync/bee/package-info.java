/**
 * A neighbour for nodes of Swarm: a reserve of their chunks, filled from them and given to them by
 * bee's pullsync, 1.0.0 and 1.4.0. It has nothing to do with the content of this node. Start at
 * {@link io.sluice.node.pullsync.bee.BeeNeighbourhood}.
 */
@NullMarked
package io.sluice.node.pullsync.bee;

import org.jspecify.annotations.NullMarked;
