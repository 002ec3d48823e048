package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealOpening;
import java.util.Objects;

/**
 * An opening as it arrived, with what its signature has to cover.
 *
 * @param deal the provider's own name for the deal
 * @param open the opening
 * @param client the peer that sent it
 * @param provider this node
 * @param root what is asked for
 * @param selector which part of it
 */
public record OpenRequest(
    DealRef deal, DealOpening open, PeerId client, PeerId provider, Cid root, Node selector) {

  /** Checks that nothing is null. */
  public OpenRequest {
    Objects.requireNonNull(deal, "deal");
    Objects.requireNonNull(open, "open");
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(provider, "provider");
    Objects.requireNonNull(root, "root");
    Objects.requireNonNull(selector, "selector");
  }

  OpenClaim claim() {
    return OpenClaim.of(open, client, provider, root, selector);
  }
}
