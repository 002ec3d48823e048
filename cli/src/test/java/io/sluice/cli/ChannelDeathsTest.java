package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.cli.OwnChain.Done;
import io.sluice.cli.OwnChain.Happening;
import io.sluice.fsm.CrashPoint;
import io.sluice.node.RunningNode;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All that is done on a chain, from opening a channel to taking the money out, with a process that
 * dies at one and the same moment of each: the next one brings it to its end, or it is as if it had
 * not begun, and nobody has done anything about it. What stands on the chain is read from there.
 *
 * <p>{@code -Dsluice.aftermaths=all} has each moment followed by all that may follow; else one
 * each.
 */
@Tag("long")
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 15 * 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChannelDeathsTest {
  /** Where they die, in the order in which a transaction comes by. */
  private static final List<CrashPoint> POINTS =
      List.of(
          CrashPoint.INTENT_DUE,
          CrashPoint.INTENT_PLANNED,
          CrashPoint.TRANSACTION_KEPT,
          CrashPoint.TRANSACTION_SENT,
          CrashPoint.TRANSACTION_INCLUDED,
          CrashPoint.INTENT_INCLUDED,
          CrashPoint.INTENT_ENDED,
          CrashPoint.TRANSACTION_FINAL);

  /** Where the transaction is in the newest block already, which may still go away. */
  private static final Set<CrashPoint> IN_A_BLOCK =
      EnumSet.of(
          CrashPoint.TRANSACTION_SENT,
          CrashPoint.TRANSACTION_INCLUDED,
          CrashPoint.INTENT_INCLUDED,
          CrashPoint.INTENT_ENDED);

  /** What comes next. */
  private enum Aftermath {
    /** A command that only looks. */
    COMMAND,
    /** A node runs. */
    NODE,
    /** The chain goes on, or goes on without the newest block; then a command looks. */
    CHAIN
  }

  private record Life(CrashPoint point, Aftermath aftermath) {
    @Override
    public String toString() {
      return point + ", then " + aftermath;
    }
  }

  private static final int BYTES = 150_000;
  private static final int FINAL_AFTER = 130;
  private static final int A_WHILE = 40;

  /** Longer than a consent is good for. */
  private static final Duration VOID_AFTER = Duration.ofMinutes(11);

  private static final String DEPOSIT = "50000000000000000";
  private static final String MORE = "20000000000000000";

  @TempDir Path folder;

  static List<Life> lives() {
    Aftermath[] aftermaths = Aftermath.values();
    boolean all = "all".equals(System.getProperty("sluice.aftermaths"));
    List<Life> lives = new ArrayList<>();
    for (int i = 0; i < POINTS.size(); i++) {
      CrashPoint point = POINTS.get(i);
      if (all) {
        Arrays.stream(aftermaths).forEach(aftermath -> lives.add(new Life(point, aftermath)));
      } else {
        lives.add(new Life(point, aftermaths[i % aftermaths.length]));
      }
    }
    return lives;
  }

  @ParameterizedTest
  @MethodSource("lives")
  void diesAtEachStepOfAChannelsLife(Life life) throws Exception {
    try (OwnChain chain = OwnChain.start();
        ChainMarket market =
            new ChainMarket(
                folder,
                chain,
                // By hand, or when a payer settles: so that the test knows when.
                Map.of("SLUICE_PAYMENTS_MINIMUM_REDEMPTION", ChainMarket.FUNDS.toString()))) {
      new Story(life, market).tell();
    }
  }

  /** The payer, left without an answer, has to wait until what it may have is void. */
  @Test
  void givenProviderDiesWithItsConsent_whenItIsAskedAgain_thenItConsentsOnceTheFirstIsVoid()
      throws Exception {
    try (OwnChain chain = OwnChain.start();
        ChainMarket market = new ChainMarket(folder, chain, Map.of())) {
      ChainMarket.Alive dying = market.startProvider(CrashPoint.CONSENT_KEPT.name());
      market.trade(BYTES);
      String channel = market.newestChannel();
      String[] close = {"channels", "close", channel, "--json"};
      assertNotEquals(0, market.client.run(close).exit());
      ChainMarket.awaitDeath(dying);
      chain.advance(Duration.ofSeconds(1)); // asked at the same time it would say the same again
      market.serve();

      TestShell.Ran early = market.client.run(close);

      assertEquals("CLOSE_REFUSED", early.json().at("/error/code").asText());
      assertEquals(0, market.count(Happening.CLOSED));
      chain.advance(VOID_AFTER);
      ChainMarket.until("the payee sees the time", () -> market.client.run(close).exit() == 0);
      assertEquals(1, market.count(Happening.CLOSED));
      market.awaitAgreed();
    }
  }

  /** One life of a channel, and of two others. */
  private record Story(Life life, ChainMarket market) {
    void tell() throws Exception {
      market.serve();
      dies(
          market.client,
          Happening.OPENED,
          "channels",
          "open",
          "--provider",
          market.address,
          "--deposit",
          DEPOSIT);
      String channel = market.newestChannel();
      market.trade(BYTES);
      dies(market.client, Happening.TOPPED_UP, "channels", "top-up", channel, MORE);
      assertEquals(
          new BigInteger(DEPOSIT).add(new BigInteger(MORE)),
          market.chain.channel(channel).deposit());
      market.trade(BYTES);
      market.stopServing();
      dies(market.provider, Happening.REDEEMED, "channels", "redeem", channel);
      market.serve();
      market.trade(BYTES);
      market.stopServing();
      dies(market.client, Happening.SETTLE_STARTED, "channels", "settle", channel);
      redeemerDies();
      market.chain.advance(Duration.ofSeconds(ChainMarket.CHALLENGE_SECONDS + 1));
      collectorDies(channel);
      assertEquals(1, market.count(Happening.OPENED), "no channel beside it");

      market.serve();
      market.trade(BYTES);
      String second = market.newestChannel();
      market.stopServing();
      dies(market.provider, Happening.CLOSED, "channels", "close", second);

      market.serve();
      market.trade(BYTES);
      String third = market.newestChannel();
      assertNotEquals(second, third);
      closerDies(third);
      market.stopServing();

      dies(market.client, Happening.WITHDRAWN, "channels", "withdraw");
      dies(market.provider, Happening.WITHDRAWN, "channels", "withdraw");
      assertOver();
    }

    /** A command dies at it; what comes next does it, or it has to be said once more. */
    private void dies(TestShell home, Happening effect, String... command) throws Exception {
      int before = market.count(effect);
      die(home, effect, before, command);
      if (life.point() == CrashPoint.INTENT_DUE) {
        afterwards(home, effect, before);
        home.ok(command);
      }
      afterwards(home, effect, before + 1);
    }

    private void die(TestShell home, Happening effect, int before, String... command)
        throws Exception {
      if (life.point() == CrashPoint.TRANSACTION_FINAL) {
        home.ok(command);
        assertEquals(before + 1, market.count(effect), effect::toString);
        becomesFinal(home);
      } else {
        ChainMarket.awaitDeath(market.start(home, life.point().name(), command));
        follows();
      }
    }

    private void becomesFinal(TestShell home) throws Exception {
      market.chain.mine(FINAL_AFTER);
      ChainMarket.awaitDeath(market.start(home, life.point().name(), "channels", "ls"));
    }

    private void follows() throws Exception {
      if (life.aftermath() == Aftermath.CHAIN) {
        if (IN_A_BLOCK.contains(life.point())) {
          market.chain.loseNewest();
        } else {
          market.chain.mine(A_WHILE);
        }
      }
    }

    /** What comes next finds the home, and nothing happens but what is due. */
    private void afterwards(TestShell home, Happening effect, int expected) throws Exception {
      boolean runs = home == market.provider && market.isServing();
      if (life.aftermath() == Aftermath.NODE && !runs) {
        try (RunningNode node = market.run(home, ChainMarket.ANYWHERE)) {
          ChainMarket.until(
              effect + " by " + node.addresses(), () -> market.count(effect) == expected);
          assertAgreed(effect);
        }
      } else {
        ChainMarket.until(
            effect + " after a command",
            () -> {
              home.ok("channels", "ls");
              return market.count(effect) == expected;
            });
      }
      assertAgreed(effect);
      assertEquals(expected, market.count(effect), effect::toString);
    }

    /** Asked for its books when a payer has settled, the provider would redeem. */
    private void assertAgreed(Happening effect) throws Exception {
      if (effect == Happening.SETTLE_STARTED) {
        market.assertClientAgrees();
      } else {
        market.awaitAgreed(); // the other end may be a node that runs
      }
    }

    /** A node dies when it redeems since a payer settles. */
    private void redeemerDies() throws Exception {
      int before = market.count(Happening.REDEEMED);
      if (life.point() == CrashPoint.TRANSACTION_FINAL) {
        market.serve();
        ChainMarket.until("redeemed", () -> market.count(Happening.REDEEMED) == before + 1);
        market.stopServing();
        becomesFinal(market.provider);
      } else {
        ChainMarket.awaitDeath(market.startProvider(life.point().name()));
        follows();
      }
      afterwards(market.provider, Happening.REDEEMED, before + 1);
    }

    /** What is due is collected by itself, so nothing has to be said once more. */
    private void collectorDies(String channel) throws Exception {
      int before = market.count(Happening.CLOSED);
      die(market.client, Happening.CLOSED, before, "channels", "collect", channel);
      afterwards(market.client, Happening.CLOSED, before + 1);
    }

    /** A payee gives no second consent before the first is void. */
    private void closerDies(String channel) throws Exception {
      int before = market.count(Happening.CLOSED);
      die(market.client, Happening.CLOSED, before, "channels", "close", channel);
      if (life.point() == CrashPoint.INTENT_DUE) {
        afterwards(market.client, Happening.CLOSED, before);
        market.chain.advance(VOID_AFTER);
        ChainMarket.until(
            "the payee sees the time",
            () -> market.client.run("channels", "close", channel).exit() == 0);
      }
      afterwards(market.client, Happening.CLOSED, before + 1);
    }

    private void assertOver() throws Exception {
      assertEquals(3, market.count(Happening.CLOSED));
      BigInteger vouchers = market.spent();
      assertTrue(vouchers.signum() > 0);
      assertEquals(vouchers, market.sum(Happening.CLOSED, 0), "payees got");
      market.assertClearedBy(vouchers);
      List<Done> inVain =
          market.chain.transactions().stream().filter(done -> !done.succeeded()).toList();
      assertEquals(List.of(), inVain, "nothing was sent in vain");
    }
  }
}
