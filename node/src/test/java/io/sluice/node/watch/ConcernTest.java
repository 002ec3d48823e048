package io.sluice.node.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook.Role;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.ledger.LedgerStanding;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.watch.MoneyFigures;
import io.sluice.payments.watch.MoneyFigures.LedgerFigures;
import io.sluice.payments.watch.MoneyFigures.NewestBlock;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is the matter with money that is nearly, and just, beyond each limit. */
class ConcernTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LAG = Duration.ofMinutes(10);
  private static final Duration DEADLINE = Duration.ofHours(6);
  private static final Duration OUTBOX = Duration.ofMinutes(30);
  private static final EvmAddress CONTRACT =
      EvmAddress.parse("0x00000000000000000000000000000000000000cc");

  private static final Tokens TOKENS = new Tokens(new Token("FIL", EvmAddress.ZERO, 2), List.of());

  private static final WatchLimits LIMITS =
      new WatchLimits(LAG, DEADLINE, 10, OUTBOX, Amounts.of(EvmAddress.ZERO, amount(900)));

  // A node with which nothing is the matter, though at each limit it just is not.
  private Optional<LedgerFigures> ledger =
      Optional.of(new LedgerFigures(amount(500), coins(500), coins(0), amount(50)));
  private NewestBlock newest = new NewestBlock(1000, NOW.minus(LAG), 12);
  private final List<ChannelStanding> channels = new ArrayList<>();
  private LedgerStanding.Waiting waiting =
      new LedgerStanding.Waiting(1, Optional.of(NOW.minus(OUTBOX)));
  private long deepest = 12;

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  private static Amounts coins(long units) {
    return Amounts.of(EvmAddress.ZERO, amount(units));
  }

  private static ChannelStanding owing(long units, Optional<Instant> settleAt) {
    return new ChannelStanding(
        Bytes32.of(new byte[32]),
        Role.PAYEE,
        new Domain(314, CONTRACT),
        EvmAddress.ZERO,
        amount(5000),
        amount(units),
        settleAt);
  }

  private List<Concern.Found> found() {
    return Concern.all(
        new MoneyFigures(
            ledger,
            Optional.of(newest),
            NOW,
            NOW,
            channels,
            new LedgerStanding(
                List.of(), waiting, Map.of(), new LedgerStanding.Reorganisations(1, deepest), 0),
            0,
            0,
            0),
        LIMITS,
        TOKENS);
  }

  private void only(Concern concern, String detail) {
    assertEquals(List.of(new Concern.Found(concern, detail)), found());
    assertEquals(!concern.isGrave(), Health.of(found()).ready());
  }

  @Test
  void givenAllJustWithinItsLimit_thenNothingIsTheMatter() {
    channels.add(owing(51, Optional.of(NOW.plus(DEADLINE))));
    channels.add(owing(849, Optional.empty()));

    assertEquals(List.of(), found());
    assertTrue(Health.of(found()).ready());
  }

  @Test
  void givenNoAnswer_thenNotReady() {
    ledger = Optional.empty();

    only(Concern.LEDGER_UNREACHABLE, "the ledger cannot be asked; the log has the cause");
  }

  @Test
  void givenAnOldBlock_thenNotReady() {
    newest = new NewestBlock(1000, NOW.minus(LAG).minusSeconds(1), 12);

    only(Concern.CHAIN_LAG, "the ledger's newest block is 601 s old");
  }

  @Test
  void givenAClockThatIsBehindTheLedgers_thenItsBlockIsNotOld() {
    newest = new NewestBlock(1000, NOW.plusSeconds(9), 12);

    assertEquals(List.of(), found());
  }

  @Test
  void givenASettleThatEndsSoon_thenNotReady_untilItIsOver() {
    channels.add(owing(100, Optional.of(NOW.plus(DEADLINE).minusSeconds(1))));
    channels.add(owing(200, Optional.of(NOW.plus(Duration.ofDays(9)))));
    only(
        Concern.DEADLINE_NEAR,
        "vouchers over 3 FIL are not redeemed; the first of them are worthless in 21599 s");

    channels.clear();
    channels.add(owing(100, Optional.of(NOW)));
    only(Concern.DEADLINE_MISSED, "vouchers over 1 FIL were not redeemed in time");
  }

  /** Nobody redeems what costs more than it brings. */
  @Test
  void givenASettle_whenWhatIsLeftIsNotWorthItsGas_thenNothingIsTheMatter() {
    channels.add(owing(50, Optional.of(NOW.plusSeconds(1))));
    channels.add(owing(50, Optional.of(NOW)));

    assertEquals(List.of(), found());
  }

  @Test
  void givenTooLittleCoin_thenItIsSaid() {
    ledger = Optional.of(new LedgerFigures(amount(499), coins(0), coins(0), amount(50)));

    only(
        Concern.GAS_LOW, "the account has 4.99 FIL, less than 10 redemptions cost at 0.5 FIL each");
  }

  @Test
  void givenATransactionThatWaits_thenItIsSaid() {
    waiting = new LedgerStanding.Waiting(3, Optional.of(NOW.minus(OUTBOX).minusSeconds(1)));

    only(Concern.OUTBOX_STUCK, "a transaction has waited for a block for 1801 s, 3 in all");
  }

  @Test
  void givenMuchUnredeemed_thenItIsSaid() {
    channels.add(owing(901, Optional.empty()));

    only(Concern.VALUE_AT_RISK, "vouchers over 9.01 FIL are not redeemed");
  }

  @Test
  void givenABlockTakenAwayThatCounted_thenItIsSaid() {
    deepest = 13;

    only(
        Concern.DEEP_REORGANISATION,
        "13 blocks at the chain's end were replaced by others, and only 12 are waited for");
    assertFalse(Concern.DEEP_REORGANISATION.isGrave());
  }
}
