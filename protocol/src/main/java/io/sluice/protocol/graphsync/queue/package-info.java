/**
 * What both roles of an endpoint wait in: the {@linkplain
 * io.sluice.protocol.graphsync.queue.MessageQueue messages} to one peer, the {@linkplain
 * io.sluice.protocol.graphsync.queue.SendMemory memory} that their blocks take, and the {@linkplain
 * io.sluice.protocol.graphsync.queue.WalkTurns turns} of walks.
 */
@NullMarked
package io.sluice.protocol.graphsync.queue;

import org.jspecify.annotations.NullMarked;
