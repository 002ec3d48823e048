/**
 * Machines of content that nodes keep in step. A push by dsync at the node that takes it: {@link
 * io.sluice.fsm.sync.ReceiveTable}. A sync with a neighbour at the node that pulls: {@link
 * io.sluice.fsm.sync.SyncTable}. Blocks are not events: which of them are here is what the block
 * store says. Nor is time: machines have no timers, and whoever keeps the clock sends {@link
 * io.sluice.fsm.sync.ReceiveEvent#EXPIRE} once the deadline that a machine carries is over, as for
 * the waits of deals.
 */
@NullMarked
package io.sluice.fsm.sync;

import org.jspecify.annotations.NullMarked;
