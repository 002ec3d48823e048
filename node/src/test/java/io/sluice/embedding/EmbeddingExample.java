package io.sluice.embedding;

// docs/how-to/embed.md shows what follows, up to the end.
import io.sluice.node.Home;
import io.sluice.node.HomeLock;
import io.sluice.node.LocalNodeService;
import io.sluice.node.RunningNode;
import io.sluice.node.SluiceNode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.NodeConfig;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A program that sells a file, and one that buys it. */
final class EmbeddingExample {
  private EmbeddingExample() {}

  /** A node that runs until it is closed. */
  static RunningNode sell(Path directory, Path file, Map<String, String> environment)
      throws Exception {
    Home home = new Home(directory);
    home.init(Optional.of("secret"), 32_768);
    NodeConfig config =
        NodeConfig.read(directory, environment, Map.of("listen", List.of("/ip4/127.0.0.1/tcp/0")));
    RunningNode node = RunningNode.start(home, config, () -> "secret");
    NodeService service = node.service(); // lives as long as the node, and is closed with it
    service.importContent(
        new Requests.ImportRequest(
            List.of(file.toString()), false, false, Optional.empty(), Optional.empty()));
    service.setAsk(
        new Requests.PriceRequest(
            Optional.empty(), // the price of everything
            TokenAmount.of(1_000),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
    return node;
  }

  /** Opens a home for one purchase. */
  static Reports.RetrievalReport buy(
      Path directory, String cid, String provider, Path out, Map<String, String> environment)
      throws Exception {
    Home home = new Home(directory);
    home.init(Optional.of("secret"), 32_768);
    NodeConfig config = NodeConfig.read(directory, environment, Map.of());
    HomeLock lock =
        HomeLock.tryTake(home).orElseThrow(() -> new IllegalStateException("the home is in use"));
    try (NodeService service =
        LocalNodeService.of(
            SluiceNode.open(home, config, () -> "secret", lock, Clock.systemUTC()))) {
      service.faucet(service.id().paymentAddress(), TokenAmount.of(1_000_000)); // play money
      Reports.QuoteReport quote = service.query(cid, provider);
      return service.retrieve(
          new Requests.RetrieveRequest(
              cid,
              List.of(provider),
              Optional.of(out.toString()),
              false,
              false,
              Optional.empty(),
              quote.total(), // no more than it was asked for
              Optional.empty(),
              "purchase-1"),
          progress -> {});
    }
  }
}
