/**
 * The machine of one push by dsync at the node that takes it: {@link
 * io.sluice.fsm.sync.ReceiveTable}. Blocks are not events: which of them are here is what the block
 * store says.
 */
@NullMarked
package io.sluice.fsm.sync;

import org.jspecify.annotations.NullMarked;
