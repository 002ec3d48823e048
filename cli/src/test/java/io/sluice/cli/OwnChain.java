package io.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.cli.chain.LocalChain;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.voucher.Keccak;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * A local chain of a test's own with the contract on it, whose time and blocks the test moves. What
 * stands on it is read by plain calls and from blocks and receipts: nothing of the ledger under
 * test has a part in that.
 */
final class OwnChain implements AutoCloseable {
  private static final int WORD = 64;
  private static final int ADDRESS = 40;

  /** What happens in the contract, one log each. */
  enum Happening {
    OPENED("ChannelOpened(bytes32,address,address,address,address,uint128,uint32,bytes32)"),
    TOPPED_UP("ChannelToppedUp(bytes32,uint128,uint128)"),
    REDEEMED("Redeemed(bytes32,uint64,uint64,uint128,uint128,uint128,uint256)"),
    SETTLE_STARTED("SettleStarted(bytes32,address,uint64)"),
    CLOSED("ChannelClosed(bytes32,uint128,uint128,uint8,uint256,uint256)"),
    WITHDRAWN("Withdrawn(address,address,address,uint256,uint256)");

    private final String topic;

    Happening(String signature) {
      topic = hash(signature);
    }
  }

  /**
   * A channel as the contract has it.
   *
   * @param settleAt in seconds; zero unless it is settling
   * @param status 0 for none, 1 for open, 2 for closed
   */
  record Escrow(
      String payer,
      long settleAt,
      String payee,
      int status,
      BigInteger deposit,
      BigInteger redeemed) {}

  /**
   * A log of the contract.
   *
   * @param words its data, 32 bytes each
   */
  record Entry(String transaction, List<BigInteger> words) {}

  /** A transaction that is in a block. */
  record Done(String from, String to, String call, boolean succeeded, BigInteger fee) {}

  private final LocalChain chain;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper mapper = new ObjectMapper();

  private OwnChain(LocalChain chain) {
    this.chain = chain;
  }

