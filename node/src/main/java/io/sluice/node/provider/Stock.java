package io.sluice.node.provider;

import io.sluice.node.pricing.PriceList;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import java.io.IOException;
import java.util.Optional;

/**
 * What there is to sell: says of content what speaks against it, if anything does, in the same
 * words to those who ask for its price and to those who propose a deal.
 */
record Stock(BlockStore blocks, PriceList prices, SelectionSizes sizes) {

  Optional<ProposalRefusal> whyNotHere(Cid root) {
    if (blocks.has(root)) {
      return Optional.empty();
    }
    return blocks.isDamaged(root)
        ? no(DealCode.DAMAGED, "that content is damaged here")
        : no(DealCode.NOT_FOUND, "that content is not here");
  }

  /**
   * Why content is not sold on those terms, if it is not.
   *
   * @param token what the deal pays in; empty if it pays nothing
   */
  Optional<ProposalRefusal> whyNotOffered(Cid root, Terms terms, Optional<EvmAddress> token) {
    return switch (prices.judge(root, terms, token)) {
      case OFFERED -> Optional.empty();
      case NOT_OFFERED -> Optional.of(notOffered(root));
      case PRICE_TOO_LOW ->
          no(
              DealCode.PRICE_TOO_LOW,
              "below the price; ask for it on " + RetrievalNames.ASK_PROTOCOL);
      case INTERVAL_OUT_OF_RANGE ->
          no(DealCode.INTERVAL_OUT_OF_RANGE, "the payment intervals are out of range");
    };
  }

  /** Why content has no terms. */
  ProposalRefusal notOffered(Cid root) {
    DealCode code = prices.withheld(root).orElse(DealCode.NOT_OFFERED);
    return ProposalRefusal.of(
        code,
        switch (code) {
          case DAMAGED -> "some of that content is damaged here, and not sold until it is mended";
          case NOT_OFFERED -> "that content has no price here";
          default -> "that content is not here, or not all of it";
        });
  }

  /** What a path in a selector does not lead to; looks no further than the path. */
  Optional<ProposalRefusal> whyNotThere(Cid root, Node selector) {
    try {
      return sizes.absent(root, selector).map(Stock::notThere);
    } catch (ProtocolException | IOException e) {
      return Optional.empty(); // a deal for it will say so
    }
  }

  static ProposalRefusal notThere(String what) {
    return ProposalRefusal.of(DealCode.NOT_FOUND, what);
  }

  private static Optional<ProposalRefusal> no(DealCode code, String message) {
    return Optional.of(ProposalRefusal.of(code, message));
  }
}
