package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Objects;
import java.util.Optional;

/**
 * Binds a paid deal to a payment channel and lane before the first byte. It carries no money.
 *
 * @param id the client's number for the deal
 * @param terms the exact terms
 * @param payee where the client will pay
 * @param channel the channel's id
 * @param lane the lane this deal takes, below 2^63
 * @param best the lane's highest voucher, if it has one
 * @param signature by the channel's signer, r ‖ s ‖ v, over the EIP-712 {@code Open}
 */
public record Open(
    long id,
    Terms terms,
    Payee payee,
    Bytes32 channel,
    long lane,
    Optional<Payment> best,
    Signature signature) {

  /** Checks that nothing is null. */
  public Open {
    Objects.requireNonNull(terms, "terms");
    Objects.requireNonNull(payee, "payee");
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(best, "best");
    Objects.requireNonNull(signature, "signature");
  }

  /**
   * The bytes whose keccak-256 is the {@code offer} field of the signed claim: canonical dag-cbor
   * of payee, root, selector and terms.
   */
  public static byte[] offerBytes(Payee payee, Cid root, Node selector, Terms terms) {
    return DagCbor.encode(
        Node.map()
            .put("Payee", payee.toNode())
            .put("Root", Node.of(root))
            .put("Selector", selector)
            .put("Terms", terms.toNode())
            .build());
  }

  /** The wire form; an absent best voucher is left out. */
  public Node toNode() {
    Node.MapBuilder map =
        Node.map()
            .put("ID", Node.of(id))
            .put("Terms", terms.toNode())
            .put("Payee", payee.toNode())
            .put("Channel", Node.of(channel.bytes()))
            .put("Lane", Node.of(lane));
    best.ifPresent(payment -> map.put("Best", payment.toNode()));
    return map.put("Signature", Node.of(signature.bytes())).build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static Open of(Node node) {
    return new Open(
        Fields.count(node, "ID"),
        Terms.of(node.get("Terms")),
        Payee.of(node.get("Payee")),
        Fields.hash(node, "Channel"),
        Fields.count(node, "Lane"),
        Fields.optional(node, "Best", Payment::of),
        Fields.signature(node));
  }
}
