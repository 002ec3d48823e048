/**
 * Machines of content that nodes keep in step. A push by dsync at the node that takes it: {@link
 * io.sluice.fsm.sync.ReceiveTable}. A sync with a neighbour at the node that pulls: {@link
 * io.sluice.fsm.sync.SyncTable}. Blocks are not events: which of them are here is what the block
 * store says.
 */
@NullMarked
package io.sluice.fsm.sync;

import org.jspecify.annotations.NullMarked;
