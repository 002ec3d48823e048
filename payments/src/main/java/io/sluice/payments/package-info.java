/**
 * Money between a payer and a payee: what both ends of a channel share. The durable facts ({@link
 * io.sluice.payments.PaymentRecord}) and the port to their journal, what a ledger says of a
 * channel, what is still to be done on ledgers, and the books.
 *
 * <p>Start at {@link io.sluice.payments.home.Payments}, which puts both ends together: a client's
 * deals talk to its {@link io.sluice.payments.payer.PayerSide}, a provider's to its {@link
 * io.sluice.payments.payee.PayeeSide}; the two know nothing of each other. What has to be durable
 * together with a deal's own event comes as a {@link io.sluice.payments.Prepared} change: its
 * record goes into the deal's journal entry as an attachment, then it is committed.
 *
 * <p>One word for each figure, at both ends, all in the token's base units:
 *
 * <ul>
 *   <li><i>deposit</i>: all that was ever put into a channel, by the ledger's newest word;
 *   <li><i>confirmed</i>: how much of the deposit lies deep enough to be relied on;
 *   <li><i>vouchered</i>: what the best vouchers are worth, of a lane, a deal or a channel;
 *   <li><i>credit</i>: how much of what is vouchered counts as paid; it never becomes less;
 *   <li><i>base</i>: what a lane had vouchered when its deal took it;
 *   <li><i>due</i>: what the bytes charged cost by the terms, fee included;
 *   <li><i>owed</i>: what is due and not vouchered;
 *   <li><i>reserved</i>: what live deals may still sign away, at the payer;
 *   <li><i>redeemed</i>: what the ledger has paid to the payee.
 * </ul>
 */
@NullMarked
package io.sluice.payments;

import org.jspecify.annotations.NullMarked;
