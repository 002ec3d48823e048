package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sluice.payments.Samples;
import io.sluice.payments.ledger.evm.OutboxPlan.Act;
import io.sluice.payments.ledger.evm.OutboxPlan.Facts;
import io.sluice.payments.ledger.evm.OutboxRow.Mined;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** Each row of the table of states with what the chain may say about it. */
class OutboxPlanTest {
  private static final OutboxPlan PLAN = new OutboxPlan(3, 10);
  private static final long NONCE = 7;
  private static final long SENT_AT = 100;
  private static final Fees FEES = new Fees(BigInteger.TEN, BigInteger.ONE);
  private static final SignedTransaction SIGNED = SignedTransaction.of(new byte[] {1, 2, 3}, FEES);
  private static final OutboxRow ROW =
      OutboxRow.signed(
          "a",
          Optional.empty(),
          new Transaction(Samples.PAYEE, Samples.PAYEE, TokenAmount.ZERO, RawBytes.EMPTY),
          NONCE,
          21_000,
          SIGNED);
  private static final OutboxRow SENT = ROW.broadcast(SENT_AT);
  private static final Mined MINED = new Mined(SIGNED.hash(), 101, Samples.hash(1), true);
  private static final Mined ELSEWHERE = new Mined(SIGNED.hash(), 102, Samples.hash(2), true);
  private static final Mined REVERTED = new Mined(SIGNED.hash(), 101, Samples.hash(1), false);
  private static final OutboxRow IN = SENT.included(MINED);
  private static final OutboxRow UNDONE = SENT.included(REVERTED);

  /** Facts about a row that is in no block. */
  private static Facts out(long height, long used, boolean inPool, boolean canRaise) {
    return new Facts(
        height,
        height,
        Optional.empty(),
        inPool,
        used,
        OptionalLong.empty(),
        Optional.empty(),
        canRaise);
  }

  /** The same of the account's next, so many minutes before it is of no use. */
  private static Facts pressed(long height, int minutes, boolean canRaise) {
    return new Facts(
        height,
        height,
        Optional.empty(),
        true,
        NONCE,
        OptionalLong.empty(),
        Optional.of(Duration.ofMinutes(minutes)),
        canRaise);
  }

  private static Facts usedElsewhere(long usedForGood) {
    return new Facts(
        120,
        110,
        Optional.empty(),
        false,
        NONCE + 1,
        OptionalLong.of(usedForGood),
        Optional.empty(),
        true);
  }

  private static Facts in(Mined mined, long height, long settled) {
    return new Facts(
        height,
        settled,
        Optional.of(mined),
        false,
        NONCE + 1,
        OptionalLong.empty(),
        Optional.empty(),
        true);
  }

  static final List<Arguments> CASES =
      List.of(
          // not sent, or perhaps before a crash
          arguments("signed", ROW, out(100, NONCE, false, true), Act.BROADCAST),
          arguments("signed, and others before it", ROW, out(100, 3, true, true), Act.BROADCAST),
          arguments("signed, and in a block already", ROW, in(MINED, 101, 101), Act.NOTE_INCLUDED),
          // on its way
          arguments("waiting", SENT, out(102, NONCE, true, true), Act.WAIT),
          arguments("dropped", SENT, out(101, NONCE, false, true), Act.BROADCAST),
          arguments("dropped long ago", SENT, out(103, NONCE, false, true), Act.RAISE),
          arguments(
              "dropped at the highest fee", SENT, out(103, NONCE, false, false), Act.BROADCAST),
          arguments("stuck", SENT, out(103, NONCE, true, true), Act.RAISE),
          arguments("stuck at the highest fee", SENT, out(103, NONCE, true, false), Act.WAIT),
          arguments("a deadline in sight, young", SENT, pressed(101, 360, true), Act.WAIT),
          arguments("a deadline in sight", SENT, pressed(102, 360, true), Act.RAISE),
          arguments("a deadline near", SENT, pressed(101, 60, true), Act.RAISE),
          arguments("pressing, just handed out", SENT, pressed(100, 10, true), Act.WAIT),
          arguments("pressing", SENT, pressed(101, 10, true), Act.RAISE),
          arguments("pressing, at the highest fee", SENT, pressed(110, 10, false), Act.WAIT),
          arguments("too late to press", SENT, pressed(102, 0, true), Act.WAIT),
          arguments("behind another that is stuck", SENT, out(200, 6, true, true), Act.WAIT),
          arguments("included", SENT, in(MINED, 101, 90), Act.NOTE_INCLUDED),
          // its nonce is used
          arguments("used, who knows by whom", SENT, out(200, NONCE + 1, false, true), Act.WAIT),
          arguments("used, not for good yet", SENT, usedElsewhere(NONCE), Act.WAIT),
          arguments("used for good", SENT, usedElsewhere(NONCE + 1), Act.GIVE_UP),
          // in a block
          arguments("young", IN, in(MINED, 110, 110), Act.WAIT),
          arguments("old, but not settled", IN, in(MINED, 200, 100), Act.WAIT),
          arguments("old and settled", IN, in(MINED, 111, 101), Act.MAKE_FINAL),
          arguments("in another block now", IN, in(ELSEWHERE, 102, 90), Act.NOTE_INCLUDED),
          arguments("in no block any more", IN, out(102, NONCE, true, true), Act.TAKE_BACK),
          arguments("reverted, not settled", UNDONE, in(REVERTED, 101, 100), Act.WAIT),
          arguments("reverted for good", UNDONE, in(REVERTED, 101, 101), Act.JUDGE_REVERTED),
          arguments("reverted, then not", UNDONE, in(ELSEWHERE, 102, 90), Act.NOTE_INCLUDED),
          // at its end
          arguments("final", IN.ended(OutboxState.FINAL), out(500, 0, false, true), Act.WAIT),
          arguments(
              "given up", SENT.ended(OutboxState.REPLACED), out(500, 0, false, true), Act.WAIT),
          arguments(
              "failed", UNDONE.ended(OutboxState.FAILED), out(500, 0, false, true), Act.WAIT));

  @ParameterizedTest(name = "{0}: {3}")
  @FieldSource("CASES")
  void next(String name, OutboxRow row, Facts facts, Act expected) {
    assertEquals(expected, PLAN.next(row, facts));
  }
}
