package io.sluice.payments.token;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.function.Function;

/**
 * A sentence for people with amounts in it, said where nobody knows of which token they are; who
 * does writes them out.
 *
 * @param sentence with {@code %s} in place of each amount
 * @param amounts as many, in order
 */
public record AmountMessage(String sentence, List<TokenAmount> amounts) {
  /** Copies the list. */
  public AmountMessage {
    amounts = List.copyOf(amounts);
  }

  /**
   * A sentence with those amounts; whatever else it tells has to stand in it, without a percent.
   */
  public static AmountMessage of(String sentence, TokenAmount... amounts) {
    return new AmountMessage(sentence, List.of(amounts));
  }

  /** The sentence with each amount as {@code writer} writes it, such as {@link Tokens#show}. */
  public String written(Function<TokenAmount, String> writer) {
    return sentence.formatted(amounts.stream().map(writer).toArray());
  }

  /** An amount of a token that is not known. */
  public static String inBaseUnits(TokenAmount amount) {
    return amount.value() + " base units";
  }

  /** In base units. */
  @Override
  public String toString() {
    return written(AmountMessage::inBaseUnits);
  }
}
