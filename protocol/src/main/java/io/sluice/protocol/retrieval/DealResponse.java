package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.Node;

/**
 * What a provider says of a deal, in the shape of the Filecoin markets.
 *
 * @param statusCode number of a {@link DealStatus}, or one that we do not know
 * @param id the client's number for the deal
 * @param owed what has to be paid for the deal to go on
 * @param message for a person
 */
public record DealResponse(long statusCode, long id, TokenAmount owed, String message) {
  /** A response with nothing owed. */
  public static DealResponse of(DealStatus status, long id, String message) {
    return new DealResponse(status.code(), id, TokenAmount.ZERO, message);
  }

  /** A demand for money. */
  public static DealResponse demand(DealStatus status, long id, TokenAmount owed) {
    return new DealResponse(status.code(), id, owed, "");
  }

  /** Whether the response has that status. */
  public boolean is(DealStatus status) {
    return statusCode == status.code();
  }

  /** The wire form. */
  public Node toNode() {
    return Node.map()
        .put("Status", Node.of(statusCode))
        .put("ID", Node.of(id))
        .put("PaymentOwed", Node.of(owed.signedBytes()))
        .put("Message", Node.of(message))
        .build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static DealResponse of(Node node) {
    return new DealResponse(
        Fields.count(node, "Status"),
        Fields.count(node, "ID"),
        Fields.filecoinAmount(node, "PaymentOwed"),
        Fields.text(node, "Message"));
  }
}
