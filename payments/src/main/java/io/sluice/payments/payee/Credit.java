package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * What a deal has been paid.
 *
 * @param deal the deal
 * @param credit what counts now
 * @param vouchered what its vouchers are worth once the deposit is confirmed, the channel's state
 *     is known and small steps have added up; at least {@code credit}
 */
public record Credit(DealRef deal, TokenAmount credit, TokenAmount vouchered) {
  static Credit of(DealFigures figures) {
    return new Credit(figures.deal(), figures.credit(), figures.vouchered());
  }
}
