package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealOpening;

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

  OpenClaim claim() {
    return OpenClaim.of(open, client, provider, root, selector);
  }
}
