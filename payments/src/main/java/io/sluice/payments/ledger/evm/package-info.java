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
 * <p>The contract's bytes are laid out and read by {@code ContractCalls}, {@code ContractEvents}
 * and {@code Reverts}; the contract's own code is known to {@code ContractCode}.
 */
@NullMarked
package io.sluice.payments.ledger.evm;

import org.jspecify.annotations.NullMarked;
