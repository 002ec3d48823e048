package io.sluice.node.client;

import io.sluice.fsm.DealReason;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a provider's answer says about the deal, whichever of the two shapes it came in: the classic
 * response, whose message begins with a code where there is one, or our own result.
 *
 * @param response the classic response, if that was it
 * @param result our own, if that was it
 */
record ProviderAnswer(Optional<DealResponse> response, Optional<DealResult> result) {
  private static final ProviderAnswer NONE = new ProviderAnswer(Optional.empty(), Optional.empty());

  /** What a provider may say beside refusals, lack of content and lack of funds. */
  private static final Set<DealCode> ALSO_BELIEVED =
      EnumSet.of(
          DealCode.INTERNAL,
          DealCode.CANCELLED,
          DealCode.TOO_MANY_RESTARTS,
          DealCode.PAYMENT_TIMEOUT,
          DealCode.CHAIN_STALE);

  static ProviderAnswer of(TransferResponse answer) {
    return answer
        .result()
        .map(
            typed ->
                switch (typed.type()) {
                  case RetrievalNames.RESPONSE ->
                      new ProviderAnswer(
                          Optional.of(DealResponse.CODEC.decode(typed.value())), Optional.empty());
                  case RetrievalNames.RESULT ->
                      new ProviderAnswer(
                          Optional.empty(), Optional.of(DealResult.CODEC.decode(typed.value())));
                  default -> NONE;
                })
        .orElse(NONE);
  }

  /** The same; one that cannot be read says nothing. */
  static ProviderAnswer readable(TransferResponse answer) {
    try {
      return of(answer);
    } catch (ProtocolException e) {
      return NONE;
    }
  }

  /**
   * Whether a message says that the deal's last voucher was taken: the deal is done, or over and
   * paid. One that is paused says what was sent or taken, and asks for more.
   */
  static boolean isLastWord(TransferResponse answer) {
    return !answer.paused()
        && (answer.type() == MessageType.COMPLETE
            || (answer.type() == MessageType.VOUCHER_RESULT && answer.accepted()));
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

  /** The charged bytes that a demand speaks of; zero if it does not say. */
  long bytes() {
    return result.flatMap(DealResult::bytes).orElse(0L);
  }

  /** The sum it asks for. */
  Optional<TokenAmount> owed() {
    return result.flatMap(DealResult::owed).or(() -> response.map(DealResponse::owed));
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
  DealReason reason() {
    if (result.isPresent()) {
      DealCode code = believed(result.get().code());
      return new DealReason(code, said(code, result.get().message().orElse("")));
    }
    if (response.isEmpty()) {
      return new DealReason(DealCode.REFUSED, "the provider gave no reason");
    }
    String message = response.get().message();
    int colon = message.indexOf(": ");
    if (colon > 0 && message.substring(0, colon).matches("[A-Z_]+")) {
      DealCode code = believed(DealCode.named(message.substring(0, colon)));
      return new DealReason(code, said(code, message.substring(colon + 2)));
    }
    DealCode code =
        response.get().is(DealStatus.DEAL_NOT_FOUND) ? DealCode.NOT_FOUND : DealCode.REFUSED;
    return new DealReason(code, said(code, message));
  }

  private static String said(DealCode code, String message) {
    return message.isEmpty() ? code.meaning() : message;
  }

  /**
   * A provider may refuse for reasons that are its own to judge. Others, such as an interrupt here,
   * would only steer what this client does next.
   */
  private static DealCode believed(DealCode code) {
    return switch (code.exit()) {
      case 3, 4, 5 -> code == DealCode.PARTIAL ? DealCode.REFUSED : code;
      default -> ALSO_BELIEVED.contains(code) ? code : DealCode.REFUSED;
    };
  }
}
