package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.terminal.Arguments;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;

/** {@code sluice peers}. */
final class PeersCommand {
  static final CommandTree TREE =
      group(
          "peers",
          "Other nodes.",
          command("ping", "Reach a peer and measure a round trip.", PeersPing::new));

  private PeersCommand() {}

  /** {@code sluice peers ping}. */
  static final class PeersPing extends ServiceCommand {
    private String address = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ADDR", String.class, value -> address = value)
          .says("Multiaddr with the peer's id.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.PingReport ping = service.ping(address);
      output.object(ping, List.of("%s answers in %d ms".formatted(ping.peer(), ping.millis())));
    }
  }
}