  /** Starts one, where blocks come with transactions; skips the test, aloud, without Node.js. */
  static synchronized OwnChain start()
      throws Exception { // processes lock an installation, not threads
    Map<String, String> environment =
        Map.of(
            "PATH",
            System.getenv("PATH"),
            "XDG_CACHE_HOME",
            Path.of("target", "cache").toAbsolutePath().toString());
    try {
      return new OwnChain(
          LocalChain.start(
              new LocalChain.Settings(0, 314159, Duration.ZERO), environment, say -> {}));
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.NODE_JS_NEEDED) {
        throw e;
      }
      System.err.println("SKIPPED: what is paid on a chain needs Node 20 or newer with npm");
      Assumptions.abort(e.getMessage());
      throw e;
    }
  }

  /** The same chain, which whoever started it closes. */
  static OwnChain over(LocalChain chain) {
    return new OwnChain(chain);
  }

  URI url() {
    return chain.url();
  }

  String contract() {
    return chain.domain().contract().toString();
  }

  long id() {
    return chain.domain().chainId();
  }

  // ---- moving it

  void give(String account, BigInteger amount) throws IOException, InterruptedException {
    ask("anvil_setBalance", account, hex(amount));
  }

  /** Creates a token with six decimals, TST, of which the chain's own account has a thousand. */
  String newToken() throws IOException, InterruptedException {
    Path code =
        Path.of("..", "payments", "src", "test", "resources", "io", "sluice", "payments", "ledger")
            .resolve(Path.of("evm", "TestToken.bin"));
    String transaction =
        ask(
                "eth_sendTransaction",
                Map.of(
                    "from",
                    chain.account().address().toString(),
                    "data",
                    "0x" + Files.readString(code).strip()))
            .asText();
    return ask("eth_getTransactionReceipt", transaction).get("contractAddress").asText();
  }

  void giveToken(String token, String account, BigInteger amount)
      throws IOException, InterruptedException {
    ask(
        "eth_sendTransaction",
        Map.of(
            "from",
            chain.account().address().toString(),
            "to",
            token,
            "data",
            selector("transfer(address,uint256)") + word(number(account)) + word(amount)));
  }

  void mine(int blocks) throws IOException, InterruptedException {
    ask("anvil_mine", hex(BigInteger.valueOf(blocks)));
  }

  void advance(Duration by) throws IOException, InterruptedException {
    ask("evm_increaseTime", by.toSeconds());
    mine(1);
  }

  /** The newest block is gone with what was in it, and an empty one is in its place. */
  void loseNewest() throws IOException, InterruptedException {
    ask("anvil_reorg", 1, List.of());
  }

  /** Has an account of which the test has no key send something to the contract. */
  void callAs(String account, String signature, String words)
      throws IOException, InterruptedException {
    ask("anvil_impersonateAccount", account);
    ask(
        "eth_sendTransaction",
        Map.of("from", account, "to", contract(), "data", selector(signature) + words));
    ask("anvil_stopImpersonatingAccount", account);
  }

  // ---- reading it

  BigInteger balance(String account) throws IOException, InterruptedException {
    return number(ask("eth_getBalance", account, "latest"));
  }

  Escrow channel(String id) throws IOException, InterruptedException {
    List<BigInteger> words = view("channel(bytes32)", bare(id));
    return new Escrow(
        address(words.get(0)),
        words.get(2).longValueExact(),
        address(words.get(3)),
        words.get(4).intValueExact(),
        words.get(7),
        words.get(8));
  }

  BigInteger lane(String channel, long lane) throws IOException, InterruptedException {
    return view("lane(bytes32,uint64)", bare(channel) + word(BigInteger.valueOf(lane))).getFirst();
  }

  /** What an account may take out of the contract, of the chain's own coin. */
  BigInteger credit(String account) throws IOException, InterruptedException {
    return credit(hex(BigInteger.ZERO), account);
  }

  /** What an account may take out of the contract, of a token. */
  BigInteger credit(String token, String account) throws IOException, InterruptedException {
    return view("credit(address,address)", word(number(token)) + word(number(account))).getFirst();
  }

  /** What an account or a contract owns of a token. */
  BigInteger balance(String token, String account) throws IOException, InterruptedException {
    return view(token, "balanceOf(address)", word(number(account))).getFirst();
  }

  private List<BigInteger> view(String signature, String words)
      throws IOException, InterruptedException {
    return view(contract(), signature, words);
  }

  private List<BigInteger> view(String to, String signature, String words)
      throws IOException, InterruptedException {
    Map<String, String> call = Map.of("to", to, "data", selector(signature) + words);
    return words(ask("eth_call", call, "latest").asText());
  }

  /** All of that kind that ever happened, in the chain as it is now. */
  List<Entry> all(Happening kind) throws IOException, InterruptedException {
    JsonNode logs =
        ask(
            "eth_getLogs",
            Map.of(
                "fromBlock",
                "0x0",
                "toBlock",
                "latest",
                "address",
                contract(),
                "topics",
                List.of(kind.topic)));
    List<Entry> entries = new ArrayList<>();
    for (JsonNode log : logs) {
      entries.add(new Entry(log.get("transactionHash").asText(), words(log.get("data").asText())));
    }
    return entries;
  }

  /** The transactions of all blocks. */
  List<Done> transactions() throws IOException, InterruptedException {
    List<Done> done = new ArrayList<>();
    long head = number(ask("eth_blockNumber")).longValueExact();
    for (long height = 1; height <= head; height++) {
      JsonNode block = ask("eth_getBlockByNumber", hex(BigInteger.valueOf(height)), true);
      for (JsonNode transaction : block.get("transactions")) {
        JsonNode receipt = ask("eth_getTransactionReceipt", transaction.get("hash").asText());
        done.add(
            new Done(
                transaction.get("from").asText(),
                transaction.get("to").asText(),
                transaction.get("input").asText(),
                receipt.get("status").asText().equals("0x1"),
                number(receipt.get("gasUsed")).multiply(number(receipt.get("effectiveGasPrice")))));
      }
    }
    return done;
  }

  // ---- plain JSON-RPC

  private JsonNode ask(String method, Object... parameters)
      throws IOException, InterruptedException {
    String body =
        mapper.writeValueAsString(
            Map.of("jsonrpc", "2.0", "id", 1, "method", method, "params", List.of(parameters)));
    HttpRequest request =
        HttpRequest.newBuilder(url())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    JsonNode answer =
        mapper.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    if (answer.has("error")) {
      throw new IOException(method + ": " + answer.get("error"));
    }
    return answer.get("result");
  }

  private static List<BigInteger> words(String data) {
    List<BigInteger> words = new ArrayList<>();
    for (int at = 2; at + WORD <= data.length(); at += WORD) {
      words.add(new BigInteger(data.substring(at, at + WORD), 16));
    }
    return words;
  }

  private static BigInteger number(JsonNode text) {
    return number(text.asText());
  }

  private static BigInteger number(String text) {
    return new BigInteger(bare(text), 16);
  }

  private static String hex(BigInteger number) {
    return "0x" + number.toString(16);
  }

  private static String word(BigInteger number) {
    String digits = number.toString(16);
    return "0".repeat(WORD - digits.length()) + digits;
  }

  private static String address(BigInteger word) {
    return "0x" + word(word).substring(WORD - ADDRESS);
  }

  static String bare(String hex) {
    return hex.substring(2);
  }

  private static String selector(String signature) {
    return hash(signature).substring(0, 10);
  }

  private static String hash(String signature) {
    return Keccak.hash(signature.getBytes(StandardCharsets.UTF_8)).toString();
  }

  @Override
  public void close() {
    http.close();
    chain.close();
  }
}
