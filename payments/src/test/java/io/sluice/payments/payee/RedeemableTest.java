package io.sluice.payments.payee;

import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.amount;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.token.Amounts;
import io.sluice.protocol.retrieval.EvmAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * With a cost of 10: worth it is 200 on a quiet channel, 50 at a cheap moment, 30 if it presses.
 */
class RedeemableTest {
  private static final PayeePolicy POLICY =
      new PayeePolicy(
          List.of(),
          1,
          1,
          amount(0),
          Amounts.of(EvmAddress.ZERO, amount(5)),
          Duration.ofHours(24),
          Amounts.of(EvmAddress.ZERO, amount(1000)),
          Duration.ofMinutes(10),
          1,
          1);

  private static boolean isTime(
      long value, String state, long cost, boolean cheap, Optional<Instant> since) {
    return new Redeemable(
            EvmAddress.ZERO, amount(value), state.equals("ending"), state.equals("quiet"), since)
        .isTime(amount(cost), cheap, POLICY, NOW);
  }

  @ParameterizedTest
  @CsvSource({
    "199, quiet, 10, false, false",
    "200, quiet, 10, false, true",
    "200, busy, 10, false, false",
    "49, busy, 10, true, false",
    "50, busy, 10, true, true",
    "50, busy, 10, false, false",
    "4, quiet, 0, true, false",
    "5, quiet, 0, true, true",
    "0, quiet, 0, true, false",
    // Whoever settles takes back what is not redeemed: all that is more than it costs.
    "10, ending, 10, true, false",
    "11, ending, 10, false, true",
    "1, ending, 0, false, true",
    "0, ending, 0, false, false",
  })
  void timeByWorth(long value, String state, long cost, boolean cheap, boolean time) {
    assertEquals(time, isTime(value, state, cost, cheap, Optional.of(NOW)));
  }

  @Test
  void old_whenItIsWorthThreeTimesItsCost() {
    Instant day = NOW.minus(Duration.ofHours(24));
    Optional<Instant> old = Optional.of(day.minusSeconds(1));

    assertEquals(true, isTime(30, "busy", 10, false, old));
    assertEquals(false, isTime(29, "busy", 10, false, old));
    assertEquals(false, isTime(30, "busy", 10, false, Optional.of(day)));
    assertEquals(false, isTime(30, "busy", 10, false, Optional.empty()));
  }

  @Test
  void much_whenItIsWorthThreeTimesItsCost() {
    assertEquals(true, isTime(1001, "busy", 333, false, Optional.of(NOW)));
    assertEquals(false, isTime(1001, "busy", 334, false, Optional.of(NOW)));
    assertEquals(false, isTime(1000, "busy", 333, false, Optional.of(NOW)));
  }

  private static final EvmAddress TOKEN =
      EvmAddress.parse("0x00000000000000000000000000000000000000c0");

  /** Whatever a redemption costs: what the token is worth in gas nobody knows. */
  @ParameterizedTest
  @CsvSource({
    "5, quiet, 0, false", // it is enough, but neither old nor much
    "5, quiet, 23, false",
    "5, quiet, 25, true",
    "5, busy, 25, true",
    "4, quiet, 25, false",
    "1000, busy, 0, false",
    "1001, busy, 0, true",
    "4, ending, 0, false",
    "5, ending, 0, true",
  })
  void ofATokenWhatIsOldOrMuchIsRedeemed(long value, String state, long hours, boolean time) {
    PayeePolicy policy =
        new PayeePolicy(
            List.of(),
            1,
            1,
            amount(0),
            Amounts.of(EvmAddress.ZERO, amount(5_000_000)).plus(TOKEN, amount(5)),
            Duration.ofHours(24),
            Amounts.of(EvmAddress.ZERO, amount(1)).plus(TOKEN, amount(1000)),
            Duration.ofMinutes(10),
            1,
            1);
    Redeemable redeemable =
        new Redeemable(
            TOKEN,
            amount(value),
            state.equals("ending"),
            state.equals("quiet"),
            Optional.of(NOW.minus(Duration.ofHours(hours))));

    assertEquals(time, redeemable.isTime(amount(1_000_000_000), true, policy, NOW));
    assertEquals(
        time,
        redeemable
            .forecast(amount(1_000_000_000), true, policy, NOW)
            .at()
            .filter(NOW::equals)
            .isPresent());
    assertEquals(value >= 5, redeemable.joins(amount(1_000_000_000), policy));
  }
}
