/**
 * Money between a payer and a payee: channels and their lanes, budgets, the funds queue, vouchers
 * given and taken, what counts as credit, redeeming and settling, and the port to their journal.
 *
 * <p>{@link io.sluice.payments.Payments} puts it together; a client's deals talk to its {@link
 * io.sluice.payments.PayerSide}, a provider's to its {@link io.sluice.payments.PayeeSide}. What has
 * to be durable together with a deal's own event comes as a {@link io.sluice.payments.Prepared}
 * change: its record goes into the deal's journal entry as an attachment, then it is committed.
 */
@NullMarked
package io.sluice.payments;

import org.jspecify.annotations.NullMarked;
