/**
 * The paying end: channels that this home opened, lanes and budgets of its deals, deposits and the
 * wait for them, vouchers signed.
 *
 * <p>Start at {@link io.sluice.payments.payer.PayerSide}. A {@code PayerChannel} guards its own
 * sums; nothing else takes its lock.
 */
@NullMarked
package io.sluice.payments.payer;

import org.jspecify.annotations.NullMarked;
