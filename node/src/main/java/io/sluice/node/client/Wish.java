package io.sluice.node.client;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;

/**
 * A deal to be made.
 *
 * @param provider who shall deliver
 * @param addresses where it is reached
 * @param root root of the content
 * @param selector what of it
 * @param offer the offer to take; absent for free content
 * @param budget most that the deal may pay
 */
public record Wish(
    PeerId provider,
    List<Multiaddr> addresses,
    Cid root,
    Node selector,
    Optional<Offer> offer,
    TokenAmount budget) {
  /** Copies the list. */
  public Wish {
    addresses = List.copyOf(addresses);
  }
}
