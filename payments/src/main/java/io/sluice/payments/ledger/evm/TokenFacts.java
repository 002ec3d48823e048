package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;

/**
 * What a token says of itself.
 *
 * @param symbol 1 to 16 letters and digits
 * @param decimals 0 to 36
 */
public record TokenFacts(String symbol, int decimals) {
  private static final int MAX_DECIMALS = 36;

  static TokenFacts of(EvmAddress token, String symbol, long decimals) throws IOException {
    if (decimals > MAX_DECIMALS || !symbol.matches("[A-Za-z0-9.$₮_-]{1,16}")) {
      throw new IOException(
          "token %s has a symbol or decimals that cannot be shown".formatted(token));
    }
    return new TokenFacts(symbol, (int) decimals);
  }
}
