/**
 * Data transfer: the messages of a transfer channel, how a voucher is validated, and the binding to
 * graphsync.
 */
@NullMarked
package io.sluice.protocol.datatransfer;

import org.jspecify.annotations.NullMarked;
