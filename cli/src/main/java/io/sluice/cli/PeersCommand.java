package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.ArgumentTypes;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code sluice peers}. */
final class PeersCommand {
  static final CommandTree TREE =
      group(
          "peers",
          "Other nodes.",
          command("ls", "List peers that are kept or connected.", PeersLs::new),
          command("add", "Keep an address of a peer; its id alone then does.", PeersAdd::new),
          command("rm", "Forget a peer, or one of its addresses.", PeersRm::new),
          command("ping", "Reach a peer and measure a round trip.", PeersPing::new),
          command("perf", "Measure how fast bytes get to a peer and back.", PeersPerf::new));

  private static final String WHO = "A peer id that is known, or a multiaddr with one.";

  private PeersCommand() {}

  /** {@code sluice peers ls}. */
  static final class PeersLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.PeerReport> peers = service.peers();
      output.items(peers, table(peers));
    }
  }

  static Table table(List<Reports.PeerReport> peers) {
    Table table =
        new Table("no peers are known", "PEER", "KEPT", "CONN", "RTT", "ADDRESS", "AGENT")
            .figures("KEPT", "CONN", "RTT");
    for (Reports.PeerReport each : peers) {
      table.row(
          each.peer(),
          each.known() ? "yes" : "no",
          each.direction().orElse("-"),
          each.roundTripMicros()
              .map(micros -> String.format(Locale.ROOT, "%.1f ms", micros / 1000.0))
              .orElse("-"),
          each.remoteAddress().or(() -> each.addresses().stream().findFirst()).orElse("-"),
          each.agent().orElse("-"));
    }
    return table;
  }

  /** {@code sluice peers add}. */
  static final class PeersAdd extends ServiceCommand {
    private String address = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ADDR", String.class, value -> address = value)
          .says("Multiaddr with the peer's id.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.PeerReport peer = service.addPeer(address);
      int count = peer.addresses().size();
      output.object(
          peer,
          List.of(
              "%s is kept, with %d address%s"
                  .formatted(peer.peer(), count, count == 1 ? "" : "es")));
    }
  }

  /** {@code sluice peers rm}. */
  static final class PeersRm extends ServiceCommand {
    private String name = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ADDR|PEER", String.class, value -> name = value)
          .says("One address with the peer's id, or the id alone for all of them.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.removePeer(name);
      output.object(Map.of("name", name), List.of(name + " is not kept any more"));
    }
  }

  /** {@code sluice peers ping}. */
  static final class PeersPing extends ServiceCommand {
    private String peer = "";

    @Override
    void declare(Arguments arguments) {
      arguments.word("ADDR|PEER", String.class, value -> peer = value).says(WHO);
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.PingReport ping = service.ping(peer);
      output.object(ping, List.of("%s answers in %d ms".formatted(ping.peer(), ping.millis())));
    }
  }

  /** {@code sluice peers perf}. */
  static final class PeersPerf extends ServiceCommand {
    private static final long STANDARD = 16L << 20;

    private String peer = "";
    private ArgumentTypes.Size upload = new ArgumentTypes.Size(STANDARD);
    private ArgumentTypes.Size download = new ArgumentTypes.Size(STANDARD);

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ADDR|PEER", String.class, value -> peer = value)
          .says(WHO)
          .option("--up=SIZE", ArgumentTypes.Size.class, value -> upload = value)
          .says("How much to send. Default: 16MiB.")
          .option("--down=SIZE", ArgumentTypes.Size.class, value -> download = value)
          .says("How much to have sent back. Default: 16MiB.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.PerfReport perf = service.measure(peer, upload.bytes(), download.bytes());
      output.object(
          perf,
          List.of(
              line("up", perf.uploadBytes(), perf.uploadMillis()),
              line("down", perf.downloadBytes(), perf.downloadMillis())));
    }

    private static String line(String way, long bytes, long millis) {
      return String.format(
          Locale.ROOT,
          "%s: %d bytes in %d ms, %.1f MiB/s",
          way,
          bytes,
          millis,
          bytes / 1048576.0 / (Math.max(1, millis) / 1000.0));
    }
  }
}
