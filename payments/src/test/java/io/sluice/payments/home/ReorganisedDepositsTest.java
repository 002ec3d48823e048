package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sluice.payments.DealRef;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.evm.Anvil;
import io.sluice.payments.ledger.evm.DeployedContract;
import io.sluice.payments.ledger.evm.EvmLedger;
import io.sluice.payments.ledger.evm.EvmSettings;
import io.sluice.payments.ledger.evm.Finality;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A payer who gets the chain to forget what it paid in, after a provider has seen it: on a real
 * chain, where the payer sends nothing a second time.
 */
class ReorganisedDepositsTest {
  private static Anvil chain;
  private static DeployedContract contract;
  private static SigningKey payer;
  private static int salts;

  @TempDir Path directory;
  private EvmLedger ledger;
  private Home provider;
  private int ids;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Anvil.needed();
    chain = Anvil.start("--base-fee", "0", "--gas-price", "0");
    contract = DeployedContract.on(chain, 1, 86_400);
    payer = chain.keys().get(1);
  }

  @AfterAll
  static void stop() throws IOException {
    if (chain != null) {
      contract.close();
      chain.close();
    }
  }

  @AfterEach
  void close() throws IOException {
    if (ledger != null) {
      ledger.close();
    }
  }

  /** A provider for which a deposit counts after so many blocks. */
  private void provider(long confirmations) throws IOException {
    ledger =
        EvmLedger.open(
            new EvmSettings(
                contract.domain(),
                List.of(chain.url()),
                new Finality.Depth(1),
                BigInteger.ZERO,
                "TEST",
                18,
                0,
                directory.resolve("outbox"),
                new EvmSettings.RpcLimits(
                    Duration.ofSeconds(30),
                    1 << 20,
                    Duration.ZERO,
                    Duration.ofDays(10_000),
                    Duration.ofSeconds(10),
                    2_000,
                    3,
                    128)),
            (account, transaction) -> provider.key.signTransaction(transaction),
            Clock.systemUTC(),
            Ticker.SYSTEM,
            moment -> {});
    provider = new Home(2, ledger, Clock.systemUTC(), 1_000_000, 0, confirmations);
  }

  private void rpc(String method, String params) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(chain.url())
                  .header("Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}"
                              .formatted(method, params)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.body().contains("\"error\"")) {
        throw new IOException(answer.body());
      }
    }
  }

  private void mine(int blocks) throws IOException, InterruptedException {
    rpc("anvil_mine", "[%d]".formatted(blocks));
  }

  /** The newest block is gone, with what was in it, and an empty one in its place. */
  private void forgetTheNewestBlock() throws IOException, InterruptedException {
    rpc("anvil_reorg", "[1, []]");
  }

  private IntentId id() {
    return new IntentId("intent-" + ++ids);
  }

  private void sent(Intent intent) throws IOException {
    assertEquals(Optional.empty(), contract.send(intent, contract.time() + 1));
  }

  private Bytes32 opened(long deposit) throws IOException {
    byte[] salt = new byte[32];
    salt[31] = (byte) ++salts;
    Intent.Open open =
        new Intent.Open(
            id(),
            payer.address(),
            provider.key.address(),
            payer.address(),
            Home.COIN,
            3600,
            Bytes32.of(salt),
            TokenAmount.of(deposit));
    sent(open);
    return open.channel(contract.domain());
  }

  private OpeningDecision proposed(Bytes32 channel) {
    OpenClaim claim =
        OpenClaim.of(
            channel,
            0,
            1,
            Home.CLIENT,
            Home.PROVIDER,
            provider.payee(),
            Home.ROOT,
            Home.SELECTOR,
            Market.TERMS);
    return provider.open(
        "p-1",
        new DealOpening(
            1,
            Market.TERMS,
            provider.payee(),
            channel,
            0,
            Optional.empty(),
            payer.signature(contract.domain(), claim)));
  }

  private DealAccount admitted(Bytes32 channel) throws IOException {
    OpeningDecision opening = proposed(channel);
    return provider.done(
        assertInstanceOf(OpeningDecision.Admitted.class, opening, opening.toString()).account());
  }

  private void refused(DealCode code, Bytes32 channel) {
    assertEquals(code, assertInstanceOf(OpeningRefused.class, proposed(channel)).code());
  }

  private void paid(Bytes32 channel, long nonce, long total) throws IOException {
    VoucherDecision judged =
        provider
            .payeeSide()
            .receive(
                new DealRef("p-1"),
                payer
                    .sign(contract.domain(), new Voucher(channel, 0, nonce, TokenAmount.of(total)))
                    .payment(1, 0, false));
    provider.done(assertInstanceOf(VoucherDecision.Kept.class, judged, judged.toString()).taken());
  }

  @Test
  void depositTakenBackBeforeItIsDeepEnough_boughtNothing() throws Exception {
    provider(3);
    Bytes32 channel = opened(1000);
    refused(DealCode.INSUFFICIENT_DEPOSIT, channel);

    forgetTheNewestBlock();

    refused(DealCode.CHANNEL_UNACCEPTABLE, channel);
    mine(3);
    refused(DealCode.CHANNEL_UNACCEPTABLE, channel);
    assertEquals(List.of(), provider.journal);
  }

  /** Whoever trusts one block may lose what counted by then, and nothing more from then on. */
  @Test
  void depositTakenBackDeeperThanTheProviderWaits_letsNothingMoreCount() throws Exception {
    provider(1);
    Bytes32 channel = opened(1000);
    DealAccount account = admitted(channel);
    provider.payments.poll();
    paid(channel, 1, 400);
    assertEquals(TokenAmount.of(400), account.credit());

    forgetTheNewestBlock();
    provider.payments.poll();
    paid(channel, 2, 900);

    assertEquals(TokenAmount.of(400), account.credit());
    assertEquals(TokenAmount.of(900), account.vouchered());
  }

  @Test
  void topUpTakenBackBeforeItIsDeepEnough_paidForNothing() throws Exception {
    provider(3);
    Bytes32 channel = opened(1000);
    mine(3);
    DealAccount account = admitted(channel);
    sent(new Intent.TopUp(id(), payer.address(), channel, TokenAmount.of(500)));
    provider.payments.poll();
    paid(channel, 1, 1200);
    assertEquals(TokenAmount.of(1000), account.credit());

    forgetTheNewestBlock();
    mine(3);
    provider.payments.poll();

    assertEquals(TokenAmount.of(1000), account.credit());
    provider.payeeSide().redeem(channel);
    assertEquals(TokenAmount.of(1000), ledger.channel(channel).orElseThrow().redeemed());
  }

  @Test
  void topUpTakenBackDeeperThanTheProviderWaits_losesWhatCountedOfIt() throws Exception {
    provider(1);
    Bytes32 channel = opened(1000);
    mine(3);
    DealAccount account = admitted(channel);
    sent(new Intent.TopUp(id(), payer.address(), channel, TokenAmount.of(500)));
    provider.payments.poll();
    paid(channel, 1, 1200);
    assertEquals(TokenAmount.of(1200), account.credit());

    forgetTheNewestBlock();
    provider.payments.poll();
    paid(channel, 2, 1500);

    assertEquals(TokenAmount.of(1200), account.credit());
    provider.payeeSide().redeem(channel);
    assertEquals(TokenAmount.of(1000), ledger.channel(channel).orElseThrow().redeemed());
  }
}
