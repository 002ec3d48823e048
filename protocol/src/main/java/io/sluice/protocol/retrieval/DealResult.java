package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.TEXT_FOR_PEOPLE;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import java.util.Optional;

/**
 * What a provider says of a paid deal beside the classic {@link DealResponse}; goes only to peers
 * that sent a {@link DealOpening}.
 *
 * @param id the client's number for the deal
 * @param code what happened; a name that is not known here reads as {@code REFUSED}
 * @param owed what has to be paid
 * @param bytes the charged bytes that the provider counts
 * @param deal the client's number of the deal that {@code owed} and {@code bytes} are about, where
 *     that is an earlier one
 * @param best the lane's highest voucher that the provider holds, so that a client that lost it can
 *     adopt it
 * @param shortfall by how much the deposit is too small
 * @param retryAfter seconds to wait before trying again
 * @param message for a person
 */
public record DealResult(
    long id,
    DealCode code,
    Optional<TokenAmount> owed,
    Optional<Long> bytes,
    Optional<Long> deal,
    Optional<Payment> best,
    Optional<TokenAmount> shortfall,
    Optional<Long> retryAfter,
    Optional<String> message) {

  private static final NodeCodec<DealCode> CODE =
      TEXT_FOR_PEOPLE.as(DealCode::named, DealCode::name);

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<DealResult> CODEC =
      MapCodec.of(
          f ->
              new DealResult(
                  f.get("ID", COUNT, DealResult::id),
                  f.get("Code", CODE, DealResult::code),
                  f.find("Owed", AMOUNT, DealResult::owed),
                  f.find("Bytes", COUNT, DealResult::bytes),
                  f.find("Deal", COUNT, DealResult::deal),
                  f.find("Best", Payment.CODEC, DealResult::best),
                  f.find("Shortfall", AMOUNT, DealResult::shortfall),
                  f.find("RetryAfter", COUNT, DealResult::retryAfter),
                  f.find("Message", TEXT_FOR_PEOPLE, DealResult::message)));

  /** A result with a code and nothing else. */
  public static DealResult of(long id, DealCode code) {
    return new DealResult(
        id,
        code,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same with what is owed for how many charged bytes. */
  public DealResult owing(TokenAmount amount, long charged) {
    return new DealResult(
        id,
        code,
        Optional.of(amount),
        Optional.of(charged),
        deal,
        best,
        shortfall,
        retryAfter,
        message);
  }

  /** The same with the provider's highest voucher. */
  public DealResult with(Payment voucher) {
    return new DealResult(
        id, code, owed, bytes, deal, Optional.of(voucher), shortfall, retryAfter, message);
  }

  /** The same with the gap in the deposit. */
  public DealResult shortBy(TokenAmount gap) {
    return new DealResult(id, code, owed, bytes, deal, best, Optional.of(gap), retryAfter, message);
  }

  /** Code and word for a person, as the responses of old have them in one line. */
  public String line() {
    return message.map(text -> code + ": " + text).orElse(code.name());
  }

  /** The same with a word for a person. */
  public DealResult saying(String text) {
    return new DealResult(
        id, code, owed, bytes, deal, best, shortfall, retryAfter, Optional.of(text));
  }
}
