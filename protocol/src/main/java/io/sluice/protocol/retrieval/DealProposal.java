package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Objects;
import java.util.Optional;

/**
 * The voucher that opens a retrieval, in the shape of the Filecoin markets. The exact terms of a
 * paid deal are those of its {@link Open}; the figures here are rounded up from them.
 *
 * @param payload root CID
 * @param id the client's number for the deal, unique per client
 * @param selector what of the DAG is wanted; absent means everything
 * @param pricePerByte in smallest units
 * @param interval first payment interval in bytes; zero in free proposals
 * @param intervalIncrease in bytes
 * @param fee due before the first byte; Filecoin calls it unseal price
 */
public record DealProposal(
    Cid payload,
    long id,
    Optional<Node> selector,
    TokenAmount pricePerByte,
    long interval,
    long intervalIncrease,
    TokenAmount fee) {

  /** Checks that nothing is null. */
  public DealProposal {
    Objects.requireNonNull(payload, "payload");
    Objects.requireNonNull(selector, "selector");
    Objects.requireNonNull(pricePerByte, "pricePerByte");
    Objects.requireNonNull(fee, "fee");
  }

  /** The proposal that stands beside exact terms; a free one carries zero everywhere. */
  public static DealProposal of(Cid payload, long id, Node selector, Terms terms) {
    boolean free = terms.isFree();
    return new DealProposal(
        payload,
        id,
        Optional.of(selector),
        terms.pricePerByteRoundedUp(),
        free ? 0 : terms.interval(),
        free ? 0 : terms.intervalIncrease(),
        terms.fee());
  }

  /** Whether the client offers no money at all. */
  public boolean isFree() {
    return pricePerByte.isZero() && fee.isZero();
  }

  /** The wire form: every key present, as schema-strict peers want it. */
  public Node toNode() {
    return Node.map()
        .put("PayloadCID", Node.of(payload))
        .put("ID", Node.of(id))
        .put(
            "Params",
            Node.map()
                .put("Selector", selector.orElse(Node.ofNull()))
                .put("PieceCID", Node.ofNull())
                .put("PricePerByte", Node.of(pricePerByte.signedBytes()))
                .put("PaymentInterval", Node.of(interval))
                .put("PaymentIntervalIncrease", Node.of(intervalIncrease))
                .put("UnsealPrice", Node.of(fee.signedBytes()))
                .build())
        .build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static DealProposal of(Node node) {
    Node params = node.get("Params");
    return new DealProposal(
        node.get("PayloadCID").asLink(),
        Fields.count(node, "ID"),
        Fields.optional(params, "Selector", selector -> selector),
        Fields.filecoinAmount(params, "PricePerByte"),
        Fields.count(params, "PaymentInterval"),
        Fields.count(params, "PaymentIntervalIncrease"),
        Fields.filecoinAmount(params, "UnsealPrice"));
  }
}
