package io.sluice.payments.ledger.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.LedgerEvent.Stamp;
import io.sluice.payments.ledger.evm.Anvil;
import io.sluice.payments.ledger.evm.DeployedContract;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The contract on a chain and the rules of the embedded ledger: the same calls at the same times
 * have the same results, whether they are done or refused. Who tries things out on the one finds
 * them so on the other.
 */
class ContractAgreesTest {
  private static final int PARTIES = 3;
  private static final int STEPS = 160;
  private static final long LANES = 3;

  private final List<SigningKey> keys = new ArrayList<>();

  @Test
  void givenAnyCalls_whenMadeInBoth_thenTheyEndAlike() throws Exception {
    Anvil.needed();
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (Anvil anvil = Anvil.start();
        DeployedContract contract =
            DeployedContract.on(
                anvil, ChannelRules.MIN_CHALLENGE_SECONDS, ChannelRules.MAX_CHALLENGE_SECONDS)) {
      ChannelRules rules = new ChannelRules(contract.domain());
      for (int i = 0; i < PARTIES; i++) {
        SigningKey key = anvil.keys().get(i + 1);
        keys.add(key);
        rules.balances.add(EvmAddress.ZERO, key.address(), TokenAmount.parse("1000000000000"));
      }
      play(contract, rules, random);
    }
  }

  private void play(DeployedContract contract, ChannelRules rules, Random random) throws Exception {
    RandomIntents intents = new RandomIntents(rules, contract.domain(), keys, random);
    Map<String, Integer> ended = new HashMap<>();
    long time = contract.time() + 10;
    for (int step = 0; step < STEPS; step++) {
      time += random.nextInt(1, 8);
      Intent intent = intents.next(time);
      Stamp at = new Stamp(step, Instant.ofEpochSecond(time), intent.id());

      Optional<String> refused = refusal(rules, intent, at);
      assertEquals(refused, contract.send(intent, time), intent::toString);

      if (refused.isEmpty()) {
        rules.apply(intent, at);
      }
      ended.merge(refused.orElse("done"), 1, Integer::sum);
      compare(contract, rules, touched(intent, rules));
    }
    compare(contract, rules, all(rules));
    assertTrue(ended.get("done") > STEPS / 4 && ended.size() > 4, ended::toString);
  }

  /** The error by which the contract should refuse, if it should. */
  private static Optional<String> refusal(ChannelRules rules, Intent intent, Stamp at) {
    try {
      rules.check(intent, at);
    } catch (LedgerRefusal refusal) {
      return Optional.of(refusal.error.contractName());
    }
    return Optional.empty();
  }

  private static Set<Bytes32> touched(Intent intent, ChannelRules rules) {
    Collection<Bytes32> named =
        switch (intent) {
          case Intent.Open open -> all(rules);
          case Intent.TopUp topUp -> List.of(topUp.channel());
          case Intent.Redeem redeem ->
              redeem.vouchers().stream().map(signed -> signed.voucher().channel()).toList();
          case Intent.Settle settle -> List.of(settle.channel());
          case Intent.Collect collect -> List.of(collect.channel());
          case Intent.Close close -> List.of(close.channel());
          case Intent.CloseByConsent close -> List.of(close.consent().channel());
          case Intent.Withdraw withdraw -> List.of();
        };
    return named.stream().filter(id -> rules.channel(id).isPresent()).collect(Collectors.toSet());
  }

  private static Set<Bytes32> all(ChannelRules rules) {
    List<Bytes32> ids = new ArrayList<>();
    rules.channels().forEach(entry -> ids.add(entry.now().id()));
    return Set.copyOf(ids);
  }

  private void compare(DeployedContract contract, ChannelRules rules, Set<Bytes32> ids)
      throws Exception {
    for (Bytes32 id : ids) {
      ChannelEntry entry = rules.channel(id).orElseThrow();
      assertEquals(figures(entry.now()), contract.channel(id));
      for (long number = 0; number < LANES; number++) {
        ChannelEntry.LaneEntry lane = entry.lane(number);
        assertEquals(
            List.of(lane.cumulative().value(), BigInteger.valueOf(lane.nonce())),
            contract.lane(id, number));
      }
    }
    for (SigningKey key : keys) {
      assertEquals(
          rules.credits.of(EvmAddress.ZERO, key.address()).value(),
          contract.credit(EvmAddress.ZERO, key.address()));
    }
  }

  /** In the order of the contract's record. */
  private static List<BigInteger> figures(Channel channel) {
    return List.of(
        number(channel.payer()),
        BigInteger.valueOf(channel.challengeSeconds()),
        BigInteger.valueOf(channel.settleAt().map(Instant::getEpochSecond).orElse(0L)),
        number(channel.payee()),
        BigInteger.valueOf(channel.closed() ? 2 : 1),
        number(channel.token()),
        number(channel.signer()),
        channel.deposit().value(),
        channel.redeemed().value());
  }

  private static BigInteger number(EvmAddress address) {
    return new BigInteger(1, address.bytes());
  }
}
