/**
 * Pullsync as Swarm's client bee speaks it, in its versions 1.0.0 and 1.4.0: messages, chunks named
 * by the binary Merkle tree of their bytes, and the postage stamps that let them in. Start at
 * {@link io.sluice.protocol.pullsync.bee.BeeVersion}.
 */
@NullMarked
package io.sluice.protocol.pullsync.bee;

import org.jspecify.annotations.NullMarked;
