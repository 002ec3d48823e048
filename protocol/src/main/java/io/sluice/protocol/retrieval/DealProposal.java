package io.sluice.protocol.retrieval;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.LINK;
import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.FILECOIN_AMOUNT;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * The voucher that opens a retrieval, in the shape of the Filecoin markets. The exact terms of a
 * paid deal are those of its {@link DealOpening}; the figures here are rounded up from them.
 *
 * @param payload root CID
 * @param id the client's number for the deal, unique per client
 * @param selector what of the DAG is wanted; absent means everything
 * @param pricePerByte in base units
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

  /** The wire form: every key present, as schema-strict peers want it; reading ignores others. */
  public static final MapCodec<DealProposal> CODEC =
      MapCodec.of(
          f -> {
            Cid payload = f.get("PayloadCID", LINK, DealProposal::payload);
            long id = f.get("ID", COUNT, DealProposal::id);
            return f.within("Params", params -> params(payload, id, params));
          });

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

  private static DealProposal params(Cid payload, long id, MapCodec.Fields<DealProposal> f) {
    f.put("PieceCID", proposal -> Node.ofNull());
    return new DealProposal(
        payload,
        id,
        f.findOrNull("Selector", ANY, DealProposal::selector),
        f.get("PricePerByte", FILECOIN_AMOUNT, DealProposal::pricePerByte),
        f.get("PaymentInterval", COUNT, DealProposal::interval),
        f.get("PaymentIntervalIncrease", COUNT, DealProposal::intervalIncrease),
        f.get("UnsealPrice", FILECOIN_AMOUNT, DealProposal::fee));
  }
}
