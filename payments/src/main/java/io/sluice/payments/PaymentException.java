package io.sluice.payments;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/** Money cannot move as asked; nothing was changed, and the code says who has to do what. */
public final class PaymentException extends RuntimeException {
  private final PaymentCode code;
  private final Optional<TokenAmount> shortfall;

  PaymentException(PaymentCode code, String message) {
    super(message);
    this.code = code;
    this.shortfall = Optional.empty();
  }

  PaymentException(PaymentCode code, String message, TokenAmount shortfall) {
    super(message);
    this.code = code;
    this.shortfall = Optional.of(shortfall);
  }

  /** What stands in the way. */
  public PaymentCode code() {
    return code;
  }

  /** How much is missing, where that is what stands in the way. */
  public Optional<TokenAmount> shortfall() {
    return shortfall;
  }
}
