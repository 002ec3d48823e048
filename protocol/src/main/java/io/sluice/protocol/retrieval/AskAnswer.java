package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.TEXT_FOR_PEOPLE;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import java.util.List;
import java.util.Optional;

/**
 * A provider's exact terms for some content. Available without offers means free.
 *
 * @param status whether it is served
 * @param message for a person
 * @param size bytes of the distinct blocks, where known
 * @param blocks how many distinct blocks, where known
 * @param offers ways to pay, best first; at most 16
 */
public record AskAnswer(
    Availability status,
    String message,
    Optional<Long> size,
    Optional<Long> blocks,
    List<Offer> offers) {

  private static final int MAX_OFFERS = 16;

  private static final NodeCodec<List<Offer>> OFFERS =
      NodeCodec.of(Offer.CODEC.list()::encode, AskAnswer::readOffers);

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<AskAnswer> CODEC =
      MapCodec.of(
          f ->
              new AskAnswer(
                  f.get("Status", Availability.as(COUNT), AskAnswer::status),
                  f.get("Message", TEXT_FOR_PEOPLE, AskAnswer::message),
                  f.find("Size", COUNT, AskAnswer::size),
                  f.find("Blocks", COUNT, AskAnswer::blocks),
                  f.find("Offers", OFFERS, AskAnswer::offersIfAny).orElse(List.of())));

  /** Copies the list. */
  public AskAnswer {
    offers = List.copyOf(offers);
  }

  /** The answer that content is not served, or cannot be quoted. */
  public static AskAnswer no(Availability status, String message) {
    return new AskAnswer(status, message, Optional.empty(), Optional.empty(), List.of());
  }

  private Optional<List<Offer>> offersIfAny() {
    return Optional.of(offers).filter(list -> !list.isEmpty());
  }

  private static List<Offer> readOffers(Node node) {
    int count = node.asList().size();
    if (count > MAX_OFFERS) {
      throw new ProtocolException("BAD_ASK", count + " offers, at most " + MAX_OFFERS);
    }
    return Offer.CODEC.list().decode(node);
  }
}
