package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.evm.FaultyRpc.Reply;
import io.sluice.payments.token.Token;
import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractDeploymentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
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

  private ContractDeployment deployment(SigningKey key, long chainId) {
    return deployment(key, chainId, chain.url());
  }

  private ContractDeployment deployment(SigningKey key, long chainId, URI endpoint) {
    return new ContractDeployment(
        chainId,
        endpoint,
        new Token("TEST", EvmAddress.ZERO, 18),
        CAP,
        (account, transaction) -> key.sign(Keccak.hash(transaction)),
        directory.resolve("deployments"),
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

  /** As after a kill in between: the bytes went out, and whoever sent them knows nothing of it. */
  @Test
  void begunAgain_foundAndNotDeployedTwice() throws Exception {
    SigningKey key = chain.rich();
    long before = chain.nonce(key.address());
    EvmAddress expected;
    try (FaultyRpc rpc = FaultyRpc.before(chain.url())) {
      rpc.answerer =
          (method, request) -> {
            Reply reply = rpc.forward(chain.url(), request);
            return method.equals("eth_sendRawTransaction") ? reply.cut() : reply;
          };
      assertThrows(
          IOException.class,
          () ->
              deployment(key, Anvil.CHAIN_ID, rpc.url())
                  .deploy(key.address(), MINUTE, DAY, Ticker.SYSTEM));
    }
    awaitNonce(key, before + 1);

    expected = deployment(key, Anvil.CHAIN_ID).deploy(key.address(), MINUTE, DAY, Ticker.SYSTEM);

    assertEquals(
        expected,
        deployment(key, Anvil.CHAIN_ID).deploy(key.address(), MINUTE, DAY, Ticker.SYSTEM));
    assertEquals(before + 1, chain.nonce(key.address()));
  }

  /** The chain makes a block for each transaction, a moment after it took it. */
  private static void awaitNonce(SigningKey key, long nonce) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (chain.nonce(key.address()) < nonce) {
      assertTrue(System.nanoTime() < end, "it is not in a block");
      LockSupport.parkNanos(1_000_000);
    }
    assertEquals(nonce, chain.nonce(key.address()));
  }

  /** What a node took and dropped is handed out again, to the byte: there is one contract of it. */
  @Test
  void dropped_handedOutAgain() throws Exception {
    SigningKey key = chain.rich();
    long before = chain.nonce(key.address());
    try (FaultyRpc rpc = FaultyRpc.before(chain.url())) {
      rpc.answerer =
          (method, request) ->
              method.equals("eth_sendRawTransaction")
                  ? Reply.error(request, -32000, "busy")
                  : rpc.forward(chain.url(), request);
      String said =
          assertThrows(
                  IOException.class,
                  () ->
                      deployment(key, Anvil.CHAIN_ID, rpc.url())
                          .deploy(key.address(), MINUTE, DAY, Ticker.SYSTEM))
              .getMessage();
      assertTrue(said.contains("busy") && said.contains("nonce " + before), said);
    }

    deployment(key, Anvil.CHAIN_ID).deploy(key.address(), MINUTE, DAY, Ticker.SYSTEM);

    assertEquals(before + 1, chain.nonce(key.address()));
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
    assertTrue(missing.contains("has 0.000000000000000007 TEST for gas"), missing);
  }
}
