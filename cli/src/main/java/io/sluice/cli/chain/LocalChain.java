package io.sluice.cli.chain;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A chain in a process of its own, empty but for the payment channel contract; its accounts own
 * plenty, and their keys are known to everybody. It is gone when it is closed, or when this process
 * is told to end.
 */
public final class LocalChain implements AutoCloseable {
  /** As of the ledger in a file: short ones to see a settlement end. */
  private static final ContractCode.Bounds BOUNDS =
      new ContractCode.Bounds(1, Duration.ofDays(30).toSeconds());

  private static final Pattern LISTENING = Pattern.compile("Listening on (\\S+:\\d+)");
  private static final Pattern SECRET = Pattern.compile("\\(0\\) 0x([0-9a-f]{64})");

  /**
   * What kind of chain is wanted.
   *
   * @param port where it listens on loopback; 0 for any that is free
   * @param chainId its number, positive
   * @param blockTime how often there is a block, in whole seconds; zero for one block a transaction
   */
  public record Settings(int port, long chainId, Duration blockTime) {}

  private final OwnedProcess process;
  private final URI url;
  private final SigningKey account;
  private final Domain domain;

  private LocalChain(OwnedProcess process, URI url, SigningKey account, Domain domain) {
    this.process = process;
    this.url = url;
    this.account = account;
    this.domain = domain;
  }

  /**
   * Starts one and deploys the contract on it; installs the program first where that has not been
   * done yet.
   *
   * @param environment variables: the PATH, and where the user's cache is
   * @param say takes what somebody should know
   * @throws ServiceException {@code NODE_JS_NEEDED}, {@code PORT_IN_USE}, or {@code IO} with what
   *     the program or npm said
   */
  public static LocalChain start(
      Settings settings, Map<String, String> environment, Consumer<String> say)
      throws ServiceException, IOException, InterruptedException {
    Path packages = NpmPackages.installed(NodeJs.find(environment), environment, say);
    OwnedProcess process =
        OwnedProcess.start(
            new ProcessBuilder(
                    program(packages).toString(),
                    "--port",
                    Integer.toString(settings.port()),
                    "--chain-id",
                    Long.toString(settings.chainId()),
                    // A block is final two blocks later.
                    "--slots-in-an-epoch",
                    "1")
                .redirectErrorStream(true));
    boolean started = false;
    try {
      Greeting greeting = greeting(process.process(), settings.port());
      EvmAddress contract = deploy(greeting, settings.blockTime());
      started = true;
      return new LocalChain(
          process, greeting.url(), greeting.account(), new Domain(settings.chainId(), contract));
    } finally {
      if (!started) {
        process.close();
      }
    }
  }

  /** npm installs the package of this machine's kind only. */
  private static Path program(Path packages) throws ServiceException, IOException {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(packages.resolve("@foundry-rs"), "anvil-*")) {
      for (Path folder : found) {
        return folder.resolve("bin").resolve("anvil");
      }
    }
    throw new ServiceException(ErrorCode.IO, "npm has no anvil for this kind of machine");
  }

  /** What the program says before it works. */
  private record Greeting(URI url, SigningKey account) {}

  private static Greeting greeting(Process process, int port) throws ServiceException, IOException {
    BufferedReader lines = process.inputReader();
    Optional<SigningKey> account = Optional.empty();
    String last = "no word";
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher secret = SECRET.matcher(line);
      if (secret.find()) {
        account = Optional.of(SigningKey.of(HexFormat.of().parseHex(secret.group(1))));
      }
      Matcher listening = LISTENING.matcher(line);
      if (listening.find() && account.isPresent()) {
        // Read on to the end: a pipe that is full would stop it.
        Thread.ofVirtual().start(() -> drain(lines));
        return new Greeting(URI.create("http://" + listening.group(1)), account.get());
      }
      if (line.contains("in use")) {
        throw new ServiceException(
            ErrorCode.PORT_IN_USE,
            "another program listens on port %d; --port 0 takes a free one".formatted(port));
      }
      last = line.isBlank() ? last : line.strip();
    }
    throw new ServiceException(ErrorCode.IO, "the local chain did not start: " + last);
  }

  private static void drain(BufferedReader lines) {
    try (lines) {
      lines.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      // it was ended
    }
  }

  /** Creates the contract, and only then lets blocks come by the clock. */
  private static EvmAddress deploy(Greeting chain, Duration blockTime)
      throws IOException, InterruptedException {
    byte[] creation = ContractCode.carried().creation(BOUNDS);
    try (JsonRpc rpc = new JsonRpc(chain.url())) {
      String transaction =
          rpc.text(
              "eth_sendTransaction",
              Map.of(
                  "from",
                  chain.account().address().toString(),
                  "data",
                  "0x" + HexFormat.of().formatHex(creation)));
      Optional<JsonRpc.Receipt> receipt = rpc.receipt(transaction);
      while (receipt.isEmpty()) { // for a moment
        receipt = rpc.receipt(transaction);
      }
      if (!receipt.get().status().equals("0x1")) {
        throw new IOException("the contract could not be created: " + receipt.get());
      }
      if (!blockTime.isZero()) {
        rpc.post("evm_setIntervalMining", (int) blockTime.toSeconds());
      }
      return EvmAddress.parse(receipt.get().contractAddress());
    }
  }

  /** Where it answers JSON-RPC. */
  public URI url() {
    return url;
  }

  /** The contract and the chain's number. */
  public Domain domain() {
    return domain;
  }

  /** The key of an account that owns 10,000 coins less what the contract cost. */
  public SigningKey account() {
    return account;
  }

  /** Gives an account so many of the coin's base units out of the plenty; it has them on return. */
  public void give(EvmAddress to, TokenAmount amount) throws IOException, InterruptedException {
    try (JsonRpc rpc = new JsonRpc(url)) {
      rpc.text(
          "eth_sendTransaction",
          Map.of(
              "from",
              account.address().toString(),
              "to",
              to.toString(),
              "value",
              "0x" + amount.value().toString(16)));
      rpc.post("evm_mine"); // the next block by the clock may be a while off
    }
  }

  /** What an account or a contract owns of the coin. */
  public TokenAmount balance(EvmAddress of) throws IOException, InterruptedException {
    try (JsonRpc rpc = new JsonRpc(url)) {
      String hex = rpc.text("eth_getBalance", of.toString(), "latest");
      return new TokenAmount(new BigInteger(hex.substring(2), 16));
    }
  }

  /** Waits until the chain ends by itself, and returns its exit code. */
  public int awaitEnd() throws InterruptedException {
    return process.await();
  }

  @Override
  public void close() {
    process.close();
  }
}
