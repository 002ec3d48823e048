package io.sluice.cli;

import io.sluice.cli.terminal.CommandEnvironment;
import io.sluice.cli.terminal.Terminal;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.retrieval.DealCode;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code sluice rehearse}: sells and buys a little inside this one process. The launcher has the
 * JVM watch it once after each build and lay out what it saw, so that the other commands start
 * faster and reach their speed sooner.
 */
final class RehearseCommand extends NodeCommand {
  private static final long BYTES = 48L << 20;
  private static final long PATIENCE_MILLIS = 60_000;
  private static final long LOOK_MILLIS = 20;

  @Override
  void run(Output output) throws Exception {
    Path folder = Files.createTempDirectory("sluice-rehearsal");
    try {
      play(new RehearsalShell(folder));
    } finally {
      Digests.deleteTree(folder);
    }
  }

  private static void play(RehearsalShell stage) throws Exception {
    stage.does("provider", "init");
    stage.does("client", "init");
    Digests.fill(stage.folder.resolve("input"), BYTES);
    String cid =
        stage.does("provider", "--json", "import", "input").replaceAll(".*\"cid\":\"|\".*", "");
    stage.does("provider", "ask", "set", "--price-per-mib", "1000", "--interval-max", "1MiB");
    String account =
        stage.does("client", "--json", "id").replaceAll(".*\"paymentAddress\":\"|\".*", "");
    stage.does("client", "faucet", account, "1000000");

    StringWriter said = new StringWriter();
    Thread provider =
        Thread.ofPlatform()
            .name("provider")
            .start(() -> stage.does(said, "provider", "run", "--listen", "/ip4/127.0.0.1/tcp/0"));
    String address = awaitAddress(said);
    stage.does("client", "query", cid, "--provider", address);
    stage.does("client", "retrieve", cid, "--provider", address, "-o", "output");
    stage.does("client", "deals", "ls");
    stage.does("client", "books");
    stage.does("provider", "books");
    stage.does("provider", "stop");
    provider.join(PATIENCE_MILLIS);
  }

  private static String awaitAddress(StringWriter said) throws Exception {
    for (long waited = 0; waited < PATIENCE_MILLIS; waited += LOOK_MILLIS) {
      List<String> lines = said.toString().lines().toList();
      if (lines.contains("ready")) {
        return lines.getFirst().substring("listening ".length());
      }
      Thread.sleep(LOOK_MILLIS); // another thread starts the node and prints
    }
    throw new ServiceException(DealCode.INTERNAL, "the provider did not start");
  }

  /** Commands in this process, in a folder and with an environment of their own. */
  private record RehearsalShell(Path folder) {
    /** Does a command that must go well, and returns the last line of its answer. */
    String does(String home, String... arguments) throws ServiceException {
      StringWriter said = new StringWriter();
      if (does(said, home, arguments) != 0) {
        throw new ServiceException(
            DealCode.INTERNAL, "the rehearsal failed at: " + String.join(" ", arguments));
      }
      return said.toString().lines().reduce("", (before, line) -> line);
    }

    int does(StringWriter said, String home, String... arguments) {
      List<String> line = new ArrayList<>(List.of("--home", home));
      line.addAll(List.of(arguments));
      return Sluice.execute(
          new CommandEnvironment(
              InputStream.nullInputStream(),
              new PrintWriter(said, true),
              new PrintWriter(Writer.nullWriter()),
              OutputStream.nullOutputStream(),
              Map.of(
                  "SLUICE_LEDGER", folder.resolve("ledger").toString(),
                  "SLUICE_PASSPHRASE", "rehearsal",
                  "SLUICE_KEYSTORE_SCRYPT_N", "4096"),
              folder,
              Terminal.NONE,
              () -> null),
          line.toArray(String[]::new));
    }
  }
}
