package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.MapCodec;

/**
 * One way to pay for content.
 *
 * @param terms what it costs
 * @param payee where to pay
 */
public record Offer(Terms terms, Payee payee) {
  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<Offer> CODEC =
      MapCodec.of(
          f ->
              new Offer(
                  f.get("Terms", Terms.CODEC, Offer::terms),
                  f.get("Payee", Payee.CODEC, Offer::payee)));
}
