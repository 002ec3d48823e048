package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * A deal's wish for a lane with money behind it.
 *
 * @param deal whose it is; asking twice for the same deal is asking once
 * @param payee where to pay, from the provider's offer
 * @param budget most that the deal may sign away: its worst case, within the user's bounds
 */
public record FundsRequest(DealRef deal, Payee payee, TokenAmount budget) {}
