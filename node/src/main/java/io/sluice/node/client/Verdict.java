package io.sluice.node.client;

import io.sluice.node.api.ErrorCode;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.util.Optional;

/**
 * What a provider's answer says about the deal, whichever of the two shapes it came in: the classic
 * response, whose message begins with a code where there is one, or our own result.
 *
 * @param response the classic response, if that was it
 * @param result our own, if that was it
 */
record Verdict(Optional<DealResponse> response, Optional<DealResult> result) {
  private static final Verdict NONE = new Verdict(Optional.empty(), Optional.empty());

  static Verdict of(TransferResponse answer) {
    return answer
        .result()
        .map(
            typed ->
                switch (typed.type()) {
                  case RetrievalNames.RESPONSE ->
                      new Verdict(Optional.of(DealResponse.of(typed.value())), Optional.empty());
                  case RetrievalNames.RESULT ->
                      new Verdict(Optional.empty(), Optional.of(DealResult.of(typed.value())));
                  default -> NONE;
                })
        .orElse(NONE);
  }

  /** Whether it asks for money. */
  boolean isDemand() {
    return response
            .filter(
                r ->
                    r.is(DealStatus.FUNDS_NEEDED)
                        || r.is(DealStatus.FUNDS_NEEDED_LAST_PAYMENT)
                        || r.is(DealStatus.FUNDS_NEEDED_UNSEAL)
                        || (r.is(DealStatus.ONGOING) && !r.owed().isZero()))
            .isPresent()
        || result.filter(r -> r.owed().filter(o -> !o.isZero()).isPresent()).isPresent();
  }

  /** Whether the classic response ends the deal badly. */
  boolean isRefusal() {
    return response
        .filter(
            r ->
                r.is(DealStatus.REJECTED)
                    || r.is(DealStatus.DEAL_NOT_FOUND)
                    || r.is(DealStatus.ERRORED)
                    || r.is(DealStatus.CANCELLED))
        .isPresent();
  }

  /** Why the deal is refused. */
  Reason reason() {
    if (result.isPresent()) {
      ErrorCode code = ErrorCode.named(result.get().code());
      return new Reason(code, result.get().message().orElse(code.meaning()));
    }
    if (response.isEmpty()) {
      return new Reason(ErrorCode.REFUSED, "the provider gave no reason");
    }
    String message = response.get().message();
    int colon = message.indexOf(": ");
    if (colon > 0 && message.substring(0, colon).matches("[A-Z_]+")) {
      return new Reason(ErrorCode.named(message.substring(0, colon)), message.substring(colon + 2));
    }
    ErrorCode code =
        response.get().is(DealStatus.DEAL_NOT_FOUND) ? ErrorCode.NOT_FOUND : ErrorCode.REFUSED;
    return new Reason(code, message.isEmpty() ? code.meaning() : message);
  }
}
