package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractDeploymentTest {
  private static final BigInteger CAP = BigInteger.valueOf(1_000_000_000_000L);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static TestChain chain;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Anvil.needed();
    chain = new TestChain();
  }

  @AfterAll
  static void stop() throws IOException {
    if (chain != null) {
      chain.close();
    }
  }

  private static ContractDeployment deployment(SigningKey key, long chainId) {
    return new ContractDeployment(
        chainId,
        chain.url(),
        CAP,
        (account, transaction) -> key.sign(Keccak.hash(transaction)),
        Duration.ofSeconds(30));
  }

  @Test
  void deployed_aLedgerIsOpenedOnIt() throws IOException {
    SigningKey key = chain.rich();

    EvmAddress contract =
        deployment(key, Anvil.CHAIN_ID).deploy(key.address(), MINUTE, DAY, Ticker.SYSTEM);

    try (EvmLedger ledger = chain.open(chain.settings(contract, directory.resolve("outbox")))) {
      assertEquals(MINUTE, ledger.facts().minChallenge());
      assertEquals(DAY, ledger.facts().maxChallenge());
    }
  }

  @Test
  void anotherChainOrNoMoney_saidBeforeAnythingIsSent() throws IOException {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) 0x31);
    SigningKey poor = SigningKey.of(secret);
    chain.give(poor.address(), TokenAmount.of(7));

    String elsewhere =
        assertThrows(
                IOException.class,
                () -> deployment(poor, 1).deploy(poor.address(), MINUTE, DAY, Ticker.SYSTEM))
            .getMessage();
    String missing =
        assertThrows(
                IOException.class,
                () ->
                    deployment(poor, Anvil.CHAIN_ID)
                        .deploy(poor.address(), MINUTE, DAY, Ticker.SYSTEM))
            .getMessage();

    assertTrue(elsewhere.contains("is chain 314159, not 1"), elsewhere);
    assertTrue(missing.contains("has 7 for gas"), missing);
  }
}
