package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.token.Amounts;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What homes do with their money by themselves, from idle channels to what they withdraw. */
class AutopilotTest {
  private static final Duration MONTH = Duration.ofDays(30);

  /** In which the payee is asked for its consent; nobody asks here. */
  private static final Duration CONSENT = Duration.ofHours(1);

  private static final EvmAddress ELSEWHERE =
      EvmAddress.parse("0x00000000000000000000000000000000000000ee");

  @TempDir Path directory;
  private Market market;

  @BeforeEach
  void open() throws IOException {
    market = new Market(directory);
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  private static AutopilotPolicy settling() {
    return new AutopilotPolicy(
        Optional.of(MONTH), Optional.empty(), Amounts.NONE, Optional.empty());
  }

  private static AutopilotPolicy paying(Optional<Long> above, Optional<Duration> every) {
    return new AutopilotPolicy(
        Optional.empty(),
        Optional.of(ELSEWHERE),
        above.map(TokenAmount::of).map(it -> Amounts.of(Home.COIN, it)).orElse(Amounts.NONE),
        every);
  }

  private void flyClient(AutopilotPolicy by) throws IOException {
    market.client.autopilot = by;
    market.client.restart();
  }

  private void flyProvider(AutopilotPolicy by) throws IOException {
    market.provider.autopilot = by;
    market.provider.restart();
  }

  private String state() {
    return market.client.book(ChannelBook.Role.PAYER).state();
  }

  @Test
  void idleChannel_settledAfterAMonthAndCollectedWithTheRest() throws Exception {
    flyClient(settling());
    market.deal(1, 5000);
    market.give(1, market.client.pay("c-1", 600));
    market.clock.turn(MONTH.multipliedBy(2));
    market.poll();
    assertEquals("open", state(), "a deal uses it, for however long");
    market.end(1, 600);
    market.poll();
    market.clock.turn(MONTH.plus(CONSENT).minusSeconds(1));
    market.poll();
    assertEquals("open", state());

    market.clock.turn(Duration.ofSeconds(1));
    market.poll();
    assertEquals("settling", state());
    market.clock.turn(Duration.ofHours(1));
    market.poll();
    market.poll();

    assertEquals("closed", state());
    assertEquals(
        amount(4400),
        market.ledger.credit(Home.COIN, market.client.key.address()),
        "what was vouchered is the provider's, who redeemed in time");
  }

  @Test
  void idleChannel_countsAcrossRestartsAndSnapshots() throws Exception {
    flyClient(settling());
    market.deal(1, 5000);
    market.end(1, 0);
    market.poll();
    market.clock.turn(MONTH.minus(Duration.ofDays(1)));
    market.client.restart();
    market.poll();
    assertEquals("open", state());
    market.client.start(snapshot(market.client));

    market.clock.turn(Duration.ofDays(1).plus(CONSENT));
    market.poll();

    assertEquals("settling", state());
  }

  @Test
  void idleChannel_usedMeanwhile_countsAnew() throws Exception {
    flyClient(settling());
    market.deal(1, 5000);
    market.end(1, 0);
    market.poll();
    market.clock.turn(MONTH.minus(Duration.ofDays(1)));
    market.deal(2, 5000);
    market.end(2, 0);
    market.client.restart();
    market.poll();
    market.clock.turn(Duration.ofDays(2));
    market.poll();
    assertEquals("open", state());

    market.clock.turn(MONTH.minus(Duration.ofDays(2)).plus(CONSENT));
    market.poll();

    assertEquals("settling", state());
  }

  @Test
  void idleChannel_nothingComesBack_staysOpen() throws Exception {
    flyClient(settling());
    market.deal(1, 5000);
    market.give(1, market.client.pay("c-1", 5000));
    market.end(1, 5000);
    market.poll();

    market.clock.turn(MONTH.plus(CONSENT));
    market.poll();

    assertEquals("open", state());
    assertEquals(List.of(), market.client.payments.plans());
  }

  @Test
  void idleChannel_noPolicy_staysOpenAndIsNotPlanned() throws Exception {
    market.deal(1, 5000);
    market.end(1, 0);
    market.poll();
    market.clock.turn(MONTH.multipliedBy(100));
    market.poll();

    assertEquals("open", state());
    assertEquals(List.of(), market.client.payments.plans());
  }

  @Test
  void plans_fromIdleToCollected() throws Exception {
    flyClient(settling());
    Instant begin = market.clock.instant();
    market.deal(1, 5000);
    assertEquals(List.of(), market.client.payments.plans(), "in use");
    market.end(1, 0);
    market.poll();

    PlannedAct settle = market.client.payments.plans().getFirst();
    assertEquals(PlannedAct.Kind.SETTLE, settle.kind());
    assertEquals(amount(5000), settle.amount());
    assertEquals(Optional.of(begin.plus(MONTH)), settle.at());

    market.clock.turn(MONTH.plus(CONSENT));
    market.poll();
    PlannedAct collect = market.client.payments.plans().getFirst();
    assertEquals(PlannedAct.Kind.COLLECT, collect.kind());
    assertEquals(
        Optional.of(begin.plus(MONTH).plus(CONSENT).plus(Duration.ofHours(1))), collect.at());
    assertEquals(1, market.client.payments.plans().size());
  }

  private void earn(long number, long units) throws Exception {
    market.deal(number, 5000);
    market.give(number, market.client.pay("c-" + number, units));
    market.end(number, units);
    market.poll();
    market.clock.turn(Duration.ofMinutes(1));
    market.poll();
  }

  private TokenAmount paidOut() throws IOException {
    return market.ledger.balance(Home.COIN, ELSEWHERE);
  }

  @Test
  void credit_withdrawnOnceItIsEnough() throws Exception {
    flyProvider(paying(Optional.of(1000L), Optional.empty()));
    earn(1, 999);
    assertEquals(amount(0), paidOut());
    assertEquals("it is below payout.above", market.provider.payments.plans().getFirst().reason());

    earn(2, 1);

    assertEquals(amount(1000), paidOut());
    assertEquals(amount(0), market.ledger.credit(Home.COIN, market.provider.key.address()));
    assertEquals(List.of(), market.provider.payments.plans());
  }

  @Test
  void credit_withdrawnByTime_countedAcrossRestartsAndSnapshots() throws Exception {
    flyProvider(paying(Optional.empty(), Optional.of(Duration.ofDays(7))));
    earn(1, 500);
    market.clock.turn(Duration.ofDays(6));
    market.provider.restart();
    market.poll();
    market.provider.start(snapshot(market.provider));
    market.poll();
    assertEquals(amount(0), paidOut());

    market.clock.turn(Duration.ofDays(1));
    market.poll();
    assertEquals(amount(500), paidOut());

    earn(2, 100);
    market.clock.turn(Duration.ofDays(6));
    market.poll();
    assertEquals(amount(500), paidOut(), "a week from the last");
    market.clock.turn(Duration.ofDays(1));
    market.poll();
    assertEquals(amount(600), paidOut());
  }

  @Test
  void credit_withoutAPolicy_staysAndSaysSo() throws Exception {
    earn(1, 500);
    market.clock.turn(MONTH);
    market.poll();

    PlannedAct stays = market.provider.payments.plans().getFirst();
    assertEquals(PlannedAct.Kind.WITHDRAW, stays.kind());
    assertEquals(amount(500), stays.amount());
    assertEquals(Optional.empty(), stays.at());
    assertTrue(stays.reason().contains("by hand"));
  }

  @Test
  void credit_theLedgerIsSilent_withdrawnOnce() throws Exception {
    BrokenOnce broken = new BrokenOnce(market.ledger);
    Home provider = new Home(2, broken.ledger(), market.clock, 1_000_000, 0, 1);
    market.deal(1, 5000);
    market.give(1, market.client.pay("c-1", 1000));
    market.provider.payments.payee().redeem(market.provider.account("p-1").channel());
    provider.autopilot = paying(Optional.of(1L), Optional.empty());
    provider.restart();
    broken.breaks = true;

    provider.payments.poll();
    market.clock.turn(Duration.ofMinutes(2));
    provider.payments.poll();
    broken.breaks = false;
    provider.payments.poll();

    assertEquals(amount(1000), paidOut());
    assertEquals(
        1, provider.journal.stream().filter(PaymentRecord.IntentPlanned.class::isInstance).count());
  }

  private static List<PaymentRecord> snapshot(Home home) {
    return new ArrayList<>(home.payments.snapshot());
  }

  /** Does what it is told, and its answer does not come back. */
  private static final class BrokenOnce {
    private final ChannelLedger behind;
    private boolean breaks;

    BrokenOnce(ChannelLedger behind) {
      this.behind = behind;
    }

    ChannelLedger ledger() {
      return (ChannelLedger)
          Proxy.newProxyInstance(
              ChannelLedger.class.getClassLoader(),
              new Class<?>[] {ChannelLedger.class},
              (proxy, method, arguments) -> {
                Object answer;
                try {
                  answer = method.invoke(behind, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
                if (breaks && method.getName().equals("submit")) {
                  throw new IOException("no answer");
                }
                return answer;
              });
    }
  }
}
