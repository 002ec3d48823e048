package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * What a deal that has left its lane owes.
 *
 * @param deal the deal
 * @param channel the channel that it was on
 * @param lane the lane that it had
 * @param base what that lane had paid before it
 * @param paid what the deal has signed away
 * @param due what it is to have paid in all
 */
public record LateDebt(
    DealRef deal,
    Bytes32 channel,
    long lane,
    TokenAmount base,
    TokenAmount paid,
    TokenAmount due) {}
