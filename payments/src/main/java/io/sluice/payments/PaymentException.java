package io.sluice.payments;

import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/** Money cannot move as asked; nothing was changed, and the code says who has to do what. */
public final class PaymentException extends RuntimeException {
  private final DealCode code;
  private final Optional<TokenAmount> shortfall;

  /** A reason, and what it is about. */
  public PaymentException(DealCode code, String message) {
    super(message);
    this.code = code;
    this.shortfall = Optional.empty();
  }

  /** A reason, what it is about, and how much is missing. */
  public PaymentException(DealCode code, String message, TokenAmount shortfall) {
    super(message);
    this.code = code;
    this.shortfall = Optional.of(shortfall);
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
