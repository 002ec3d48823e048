package io.sluice.payments;

import io.sluice.payments.token.AmountMessage;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import java.util.function.Function;

/** Money cannot move as asked; nothing was changed, and the code says who has to do what. */
public final class PaymentException extends RuntimeException {
  private final DealCode code;
  private final Optional<AmountMessage> amounts;
  private final Optional<TokenAmount> shortfall;

  /** A reason, and what it is about. */
  public PaymentException(DealCode code, String message) {
    super(message);
    this.code = code;
    this.amounts = Optional.empty();
    this.shortfall = Optional.empty();
  }

  /** A reason, and what it is about, in amounts of a token that is known elsewhere. */
  public PaymentException(DealCode code, AmountMessage message) {
    super(message.toString());
    this.code = code;
    this.amounts = Optional.of(message);
    this.shortfall = Optional.empty();
  }

  /** The same, and how much is missing. */
  public PaymentException(DealCode code, AmountMessage message, TokenAmount shortfall) {
    super(message.toString());
    this.code = code;
    this.amounts = Optional.of(message);
    this.shortfall = Optional.of(shortfall);
  }

  private PaymentException(PaymentException said, String message) {
    super(message, said);
    this.code = said.code;
    this.amounts = Optional.empty();
    this.shortfall = said.shortfall;
  }

  /** The same with its amounts as {@code writer} writes them. */
  public PaymentException written(Function<TokenAmount, String> writer) {
    return amounts.map(message -> new PaymentException(this, message.written(writer))).orElse(this);
  }

  /** What stands in the way. */
  public DealCode code() {
    return code;
  }

  /** How much is missing, where that is what stands in the way. */
  public Optional<TokenAmount> shortfall() {
    return shortfall;
  }
}
