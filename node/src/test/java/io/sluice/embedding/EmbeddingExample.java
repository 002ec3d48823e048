package io.sluice.embedding;

// docs/how-to/embed.md shows what follows, up to the end.
import io.sluice.fsm.MachineId;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.node.LocalNodeService;
import io.sluice.node.RunningNode;
import io.sluice.node.SluiceNode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.home.HomeLock;
import io.sluice.node.transfer.TransferManager;
import io.sluice.node.transfer.TransferState;
import io.sluice.node.transfer.TransferValidator;
import io.sluice.node.transfer.Verdict;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

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
      service.faucet(
          service.id().paymentAddress(), TokenAmount.of(1_000_000), Optional.empty()); // play money
      Reports.QuoteReport quote = service.query(new Requests.QueryRequest(cid, provider));
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

  /** Gives members the first MiB of whatever they ask for, and the rest against a second ticket. */
  static final class MembersOnly implements TransferValidator {
    private static final long FIRST = 1 << 20;

    @Override
    public Verdict opened(TransferChannel.ChannelOpening opening) {
      return opening.voucher().value().equals(Node.of("member"))
          ? Verdict.accept().upTo(FIRST)
          : Verdict.refuse(Optional.of(ticket("members only")));
    }

    @Override
    public Verdict paid(TransferState transfer, TypedVoucher voucher) {
      return Verdict.accept(); // without a limit from now on
    }

    @Override
    public Optional<TypedVoucher> demand(TransferState transfer) {
      return Optional.of(ticket("another ticket, please"));
    }
  }

  static TypedVoucher ticket(String words) {
    return new TypedVoucher("ExampleTicket/1", Node.of(words));
  }

  /** A node that judges pulls and pushes with tickets; a new home needs init, as above. */
  static RunningNode serveMembers(Home home, NodeConfig config) throws Exception {
    return RunningNode.start(
        home, config, () -> "secret", Map.of("ExampleTicket/1", new MembersOnly()));
  }

  /** Pulls a DAG into the node's store, and gives a ticket each time that one is asked for. */
  static TransferManager.TransferEnd pull(RunningNode node, String cid, String address)
      throws Exception {
    TransferManager transfers = node.transfers();
    transfers.subscribe(
        (event, transfer) -> {
          if (event.equals("NEW_VOUCHER_RESULT") && transfer.channel().opening().pull()) {
            CompletableFuture.runAsync(() -> giveTicket(transfers, transfer.id()));
          }
        });
    Multiaddr at = Multiaddr.parse(address);
    MachineId id =
        transfers.pull(
            at.peerId().orElseThrow(),
            List.of(at.withoutPeer()),
            Cid.parse(cid),
            Selectors.exploreAll().node(),
            ticket("member"));
    return transfers.await(id).get();
  }

  private static void giveTicket(TransferManager transfers, MachineId id) {
    try {
      transfers.sendVoucher(id, ticket("here it is"));
    } catch (IOException e) {
      // it has ended meanwhile; await says how
    }
  }
}
