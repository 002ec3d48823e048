/**
 * The paid end: openings judged, vouchers taken in, what of them counts as credit, the gate's
 * decision before each block, redeeming.
 *
 * <p>Start at {@link io.sluice.payments.payee.PayeeSide}; a deal's gate asks its {@link
 * io.sluice.payments.payee.DealAccount}. A {@code PayeeChannel} guards its own sums; nothing else
 * takes its lock.
 */
@NullMarked
package io.sluice.payments.payee;

import org.jspecify.annotations.NullMarked;
