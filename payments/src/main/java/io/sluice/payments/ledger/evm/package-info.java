/**
 * A ledger on an EVM chain: start at {@link io.sluice.payments.ledger.evm.EvmLedger}.
 *
 * <pre>
 *   EvmLedger ── Outbox ── OutboxPlan (what next), OutboxFile (durable), TransactionForm (signed)
 *      │    └─── EventFeed ── LogCursor, ContractEvents
 *      │    └─── Approvals, RedemptionCost
 *   Chain (the newest block) ── Endpoints ── EndpointHealth (whom to ask)
 *                                  └─ ChainNode (one node's checked answers) ── HttpRpc
 * </pre>
 *
 * <p>The contract's bytes are laid out and read in {@code contract}, which asks nobody.
 */
@NullMarked
package io.sluice.payments.ledger.evm;

import org.jspecify.annotations.NullMarked;
