package io.sluice.node.client;

import io.sluice.fsm.MachineId;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A provider that content can be had from.
 *
 * @param offer what is proposed to it; absent where nothing is paid, or where a deal is joined
 * @param quote what it costs, with that offer only
 * @param joins the deal with it that is under way for the same
 */
record PricedProvider(
    PeerId peer,
    List<Multiaddr> addresses,
    Optional<Offer> offer,
    QuotedPrice quote,
    Optional<MachineId> joins) {

  /**
   * Who is asked first: free ones, then by price. What is paid in different tokens cannot be
   * compared: the token that stands first goes first.
   */
  static Comparator<PricedProvider> cheapestFirst(Tokens tokens) {
    return Comparator.<PricedProvider, Integer>comparing(
            each -> each.token().map(tokens.accepted()::indexOf).orElse(-1))
        .thenComparing(PricedProvider::price);
  }

  private TokenAmount price() {
    return quote.total().orElse(TokenAmount.ZERO);
  }

  /** What would be paid in; empty where nothing would. */
  Optional<EvmAddress> token() {
    return quote.isFree()
        ? Optional.empty()
        : Optional.of(quote.offers().getFirst().payee().token());
  }
}
