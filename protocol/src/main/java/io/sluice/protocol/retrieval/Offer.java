package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;

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

  /** The wire form. */
  public Node toNode() {
    return CODEC.encode(this);
  }

  /** Reads the wire form. */
  public static Offer of(Node node) {
    return CODEC.decode(node);
  }
}
