package io.sluice.payments.voucher;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import java.util.List;

/**
 * What the signature of an {@link DealOpening} stands for: this deal, between these two peers, on
 * these terms, will be paid on this lane.
 *
 * @param channel the channel's id
 * @param lane the lane, below 2^63
 * @param dealId the client's number for the deal, below 2^63
 * @param client hash of the client's peer id
 * @param provider hash of the provider's peer id
 * @param offer hash of payee, root, selector and terms
 */
public record OpenClaim(
    Bytes32 channel, long lane, long dealId, Bytes32 client, Bytes32 provider, Bytes32 offer)
    implements TypedMessage {
  static final Bytes32 TYPE_HASH =
      Keccak.hash(
          "Open(bytes32 channelId,uint64 lane,uint64 dealId,bytes32 client,bytes32 provider,bytes32"
              + " offer)");

  /** Throws {@link IllegalArgumentException} if lane or deal id is negative. */
  public OpenClaim {
    if (lane < 0 || dealId < 0) {
      throw new IllegalArgumentException("lane %d, deal %d".formatted(lane, dealId));
    }
  }

  /** The claim that a client makes, or that a provider expects, for one opening. */
  public static OpenClaim of(
      Bytes32 channel,
      long lane,
      long dealId,
      PeerId client,
      PeerId provider,
      Payee payee,
      Cid root,
      Node selector,
      Terms terms) {
    return new OpenClaim(
        channel,
        lane,
        dealId,
        Keccak.hash(client.bytes()),
        Keccak.hash(provider.bytes()),
        Keccak.hash(DealOpening.offerBytes(payee, root, selector, terms)));
  }

  /** The claim that the signature of {@code open} has to cover. */
  public static OpenClaim of(
      DealOpening open, PeerId client, PeerId provider, Cid root, Node selector) {
    return of(
        open.channel(),
        open.lane(),
        open.id(),
        client,
        provider,
        open.payee(),
        root,
        selector,
        open.terms());
  }

  @Override
  public String primaryType() {
    return "Open";
  }

  @Override
  public List<TypedField> fields() {
    return List.of(
        TypedField.of("channelId", channel),
        TypedField.of("lane", lane),
        TypedField.of("dealId", dealId),
        TypedField.of("client", client),
        TypedField.of("provider", provider),
        TypedField.of("offer", offer));
  }

  @Override
  public Bytes32 digest(Domain domain) {
    return domain.digest(
        new AbiWords(7)
            .put(TYPE_HASH)
            .put(channel)
            .put(lane)
            .put(dealId)
            .put(client)
            .put(provider)
            .put(offer)
            .hash());
  }
}
