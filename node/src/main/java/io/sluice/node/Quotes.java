package io.sluice.node;

import io.sluice.node.SharedNetwork.NetworkUse;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.QuotedPrice;
import io.sluice.node.output.WantedContent;
import io.sluice.payments.payer.PayerSide;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.Availability;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.unixfs.DagPath;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Asks providers what content costs and where it is paid, and buys nothing. */
final class Quotes {
  private final SluiceNode node;
  private final PeerOperations peers;

  Quotes(SluiceNode node) {
    this.node = node;
    this.peers = new PeerOperations(node);
  }

  Reports.QuoteReport query(Requests.QueryRequest request) throws Exception {
    WantedContent wanted = WantedContent.of(request);
    DagPath path = wanted.target();
    Multiaddr address = peers.address(request.provider());
    QuotedPrice quote = ask(Network.Mode.DIAL, address, path.root(), wanted.selector());
    List<Reports.OfferReport> offers =
        quote.offers().stream().map(offer -> report(offer, quote)).toList();
    return new Reports.QuoteReport(
        path.toString(),
        address.peerId().orElseThrow().toString(),
        quote.status().name().toLowerCase(Locale.ROOT),
        quote.size(),
        offers.stream().findFirst().map(Reports.OfferReport::terms),
        quote.status() == Availability.AVAILABLE ? quote.total() : Optional.empty(),
        offers.stream().map(Reports.OfferReport::payee).toList(),
        offers,
        quote.message());
  }

  private static Reports.OfferReport report(Offer offer, QuotedPrice quote) {
    Payee payee = offer.payee();
    return new Reports.OfferReport(
        ContentOperations.price(payee.token(), offer.terms()),
        quote.size().map(offer.terms()::due),
        new Reports.PayeeReport(
            payee.chainId(),
            payee.contract().toString(),
            payee.token().toString(),
            payee.address().toString(),
            payee.symbol()));
  }

  /**
   * The payee that a provider names for anything it sells. It is asked about the empty block, which
   * everybody has and which costs the dearest entry of its price list.
   *
   * @param token what is to be paid in; empty for the first of this home's that the provider takes
   */
  Payee payeeOf(String provider, Optional<String> token) throws Exception {
    List<EvmAddress> wanted =
        token.isPresent() ? List.of(node.money().token(token)) : node.config().tokens().accepted();
    Multiaddr address = peers.address(provider);
    List<Payee> payees =
        ask(Network.Mode.BUY, address, Cid.parse("bafkqaaa"), Selectors.matchPoint().node())
            .offers()
            .stream()
            .map(Offer::payee)
            .toList();
    if (payees.isEmpty()) {
      throw new ServiceException(
          DealCode.NO_COMMON_PAYMENT, "the provider sells nothing for money");
    }
    PayerSide payer = node.payments().payer();
    return wanted.stream()
        .flatMap(each -> payees.stream().filter(payee -> payee.token().equals(each)))
        .filter(payer::accepts)
        .findFirst()
        .orElseThrow(() -> noCommonPayment(wanted, payees));
  }

  private ServiceException noCommonPayment(List<EvmAddress> wanted, List<Payee> payees) {
    Tokens tokens = node.money().known();
    return new ServiceException(
        DealCode.NO_COMMON_PAYMENT,
        "the provider cannot be paid in %s from here; it takes %s"
            .formatted(
                wanted.stream().map(tokens::name).collect(Collectors.joining(" or ")),
                payees.stream()
                    .map(payee -> tokens.name(payee.token()))
                    .collect(Collectors.joining(", "))));
  }

  private QuotedPrice ask(Network.Mode mode, Multiaddr provider, Cid root, Node selector)
      throws Exception {
    try (NetworkUse use = node.network(mode)) {
      return use.network()
          .priceQuery()
          .ask(
              provider.peerId().orElseThrow(),
              List.of(provider.withoutPeer()),
              root,
              Optional.of(selector));
    }
  }
}
