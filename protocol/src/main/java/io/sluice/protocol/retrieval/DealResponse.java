package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.FILECOIN_AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.TEXT_FOR_PEOPLE;

import io.sluice.protocol.ipld.MapCodec;

/**
 * What a provider says of a deal, in the shape of the Filecoin markets.
 *
 * @param statusCode number of a {@link DealStatus}, or one that we do not know
 * @param id the client's number for the deal
 * @param owed what has to be paid for the deal to go on
 * @param message for a person
 */
public record DealResponse(long statusCode, long id, TokenAmount owed, String message) {
  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<DealResponse> CODEC =
      MapCodec.of(
          f ->
              new DealResponse(
                  f.get("Status", COUNT, DealResponse::statusCode),
                  f.get("ID", COUNT, DealResponse::id),
                  f.get("PaymentOwed", FILECOIN_AMOUNT, DealResponse::owed),
                  f.get("Message", TEXT_FOR_PEOPLE, DealResponse::message)));

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
}
