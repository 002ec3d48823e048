package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.node.RunningNode;
import io.sluice.node.http.Json;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code sluice run}: the node in the foreground. */
final class RunCommand extends NodeCommand {
  private @Nullable List<String> listen;
  private @Nullable String http;

  @Override
  void declare(Arguments arguments) {
    arguments
        .repeated(false, "--listen=MULTIADDR", value -> listen = value)
        .says("Address for peers, such as /ip4/0.0.0.0/tcp/4150; may be given several times.")
        .option("--http=HOST:PORT", String.class, value -> http = value)
        .says("Where the admin API and the metrics listen; on loopback.");
  }

  @Override
  String usualLog() {
    return "info";
  }

  @Override
  void run(Output output) throws Exception {
    Map<String, List<String>> flags = new HashMap<>();
    if (listen != null) {
      flags.put("listen", listen);
    }
    if (http != null) {
      flags.put("http", List.of(http));
    }
    RunningNode node = RunningNode.start(home(), config(flags), passphrases());
    // A signal begins the end in the JVM's own way; what is left to do then is done here, and the
    // exit code says that it was.
    Thread hook =
        new Thread(
            () -> {
              node.close();
              Runtime.getRuntime().halt(0);
            },
            "draining");
    Runtime.getRuntime().addShutdownHook(hook);
    for (String address : node.addresses()) {
      event(output, "listening", address);
    }
    event(output, "http", node.http());
    node.dsync().ifPresent(url -> event(output, "dsync", url));
    event(output, "ready", "");
    node.awaitStop();
    node.close();
    event(output, "stopped", "");
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  private void event(Output output, String name, String value) {
    PrintWriter out = surroundings().out();
    if (output.json()) {
      Map<String, Object> event = new LinkedHashMap<>();
      event.put("event", name);
      if (!value.isEmpty()) {
        event.put("address", value);
      }
      out.println(Json.write(event));
    } else {
      out.println((name + " " + value).strip());
    }
    out.flush();
  }
}
