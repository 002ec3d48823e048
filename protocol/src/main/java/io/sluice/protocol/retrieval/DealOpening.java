package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;
import static io.sluice.protocol.retrieval.FieldCodecs.SIGNATURE;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
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
public record DealOpening(
    long id,
    Terms terms,
    Payee payee,
    Bytes32 channel,
    long lane,
    Optional<Payment> best,
    Signature signature) {

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<DealOpening> CODEC =
      MapCodec.of(
          f ->
              new DealOpening(
                  f.get("ID", COUNT, DealOpening::id),
                  f.get("Terms", Terms.CODEC, DealOpening::terms),
                  f.get("Payee", Payee.CODEC, DealOpening::payee),
                  f.get("Channel", HASH, DealOpening::channel),
                  f.get("Lane", COUNT, DealOpening::lane),
                  f.find("Best", Payment.CODEC, DealOpening::best),
                  f.get("Signature", SIGNATURE, DealOpening::signature)));

  /**
   * The bytes whose keccak-256 is the {@code offer} field of the signed claim: canonical dag-cbor
   * of payee, root, selector and terms.
   */
  public static byte[] offerBytes(Payee payee, Cid root, Node selector, Terms terms) {
    return DagCbor.encode(
        Node.map()
            .put("Payee", Payee.CODEC.encode(payee))
            .put("Root", Node.of(root))
            .put("Selector", selector)
            .put("Terms", Terms.CODEC.encode(terms))
            .build());
  }
}
