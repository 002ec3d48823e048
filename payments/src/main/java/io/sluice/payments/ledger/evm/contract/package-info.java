/**
 * The payment channel contract, byte by byte: its code ({@link
 * io.sluice.payments.ledger.evm.contract.ContractCode}), calls that change something ({@code
 * ContractCalls}), calls that only look ({@code ContractViews}), what it logs ({@code
 * ContractEvents}) and why it refuses ({@code Reverts}). Nothing here asks a chain. Spec: PAYMENT
 * CHANNELS, 6.
 */
@NullMarked
package io.sluice.payments.ledger.evm.contract;

import org.jspecify.annotations.NullMarked;
