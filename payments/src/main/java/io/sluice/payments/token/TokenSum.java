package io.sluice.payments.token;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * So much of one token.
 *
 * @param token its contract; zero for the ledger's native coin
 * @param amount in its base units
 */
public record TokenSum(EvmAddress token, TokenAmount amount) {}
