package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FeesTest {
  private static BigInteger n(long value) {
    return BigInteger.valueOf(value);
  }

  private static Fees fees(long most, long tip) {
    return new Fees(n(most), n(tip));
  }

  @Test
  void suggested_roomForTheBaseFeeToDouble_andAPadOnTheTip() {
    assertEquals(fees(2_011, 11), Fees.suggested(n(1000), n(10), n(1_000_000)));
    assertEquals(fees(2_002, 2), Fees.suggested(n(1000), n(1), n(1_000_000)), "rounded up");
  }

  /** Without a pad: where nobody else pays, a pad on what we paid would raise it for ever. */
  @Test
  void paid_asTheChainHadItOfLate() {
    assertEquals(fees(2_010, 10), Fees.paid(n(1000), n(10), n(1_000_000)));
    assertEquals(fees(5, 5), Fees.paid(n(1000), n(10), n(5)));
  }

  @Test
  void middle_ofBlocksThatWerePaid() {
    assertEquals(Optional.of(n(5)), Fees.middle(List.of(n(0), n(9_000), n(5), n(0), n(2), n(0))));
    assertEquals(Optional.empty(), Fees.middle(List.of(n(0), n(0))));
    assertEquals(Optional.empty(), Fees.middle(List.of()));
  }

  @Test
  void suggested_neverAboveTheCap() {
    assertEquals(fees(1_500, 11), Fees.suggested(n(1000), n(10), n(1_500)));
    assertEquals(fees(5, 5), Fees.suggested(n(1000), n(10), n(5)), "the tip neither");
    assertEquals(fees(0, 0), Fees.suggested(n(1000), n(10), n(0)));
  }

  @Test
  void raised_byAQuarterOrToWhatIsSuggested() {
    assertEquals(fees(1_250, 125), fees(1_000, 100).raised(fees(900, 90), n(10_000)));
    assertEquals(fees(3_000, 125), fees(1_000, 100).raised(fees(3_000, 90), n(10_000)));
    assertEquals(fees(1_250, 500), fees(1_000, 100).raised(fees(900, 500), n(10_000)));
    assertEquals(fees(2, 2), fees(1, 1).raised(fees(1, 1), n(10)), "at least one unit");
  }

  /** Nodes do not take a replacement that pays less than an eighth more. */
  @Test
  void raised_onlyIfItIsEnoughWithinTheCap() {
    assertEquals(fees(1_130, 125), fees(1_000, 100).raised(fees(900, 90), n(1_130)));
    assertEquals(fees(1_000, 100), fees(1_000, 100).raised(fees(900, 90), n(1_129)));
    assertEquals(fees(0, 0), fees(0, 0).raised(fees(0, 0), n(0)));
  }

  @Test
  void raised_byMoreWhereItPresses_withinTheCap() {
    assertEquals(fees(2_000, 200), fees(1_000, 100).raised(fees(900, 90), n(10_000), 200));
    assertEquals(fees(1_700, 200), fees(1_000, 100).raised(fees(900, 90), n(1_700), 200));
    assertEquals(fees(1_000, 100), fees(1_000, 100).raised(fees(900, 90), n(1_129), 200));
  }

  @Test
  void gas_padded() {
    assertEquals(125_000, Fees.padded(100_000));
    assertEquals(2, Fees.padded(1));
    assertThrows(ArithmeticException.class, () -> Fees.padded(Long.MAX_VALUE));
  }

  @Test
  void tipAboveAll_isNoFee() {
    assertThrows(IllegalArgumentException.class, () -> fees(1, 2));
  }
}
