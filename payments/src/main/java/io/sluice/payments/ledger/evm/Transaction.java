package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * What a transaction is to do, whatever it will cost.
 *
 * @param from the account that sends it
 * @param to the contract or account that it is sent to
 * @param value how much of the native coin goes with it
 * @param data the call
 */
record Transaction(EvmAddress from, EvmAddress to, TokenAmount value, RawBytes data) {}
