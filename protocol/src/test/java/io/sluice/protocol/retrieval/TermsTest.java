package io.sluice.protocol.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TermsTest {
  /** Fixed so that a failure repeats; every failing assertion prints the draw it was made with. */
  private static final long SEED = 20_261_121L;

  private static Terms perByte(long price, long fee, long interval, long increase) {
    return new Terms(
        TokenAmount.of(price * Terms.MIB),
        TokenAmount.of(fee),
        interval,
        increase,
        Long.MAX_VALUE / 4,
        600);
  }

  /** The worked example with p = 2 a byte, I = 1000, J = 500 and a fee of 100. */
  @ParameterizedTest
  @CsvSource({
    "0, 0", // the fee comes first
    "99, 0", //
    "100, 1000",
    "2100, 2500",
    "5100, 4500",
    "6300, 5100", // 3,100 bytes paid, in the interval of 2,000
  })
  void givenGrowingIntervals_thenTheLimitFollowsTheCredit(long credit, long limit) {
    assertEquals(limit, perByte(2, 100, 1000, 500).limit(TokenAmount.of(credit)));
  }

  @ParameterizedTest
  @CsvSource({"0, 100", "1000, 2100", "2500, 5100", "3100, 6300"})
  void givenTheSameDeal_thenWhatIsDueIsOneRoundedSum(long bytes, long due) {
    assertEquals(TokenAmount.of(due), perByte(2, 100, 1000, 500).due(bytes));
  }

  /** Boundaries 2048, 5120, 9216, 14336: paying what is due there opens exactly the next one. */
  @ParameterizedTest
  @CsvSource({"0, 2048", "4096, 5120", "10240, 9216", "18432, 14336"})
  void givenPaymentOnABoundary_thenTheLimitIsTheNextBoundary(long credit, long limit) {
    assertEquals(limit, perByte(2, 0, 2048, 1024).limit(TokenAmount.of(credit)));
  }

  /** The figures of the Filecoin markets' integration tests: 1000 a byte, 19,958 bytes. */
  @ParameterizedTest
  @CsvSource({
    "0, 10174, 10174000",
    "0, 19958, 19958000",
    "1000, 0, 1000",
    "1000, 10174, 10175000",
    "1000, 19958, 19959000"
  })
  void givenTheMarketsFigures_thenVouchersAreTheSame(long fee, long bytes, long due) {
    assertEquals(TokenAmount.of(due), perByte(1000, fee, 10_000, 1_000).due(bytes));
  }

  @ParameterizedTest
  @CsvSource({"0, 10", "1, 10", "9, 10", "10, 15", "24, 15", "25, 20", "44, 20", "45, 25"})
  void givenAPosition_thenTheWindowIsTheIntervalItLiesIn(long position, long window) {
    assertEquals(window, perByte(1, 0, 10, 5).window(position));
  }

  @Test
  void givenTheLongestInterval_thenWindowsStopGrowing() {
    Terms terms = new Terms(TokenAmount.of(Terms.MIB), TokenAmount.ZERO, 10, 7, 25, 0);

    assertEquals(10, terms.window(9));
    assertEquals(17, terms.window(10));
    assertEquals(17, terms.window(26));
    assertEquals(24, terms.window(27));
    assertEquals(24, terms.window(50));
    assertEquals(25, terms.window(51));
    assertEquals(25, terms.window(Long.MAX_VALUE / 2));
    assertEquals(10, terms.window(1_000, 10));
  }

  @Test
  void givenPriceZero_thenEverythingFlowsOnceTheFeeIsPaid() {
    Terms terms = perByte(0, 5, 1, 0);

    assertEquals(0, terms.limit(TokenAmount.of(4)));
    assertEquals(Terms.UNLIMITED, terms.limit(TokenAmount.of(5)));
    assertEquals(TokenAmount.of(5), terms.due(1L << 40));
  }

  /** Ten units a MiB: most blocks cost less than one unit, and the sum must still be exact. */
  @Test
  void givenAPriceBelowAUnitABlock_thenRoundingHappensOnceOnly() {
    Terms terms = Terms.atPrice(TokenAmount.of(10));

    assertEquals(TokenAmount.of(1), terms.due(1));
    assertEquals(TokenAmount.of(1), terms.due(104_857));
    assertEquals(TokenAmount.of(2), terms.due(104_858));
    assertEquals(TokenAmount.of(10_240), terms.due(1L << 30));
  }

  @Test
  void givenBadIntervals_thenTermsAreRefused() {
    assertThrows(ProtocolException.class, () -> perByte(1, 0, 0, 0));
    assertThrows(ProtocolException.class, () -> perByte(1, 0, 1, -1));
    assertThrows(
        ProtocolException.class, () -> new Terms(TokenAmount.ZERO, TokenAmount.ZERO, 10, 0, 9, 0));
  }

  @Test
  void givenAnyTerms_thenCreditAndDueAgree() {
    Random random = new Random(SEED);
    for (int draw = 0; draw < 20_000; draw++) {
      Terms terms =
          new Terms(
              new TokenAmount(new BigInteger(1 + random.nextInt(100), random)),
              TokenAmount.of(random.nextLong(1_000)),
              1 + random.nextLong(1 << 22),
              random.nextLong(1 << 22),
              1L << 40,
              0);
      long bytes = random.nextLong(1L << (1 + random.nextInt(44)));
      TokenAmount credit = terms.due(bytes);
      String what = "seed " + SEED + ", draw " + draw + ": " + terms + ", " + bytes + " bytes";

      assertTrue(terms.paidBytes(credit) >= bytes, what);
      assertTrue(terms.limit(credit) > bytes, what);
      if (!terms.pricePerMiB().isZero()) {
        long covered = terms.paidBytes(credit);
        assertTrue(covered == Terms.UNLIMITED || terms.due(covered).equals(credit), what);
      }
    }
  }

  @Test
  void givenAnyIntervals_thenTheClosedFormEqualsTheNaiveSum() {
    Random random = new Random(SEED);
    for (int draw = 0; draw < 200; draw++) {
      long interval = 1 + random.nextLong(50);
      long increase = random.nextLong(10);
      long max = interval + random.nextLong(60);
      Terms terms = new Terms(TokenAmount.of(1), TokenAmount.ZERO, interval, increase, max, 0);
      long start = 0;
      long size = interval;
      while (start < 2_000) {
        for (long x = start; x < start + size; x++) {
          assertEquals(size, terms.window(x), "seed " + SEED + ", " + terms + " at " + x);
        }
        start += size;
        size = Math.min(size + increase, max);
      }
    }
  }

  /** However a client slices its payments, the last one brings the total to exactly what is due. */
  @Test
  void givenPaymentsAtEveryPause_thenTheTotalIsExact() {
    Random random = new Random(SEED);
    for (int draw = 0; draw < 500; draw++) {
      Terms terms =
          new Terms(
              TokenAmount.of(1 + random.nextLong(1 << 24)),
              TokenAmount.of(random.nextLong(50)),
              1 + random.nextLong(5_000),
              random.nextLong(5_000),
              20_000,
              0);
      long size = random.nextLong(200_000);
      TokenAmount credit = terms.fee();
      long queued = 0;
      while (queued < size) {
        if (queued >= terms.limit(credit)) {
          credit = terms.due(queued);
        }
        long block = Math.min(size - queued, 1 + random.nextLong(9_000));
        long unpaid = queued - Math.min(queued, terms.paidBytes(credit));
        assertTrue(unpaid <= 20_000, "seed " + SEED + ", draw " + draw + ": unpaid " + unpaid);
        queued += block;
      }

      assertEquals(terms.due(size), credit.max(terms.due(queued)), "seed " + SEED);
    }
  }
}
