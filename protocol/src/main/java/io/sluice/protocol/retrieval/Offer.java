package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.Node;
import java.util.Objects;

/**
 * One way to pay for content.
 *
 * @param terms what it costs
 * @param payee where to pay
 */
public record Offer(Terms terms, Payee payee) {
  /** Checks that nothing is null. */
  public Offer {
    Objects.requireNonNull(terms, "terms");
    Objects.requireNonNull(payee, "payee");
  }

  /** The wire form. */
  public Node toNode() {
    return Node.map().put("Terms", terms.toNode()).put("Payee", payee.toNode()).build();
  }

  /** Reads the wire form. */
  public static Offer of(Node node) {
    return new Offer(Terms.of(node.get("Terms")), Payee.of(node.get("Payee")));
  }
}
