/**
 * Data transfer: transfer channels on top of GraphSync, as Filecoin's peers have them. Its
 * messages, the validation of vouchers, and the binding of pulls to GraphSync requests and
 * responses.
 *
 * <p>Start at {@link io.sluice.protocol.datatransfer.DataTransfer}. No channel is remembered here
 * beyond its conversation: states, their persistence and the decisions belong to whoever implements
 * {@link io.sluice.protocol.datatransfer.TransferHandler}, {@link
 * io.sluice.protocol.datatransfer.PullValidator} and {@link
 * io.sluice.protocol.datatransfer.PullListener}.
 */
@NullMarked
package io.sluice.protocol.datatransfer;

import org.jspecify.annotations.NullMarked;
