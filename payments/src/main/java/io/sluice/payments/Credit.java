package io.sluice.payments;

import io.sluice.protocol.retrieval.TokenAmount;

/**
 * What a deal has been paid.
 *
 * @param deal the deal
 * @param counts what counts now
 * @param kept what its vouchers are worth once the deposit is confirmed, the channel's state is
 *     known and small steps have added up; at least {@code counts}
 */
public record Credit(DealRef deal, TokenAmount counts, TokenAmount kept) {}
