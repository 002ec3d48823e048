package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.Node;

/**
 * The answer to a {@link Query}. The payment address is always f00, the system actor: nobody can
 * fund a Filecoin channel to us by mistake, and clients built of go-address can read the answer,
 * which they refuse when the address is empty.
 *
 * @param status whether the payload is served
 * @param size bytes of the payload's distinct blocks
 * @param pricePerByte in smallest units, rounded up from the price per MiB
 * @param fee due once, in the field that Filecoin calls unseal price
 * @param interval largest first payment interval
 * @param intervalIncrease largest increase
 * @param message for a person; names our ask protocol where content is priced
 */
public record QueryResponse(
    Availability status,
    long size,
    TokenAmount pricePerByte,
    TokenAmount fee,
    long interval,
    long intervalIncrease,
    String message) {

  /** ID address 0 in Filecoin's binary form: protocol 0, then the id as a varint. */
  private static final byte[] UNFUNDABLE = {0, 0};

  /** The wire form. */
  public Node toNode() {
    return Node.map()
        .put("Status", Node.of(status.code()))
        .put("PieceCIDFound", Node.of(status == Availability.AVAILABLE ? 0 : 1))
        .put("Size", Node.of(size))
        .put("PaymentAddress", Node.of(UNFUNDABLE))
        .put("MinPricePerByte", Node.of(pricePerByte.signedBytes()))
        .put("MaxPaymentInterval", Node.of(interval))
        .put("MaxPaymentIntervalIncrease", Node.of(intervalIncrease))
        .put("Message", Node.of(message))
        .put("UnsealPrice", Node.of(fee.signedBytes()))
        .build();
  }

  /** Reads the wire form of any Filecoin provider; its payment address and piece are left out. */
  public static QueryResponse of(Node node) {
    return new QueryResponse(
        Availability.of(node.get("Status").asLong()),
        Fields.count(node, "Size"),
        Fields.filecoinAmount(node, "MinPricePerByte"),
        Fields.filecoinAmount(node, "UnsealPrice"),
        Fields.count(node, "MaxPaymentInterval"),
        Fields.count(node, "MaxPaymentIntervalIncrease"),
        Fields.text(node, "Message"));
  }
}
