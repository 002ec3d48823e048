package io.sluice.fsm.client;

import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;

/**
 * What a client orders from a provider.
 *
 * @param provider who shall deliver
 * @param addresses where the provider is reached
 * @param root root of the content
 * @param selector what of it
 * @param offer the offer taken; absent for free content
 * @param budget most that the deal may pay
 */
public record DealOrder(
    PeerId provider,
    List<Multiaddr> addresses,
    Cid root,
    Node selector,
    Optional<Offer> offer,
    TokenAmount budget) {
  static final MapCodec<DealOrder> CODEC =
      MapCodec.of(
          f ->
              new DealOrder(
                  f.get(
                      "Provider", NodeCodec.bytes(PeerId::bytes, PeerId::of), DealOrder::provider),
                  f.get(
                      "Addresses",
                      NodeCodec.bytes(Multiaddr::bytes, Multiaddr::of).list(),
                      DealOrder::addresses),
                  f.get("Root", NodeCodec.LINK, DealOrder::root),
                  f.get("Selector", NodeCodec.ANY, DealOrder::selector),
                  f.find("Offer", Offer.CODEC, DealOrder::offer),
                  f.get("Budget", AMOUNT, DealOrder::budget)));

  /** Copies the list and checks that nothing is null. */
  public DealOrder {
    addresses = List.copyOf(addresses);
  }

  /** Whether it asks the same of the same provider, whatever it may cost. */
  public boolean isSameAs(PeerId otherProvider, Cid otherRoot, Node otherSelector) {
    return provider.equals(otherProvider)
        && root.equals(otherRoot)
        && selector.equals(otherSelector);
  }
}
