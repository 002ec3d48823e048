package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice peers}. */
@Command(name = "peers", description = "Other nodes.", subcommands = PeersCommand.PeersPing.class)
final class PeersCommand extends Group {
  /** {@code sluice peers ping}. */
  @Command(name = "ping", description = "Reach a peer and measure a round trip.")
  static final class PeersPing extends ServiceCommand {
    @Parameters(paramLabel = "ADDR", description = "Multiaddr with the peer's id.")
    String address = "";

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.PingReport ping = service.ping(address);
      output.object(ping, List.of("%s answers in %d ms".formatted(ping.peer(), ping.millis())));
    }
  }
}
