package io.sluice.payments.ledger.evm;

import io.sluice.payments.voucher.SigningKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A local EVM chain in a process of its own, new and empty; blocks come with transactions, and
 * finality two blocks later. Gone when closed, or at the latest when this process ends.
 */
public final class Anvil implements AutoCloseable {
  /** The id that the chain has: that of Filecoin's test network. */
  public static final long CHAIN_ID = 314159;

  private static final long START_SECONDS = 60;
  private static final Pattern LISTENING = Pattern.compile("Listening on (\\S+:\\d+)");
  private static final Pattern SECRET = Pattern.compile("\\(\\d+\\) 0x([0-9a-f]{64})\\b");

  private final Process process;
  private final Thread atExit;
  private final URI url;
  private final List<SigningKey> keys;

  private Anvil(Process process, Thread atExit, String said, String address) {
    this.process = process;
    this.atExit = atExit;
    this.url = URI.create("http://" + address);
    this.keys =
        SECRET
            .matcher(said)
            .results()
            .map((MatchResult match) -> SigningKey.of(HexFormat.of().parseHex(match.group(1))))
            .toList();
  }

  /** Skips the test, aloud, on a machine that cannot run one. */
  public static void needed() throws IOException, InterruptedException {
    Contracts.needed();
  }

  /** Starts one with these options besides the usual; returns once it answers. */
  public static Anvil start(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program().toString()));
    command.addAll(List.of("--port", "0", "--chain-id", Long.toString(CHAIN_ID)));
    command.addAll(List.of("--slots-in-an-epoch", "1"));
    command.addAll(List.of(options));
    // To a file: a chain whose output nobody reads stops when the pipe is full.
    Path said =
        Files.createTempFile(Files.createDirectories(Path.of("target", "anvil")), "", ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(said.toFile())
            .redirectErrorStream(true)
            .start();
    Thread atExit = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(atExit);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    boolean ended;
    do {
      ended = process.waitFor(5, TimeUnit.MILLISECONDS);
      String text = Files.readString(said);
      Matcher matcher = LISTENING.matcher(text);
      if (matcher.find() && text.indexOf('\n', matcher.end()) >= 0) {
        return new Anvil(process, atExit, text, matcher.group(1));
      }
    } while (!ended && System.nanoTime() < deadline);
    process.destroyForcibly();
    throw new IOException("anvil did not start; see " + said);
  }

  /** The program itself: npm installs the package of this machine's kind only. */
  private static Path program() throws IOException {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(Contracts.packages().resolve("@foundry-rs"), "anvil-*")) {
      for (Path folder : found) {
        return folder.resolve("bin").resolve("anvil");
      }
    }
    throw new IOException("npm has no anvil for this machine");
  }

  /** Where it answers JSON-RPC. */
  public URI url() {
    return url;
  }

  /** Keys of accounts that own 10,000 coins each. */
  public List<SigningKey> keys() {
    return keys;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
