package io.sluice.node.client;

import io.sluice.protocol.retrieval.Availability;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;

/**
 * What a provider says that content costs.
 *
 * @param status whether it has it
 * @param size bytes of the distinct blocks, where known
 * @param offers ways to pay, best first; none means free
 * @param message for a person
 */
public record QuotedPrice(
    Availability status, Optional<Long> size, List<Offer> offers, String message) {
  /** Copies the list. */
  public QuotedPrice {
    offers = List.copyOf(offers);
  }

  /** Whether it costs nothing. */
  public boolean isFree() {
    return offers.isEmpty() || offers.stream().allMatch(offer -> offer.terms().isFree());
  }

  /** What all of it costs by the best offer, where the size is known. */
  public Optional<TokenAmount> total() {
    if (isFree()) {
      return Optional.of(TokenAmount.ZERO);
    }
    return size.map(bytes -> offers.getFirst().terms().due(bytes));
  }
}
