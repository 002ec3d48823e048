package io.sluice.node.client;

import io.sluice.node.api.ServiceException;
import io.sluice.node.client.Retrieval.RetrievalOrder;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Availability;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Chooses among the ways in which one provider may be paid, or says why it cannot be bought from.
 * It only decides: it asks nobody but about the money, and nothing is changed by it.
 *
 * @param order has the limits
 * @param spentIn what was begun to be paid in; one order pays in one token
 * @param payable whether a payee can be paid from here at all
 * @param affordable whether there is money for so much to that payee; may ask a ledger, so it is
 *     only asked where that makes a difference
 */
record OfferChoice(
    RetrievalOrder order,
    Optional<EvmAddress> spentIn,
    Predicate<Payee> payable,
    BiPredicate<Payee, TokenAmount> affordable) {

  /** The quote with the one offer that is taken; as it is where nothing is paid. */
  QuotedPrice choose(PeerId provider, QuotedPrice quote) throws ServiceException {
    if (quote.status() == Availability.UNAVAILABLE) {
      boolean damaged = quote.message().startsWith(DealCode.DAMAGED + ":");
      throw new ServiceException(
          damaged ? DealCode.DAMAGED : DealCode.NOT_FOUND,
          quote.message().isEmpty()
              ? "%s does not offer %s".formatted(provider, order.root())
              : quote.message());
    }
    if (quote.status() == Availability.ERROR) {
      throw new ServiceException(DealCode.REFUSED, quote.message());
    }
    if (quote.isFree()) {
      return quote;
    }
    // From here on only this offer counts: another may be cheaper, but cannot be taken.
    return new QuotedPrice(
        quote.status(), quote.size(), List.of(best(provider, quote)), quote.message());
  }

  /**
   * The best offer that may be taken: in the provider's order the first that can be paid from here,
   * in a token that the limits are of, at a price within them. Of several the first is taken that
   * there is money for, or else the first.
   */
  private Offer best(PeerId provider, QuotedPrice quote) throws ServiceException {
    List<Offer> payables =
        quote.offers().stream().filter(each -> payable.test(each.payee())).toList();
    if (payables.isEmpty()) {
      throw new ServiceException(
          DealCode.NO_COMMON_PAYMENT,
          "%s cannot be paid from here, where channels pay in %s; it takes %s"
              .formatted(provider, order.tokens().acceptedNames(), ways(quote.offers())));
    }
    List<Offer> wanted = payables.stream().filter(each -> isWanted(each.payee().token())).toList();
    if (wanted.isEmpty()) {
      throw new ServiceException(
          DealCode.NO_COMMON_PAYMENT,
          "%s takes %s, but the limits here are of %s"
              .formatted(provider, ways(quote.offers()), limitNames()));
    }
    List<Offer> cheap = wanted.stream().filter(each -> !isTooDear(each)).toList();
    if (cheap.isEmpty()) {
      throw tooDear(wanted.getFirst());
    }
    return cheap.size() == 1
        ? cheap.getFirst()
        : cheap.stream()
            .filter(each -> affordable.test(each.payee(), cost(each, quote)))
            .findFirst()
            .orElse(cheap.getFirst());
  }

  private boolean isWanted(EvmAddress token) {
    return order.token().stream().allMatch(token::equals)
        && spentIn.stream().allMatch(token::equals)
        && (order.maxPricePerMiB().isEmpty() || order.maxPricePerMiB().of(token).isPresent());
  }

  private String limitNames() {
    return order.tokens().accepted().stream()
        .filter(this::isWanted)
        .map(order.tokens()::name)
        .collect(Collectors.joining(", "));
  }

  private static TokenAmount cost(Offer offer, QuotedPrice quote) {
    return quote
        .size()
        .map(offer.terms()::due)
        .orElse(TokenAmount.of(1))
        .max(offer.payee().minDeposit());
  }

  private boolean isTooDear(Offer offer) {
    return order
        .maxPricePerMiB()
        .of(offer.payee().token())
        .filter(most -> offer.terms().pricePerMiB().exceeds(most))
        .isPresent();
  }

  private ServiceException tooDear(Offer offer) {
    EvmAddress token = offer.payee().token();
    return new ServiceException(
        DealCode.PRICE_TOO_HIGH,
        "the price is %s per MiB, you allow %s"
            .formatted(
                order.tokens().show(offer.terms().pricePerMiB(), token),
                order.tokens().show(order.maxPricePerMiB().orZero(token), token)));
  }

  private String ways(List<Offer> offers) {
    return offers.stream()
        .map(Offer::payee)
        .map(
            payee ->
                "%s on chain %d, contract %s"
                    .formatted(
                        order.tokens().name(payee.token()), payee.chainId(), payee.contract()))
        .distinct()
        .collect(Collectors.joining("; "));
  }
}
