package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words of programs that are in use. */
class SendVerdictTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "already known | TAKEN",
        "Known transaction | TAKEN",
        "transaction already imported | TAKEN",
        "nonce too low: next nonce 5, tx nonce 4 | NONCE_USED",
        "Nonce too low | NONCE_USED",
        "message nonce too low: minimum expected nonce is 3 | NONCE_USED",
        "replacement transaction underpriced | UNDERPRICED",
        "transaction underpriced: gas tip cap 0 | UNDERPRICED",
        "replace by fee has too low GasPremium, underpriced | UNDERPRICED",
        "max fee per gas less than block base fee | UNDERPRICED",
        "fee cap less than base fee | UNDERPRICED",
        "insufficient funds for gas * price + value | TOO_POOR",
        "mpool push: not enough funds: 5 < 7 | TOO_POOR",
        "the server is busy | UNKNOWN",
      })
  void verdict(String message, SendVerdict verdict) {
    assertEquals(verdict, SendVerdict.of(message));
  }
}
