package io.sluice.cli.bench;

import io.sluice.cli.stage.Digests;
import io.sluice.cli.stage.Stage;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.home.Home;
import io.sluice.node.http.Json;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** New clients of this program, each with a home that has nothing in it but money. */
final class SluiceClients implements AutoCloseable {
  private static final TokenAmount FUNDS = TokenAmount.parse("1000000000000000");

  private final Stage stage;
  private final List<Home> homes = new ArrayList<>();
  private final List<Stage.Node> nodes = new ArrayList<>();

  private SluiceClients(Stage stage) {
    this.stage = stage;
  }

  /** Sets up so many; with money if they have to pay. */
  static SluiceClients make(Stage stage, int count, boolean paying) throws Exception {
    SluiceClients clients = new SluiceClients(stage);
    for (int i = 0; i < count; i++) {
      Home home = stage.init("client-%d".formatted(i));
      clients.homes.add(home);
      if (paying) {
        try (NodeService service = stage.open(home)) {
          service.faucet(service.id().paymentAddress(), FUNDS, Optional.empty());
        }
      }
    }
    return clients;
  }

  /** Starts a node in each home, and has it fetch something first. */
  void warm(String cid, Peer provider) throws Exception {
    for (Home home : homes) {
      nodes.add(stage.run(home));
    }
    for (Home home : homes) {
      stage.start(retrieve(home, cid, provider, "first")).finish();
    }
  }

  /** All of them fetch at once. */
  Figures fetch(String cid, long bytes, Peer provider) throws Exception {
    List<Stage.Command> commands =
        homes.stream().map(home -> retrieve(home, cid, provider, "out")).toList();
    List<Long> pids = nodes.stream().map(node -> node.process().pid()).toList();
    return TimedCommands.run(stage, commands, pids, provider)
        .figures(bytes * homes.size(), SluiceClients::arrival);
  }

  private static Arrival arrival(String printed) throws IOException {
    Reports.RetrievalReport report = Json.read(printed, Reports.RetrievalReport.class);
    return new Arrival(
        report.blocks(),
        report.timeToFirstByteMillis().orElse(0L),
        report.durationMillis(),
        report.vouchers());
  }

  private Stage.Command retrieve(Home home, String cid, Peer provider, String out) {
    return stage.command(
        home,
        "--json",
        "--quiet",
        "retrieve",
        cid,
        "--provider",
        provider.address(),
        "-o",
        output(home, out).toString());
  }

  private static Path output(Home home, String name) {
    return home.directory().resolveSibling(home.directory().getFileName() + "-" + name);
  }

  /** Ends the nodes and takes away what was fetched, so that the next clients have the room. */
  @Override
  public void close() throws IOException {
    for (Stage.Node node : nodes) {
      node.stop();
    }
    for (Home home : homes) {
      for (Path path : List.of(home.directory(), output(home, "first"), output(home, "out"))) {
        if (path.toFile().exists()) {
          Digests.deleteTree(path);
        }
      }
    }
  }
}
