package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
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

  /** Copies the list. */
  public AskAnswer {
    offers = List.copyOf(offers);
  }

  /** The answer that content is not served, or cannot be quoted. */
  public static AskAnswer no(Availability status, String message) {
    return new AskAnswer(status, message, Optional.empty(), Optional.empty(), List.of());
  }

  /** The wire form; absent fields are left out. */
  public Node toNode() {
    Node.MapBuilder map =
        Node.map().put("Status", Node.of(status.code())).put("Message", Node.of(message));
    size.ifPresent(count -> map.put("Size", Node.of(count)));
    blocks.ifPresent(count -> map.put("Blocks", Node.of(count)));
    if (!offers.isEmpty()) {
      map.put("Offers", Node.list(offers.stream().map(Offer::toNode).toList()));
    }
    return map.build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static AskAnswer of(Node node) {
    List<Node> offers = Fields.optional(node, "Offers", Node::asList).orElse(List.of());
    if (offers.size() > MAX_OFFERS) {
      throw new ProtocolException("BAD_ASK", offers.size() + " offers, at most " + MAX_OFFERS);
    }
    return new AskAnswer(
        Availability.of(Fields.count(node, "Status")),
        Fields.text(node, "Message"),
        Fields.optional(node, "Size", Fields::count),
        Fields.optional(node, "Blocks", Fields::count),
        offers.stream().map(Offer::of).toList());
  }
}
