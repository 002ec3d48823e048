package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.FILECOIN_AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.TEXT_FOR_PEOPLE;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;

/**
 * The answer to a {@link Query}. The payment address is always f00, the system actor: nobody can
 * fund a Filecoin channel to us by mistake, and clients built of go-address can read the answer,
 * which they refuse when the address is empty.
 *
 * @param status whether the payload is served
 * @param size bytes of the payload's distinct blocks
 * @param pricePerByte in base units, rounded up from the price per MiB
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

  /** The wire form of any Filecoin provider; its payment address and piece are not read. */
  public static final MapCodec<QueryResponse> CODEC =
      MapCodec.of(
          f -> {
            f.put("PieceCIDFound", it -> Node.of(it.status == Availability.AVAILABLE ? 0 : 1));
            f.put("PaymentAddress", it -> Node.of(UNFUNDABLE));
            return new QueryResponse(
                f.get("Status", Availability.as(NodeCodec.LONG), QueryResponse::status),
                f.get("Size", COUNT, QueryResponse::size),
                f.get("MinPricePerByte", FILECOIN_AMOUNT, QueryResponse::pricePerByte),
                f.get("UnsealPrice", FILECOIN_AMOUNT, QueryResponse::fee),
                f.get("MaxPaymentInterval", COUNT, QueryResponse::interval),
                f.get("MaxPaymentIntervalIncrease", COUNT, QueryResponse::intervalIncrease),
                f.get("Message", TEXT_FOR_PEOPLE, QueryResponse::message));
          });
}
