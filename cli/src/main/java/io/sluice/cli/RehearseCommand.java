package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.stage.Digests;
import io.sluice.cli.stage.Self;
import io.sluice.cli.stage.Stage;
import io.sluice.cli.terminal.CommandEnvironment;
import io.sluice.cli.terminal.ProcessExit;
import io.sluice.cli.terminal.Terminal;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.node.home.Home;
import io.sluice.protocol.retrieval.DealCode;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code sluice rehearse}: sells and buys a little inside this one process, or asks a home this and
 * that. The launcher has the JVM watch each once after each build and lay out what it saw, so that
 * the other commands start faster and reach their speed sooner.
 */
final class RehearseCommand extends NodeCommand {
  /** All of an answer but the account in it. */
  private static final String ACCOUNT = ".*\"paymentAddress\":\"|\".*";

  private static final Map<String, String> VARIABLES =
      Map.of("SLUICE_PASSPHRASE", "rehearsal", "SLUICE_KEYSTORE_SCRYPT_N", "4096");

  private static final long BYTES = 48L << 20;
  private static final long PATIENCE_MILLIS = 60_000;
  private static final long LOOK_MILLIS = 20;

  private String kind = "trade";

  @Override
  void declare(Arguments arguments) {
    arguments
        .maybe("KIND", String.class, value -> kind = value)
        .says("trade, the default, or questions: the commands that only ask or note something.");
  }

  @Override
  void run(Output output) throws Exception {
    ProcessExit.takeTime();
    try (Stage stage =
        Stage.set("sluice-rehearsal", Self.command(Sluice.class), VARIABLES, text -> {})) {
      RehearsalShell shell = new RehearsalShell(stage.file(""));
      switch (kind) {
        case "trade" -> trade(shell);
        case "questions" -> {
          ask(shell);
          // In a process of its own, so that the JVM learns nothing of a node here.
          stage.run(new Home(stage.file("home")));
          askTheNode(shell);
        }
        default ->
            throw new ServiceException(ErrorCode.USAGE, "no rehearsal of '%s'".formatted(kind));
      }
    }
  }

  private static void ask(RehearsalShell stage) throws Exception {
    stage.does("home", "--help");
    stage.does("home", "deals", "--help");
    stage.does("home", "version");
    stage.does("home", "init");
    stage.does("home", "id");
    stage.does("home", "status");
    stage.does("home", "ask", "set", "--price-per-mib", "1000");
    stage.does("home", "ask", "show");
    String key = stage.does("home", "--json", "id").replaceAll(ACCOUNT, "");
    stage.does("home", "faucet", key, "1000000");
    for (String list : List.of("deals", "transfers", "channels", "wallet", "deny")) {
      stage.does("home", list, "ls");
    }
    stage.does("home", "books");
    stage.does("home", "ls");
    stage.does(
        new StringWriter(), "home", "deals", "show", "c-1"); // there is none: how that is said
  }

  private static void askTheNode(RehearsalShell stage) throws Exception {
    stage.does("home", "ls");
    stage.does("home", "deals", "ls");
    stage.does("home", "status");
    stage.does("home", "stop");
  }

  private static void trade(RehearsalShell stage) throws Exception {
    stage.does("provider", "init");
    stage.does("client", "init");
    Digests.fill(stage.folder.resolve("input"), BYTES);
    String cid =
        stage.does("provider", "--json", "import", "input").replaceAll(".*\"cid\":\"|\".*", "");
    stage.does("provider", "ask", "set", "--price-per-mib", "1000", "--interval-max", "1MiB");
    String account = stage.does("client", "--json", "id").replaceAll(ACCOUNT, "");
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
      Map<String, String> environment = new HashMap<>(VARIABLES);
      environment.put("SLUICE_LEDGER", folder.resolve("ledger").toString());
      List<String> line = new ArrayList<>(List.of("--home", home));
      line.addAll(List.of(arguments));
      return Sluice.execute(
          new CommandEnvironment(
              InputStream.nullInputStream(),
              new PrintWriter(said, true),
              new PrintWriter(Writer.nullWriter()),
              OutputStream.nullOutputStream(),
              environment,
              folder,
              Terminal.NONE,
              () -> null),
          line.toArray(String[]::new));
    }
  }
}
