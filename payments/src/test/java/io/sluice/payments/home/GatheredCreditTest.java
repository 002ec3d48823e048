package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.token.Amounts;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Credit of several tokens, each by a bound of its own. */
class GatheredCreditTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final EvmAddress TOKEN =
      EvmAddress.parse("0x00000000000000000000000000000000000000c0");
  private static final TokenAmount LEAST = TokenAmount.of(5);

  @ParameterizedTest
  @CsvSource({
    "token, 99, 0, false",
    "token, 100, 0, true",
    "coin, 100, 0, false", // which has another bound
    "coin, 1000, 0, true",
    "token, 4, 25, false", // not worth moving
    "token, 5, 25, true",
    "token, 5, 23, false",
    "coin, 4, 25, true",
  })
  void isWithdrawnByTheBoundOfItsToken(String of, long amount, long hours, boolean time) {
    AutopilotPolicy policy =
        new AutopilotPolicy(
            Optional.empty(),
            Optional.empty(),
            Amounts.of(EvmAddress.ZERO, TokenAmount.of(1000)).plus(TOKEN, TokenAmount.of(100)),
            Optional.of(Duration.ofHours(24)));
    GatheredCredit credit =
        new GatheredCredit(
            of.equals("coin") ? EvmAddress.ZERO : TOKEN,
            TokenAmount.of(amount),
            NOW.minus(Duration.ofHours(hours)));

    assertEquals(time, credit.isTime(policy, TokenAmount.ZERO, LEAST, NOW));
  }
}
