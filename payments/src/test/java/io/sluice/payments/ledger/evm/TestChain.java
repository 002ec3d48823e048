package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.TransactionEncoder;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;
import org.web3j.protocol.core.methods.response.EthGetTransactionCount;
import org.web3j.protocol.core.methods.response.EthGetTransactionReceipt;
import org.web3j.protocol.core.methods.response.EthSendTransaction;
import org.web3j.protocol.core.methods.response.TransactionReceipt;
import org.web3j.protocol.http.HttpService;

/**
 * An anvil on which gas costs nothing, with what tests do to it: deploy, give, mine, forget blocks,
 * turn the time. Keys that sign are told to it.
 */
final class TestChain implements AutoCloseable {
  /** Any answer. */
  static final class AnyResponse extends Response<Object> {}

  private static final BigInteger GAS = BigInteger.valueOf(6_000_000);

  private final Anvil anvil;
  private final HttpService http;
  private final Map<EvmAddress, SigningKey> keys = new ConcurrentHashMap<>();

  TestChain(String... options) throws IOException, InterruptedException {
    this.anvil = Anvil.start(options);
    this.http = new HttpService(anvil.url().toString());
  }

  /** One whose blocks have no base fee. */
  static TestChain free() throws IOException, InterruptedException {
    return new TestChain("--base-fee", "0", "--gas-price", "0");
  }

  URI url() {
    return anvil.url();
  }

  void knows(SigningKey... signing) {
    for (SigningKey key : signing) {
      keys.put(key.address(), key);
    }
  }

  SigningKey rich() {
    return anvil.keys().getFirst();
  }

  Object rpc(String method, Object... params) throws IOException {
    AnyResponse answer =
        http.send(
            new Request<>(method, List.of(params), http, AnyResponse.class), AnyResponse.class);
    if (answer.hasError()) {
      throw new IOException(method + ": " + answer.getError().getMessage());
    }
    return Optional.<Object>ofNullable(answer.getResult()).orElse("");
  }

  void give(EvmAddress account, TokenAmount amount) throws IOException {
    rpc("anvil_setBalance", account.toString(), Hex.of(amount.value()));
  }

  void mine(int blocks) throws IOException {
    rpc("anvil_mine", Hex.of(blocks));
  }

  /**
   * The newest blocks are gone, with what was in them, and as many empty ones are in their place.
   */
  void reorganise(int depth) throws IOException {
    rpc("anvil_reorg", depth, List.of());
  }

  void advance(Duration by) throws IOException {
    rpc("evm_increaseTime", by.toSeconds());
    mine(1);
  }

  /** Whether blocks come by themselves, each with a transaction. */
  void automine(boolean on) throws IOException {
    rpc("evm_setAutomine", on);
  }

  EvmAddress deploy(ContractCode.Bounds bounds) throws IOException {
    return deploy(ContractCode.carried().creation(bounds));
  }

  EvmAddress deploy(byte[] code) throws IOException {
    return EvmAddress.parse(send("", code).getContractAddress());
  }

  /** A call by the rich account. */
  TransactionReceipt send(String to, byte[] data) throws IOException {
    Credentials account = Credentials.create(HexFormat.of().formatHex(rich().secret()));
    BigInteger nonce =
        http.send(
                new Request<>(
                    "eth_getTransactionCount",
                    List.of(account.getAddress(), "latest"),
                    http,
                    EthGetTransactionCount.class),
                EthGetTransactionCount.class)
            .getTransactionCount();
    RawTransaction transaction =
        RawTransaction.createTransaction(
            Anvil.CHAIN_ID,
            nonce,
            GAS,
            to,
            BigInteger.ZERO,
            Hex.of(data),
            BigInteger.valueOf(1_000_000_000),
            BigInteger.valueOf(1_000_000_000_000L));
    String hash =
        http.send(
                new Request<>(
                    "eth_sendRawTransaction",
                    List.of(Hex.of(TransactionEncoder.signMessage(transaction, account))),
                    http,
                    EthSendTransaction.class),
                EthSendTransaction.class)
            .getTransactionHash();
    Optional<TransactionReceipt> receipt;
    do { // at first there may be none
      receipt =
          http.send(
                  new Request<>(
                      "eth_getTransactionReceipt",
                      List.of(hash),
                      http,
                      EthGetTransactionReceipt.class),
                  EthGetTransactionReceipt.class)
              .getTransactionReceipt();
    } while (receipt.isEmpty());
    return receipt.get();
  }

  long nonce(EvmAddress account) throws IOException {
    return http.send(
            new Request<>(
                "eth_getTransactionCount",
                List.of(account.toString(), "latest"),
                http,
                EthGetTransactionCount.class),
            EthGetTransactionCount.class)
        .getTransactionCount()
        .longValueExact();
  }

  EvmSettings settings(EvmAddress contract, Path outbox) {
    return settings(contract, outbox, BigInteger.ZERO, url());
  }

  /** A newest block is never taken from memory here. */
  EvmSettings settings(EvmAddress contract, Path outbox, BigInteger maxFee, URI... endpoints) {
    return new EvmSettings(
        new Domain(Anvil.CHAIN_ID, contract),
        List.of(endpoints),
        new Finality.Depth(1),
        maxFee,
        "TEST",
        18,
        0,
        outbox,
        new EvmSettings.RpcLimits(
            Duration.ofSeconds(30),
            1 << 20,
            Duration.ZERO,
            Duration.ofDays(10_000),
            Duration.ofSeconds(10),
            2_000,
            3,
            128));
  }

  EvmLedger open(EvmSettings settings) throws IOException {
    return EvmLedger.open(settings, this::sign, Clock.systemUTC(), Ticker.SYSTEM, moment -> {});
  }

  private io.sluice.protocol.retrieval.Signature sign(EvmAddress account, byte[] transaction)
      throws IOException {
    SigningKey key = keys.get(account);
    if (key == null) {
      throw new IOException("no key of " + account);
    }
    return key.sign(Keccak.hash(transaction));
  }

  @Override
  public void close() throws IOException {
    http.close();
    anvil.close();
  }
}
