package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.arguments.PaymentLimits;
import io.sluice.cli.arguments.PriceOptions;
import io.sluice.cli.arguments.TokenOption;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code sluice sync}: neighbours that this node pulls from, so that it has what they have. */
final class SyncCommand {
  static final CommandTree TREE =
      group(
          "sync",
          "Neighbours that this node keeps itself in step with.",
          command(
              "add",
              "Have all that comes to a neighbour, or what lies beneath a root there.",
              SyncAdd::new),
          command("ls", "List the neighbours, and how far behind this node is.", SyncLs::new),
          command("status", "Show what the node does about neighbours, and why.", SyncStatus::new),
          command(
              "pause",
              "Pull nothing from a neighbour for now.",
              () -> new SyncAct(NodeService::pauseNeighbour)),
          command(
              "resume",
              "Pull from a neighbour again; what waits to be tried again is tried at once.",
              () -> new SyncAct(NodeService::resumeNeighbour)),
          command(
              "rm",
              "Undo 'sync add': pull from a neighbour no more; what it brought stays.",
              SyncRm::new));

  private SyncCommand() {}

  static Table table(List<Reports.NeighbourReport> syncs) {
    Table table =
        new Table(
                "this node pulls from nobody",
                "NAME",
                "STATE",
                "BEHIND",
                "LAG",
                "FAILED",
                "BLOCKS",
                "BYTES",
                "LANE",
                "PEER")
            .figures("BEHIND", "LAG", "FAILED", "BLOCKS", "BYTES");
    syncs.forEach(
        each ->
            table.row(
                each.name(),
                each.state(),
                each.behind().map(String::valueOf).orElse("-"),
                each.lagSeconds() + " s",
                each.failed(),
                each.blocks(),
                Quantities.show(each.bytes()),
                each.lane(),
                each.peer()));
    return table;
  }

  /** {@code sluice sync add}. */
  static final class SyncAdd extends ServiceCommand {
    private String name = "";
    private String peer = "";
    private String lane = "";
    private boolean both;
    private final PriceOptions maxPrice = new PriceOptions();
    private @Nullable Amount maxTotal;
    private final TokenOption token = new TokenOption();

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("NAME", String.class, value -> name = value)
          .says("What the other commands call it: letters, digits, dots and dashes.")
          .needed("--peer=ADDR", String.class, value -> peer = value)
          .says("Multiaddr with the neighbour's peer id, or the id alone of a known peer.")
          .needed("--lane=LANE", String.class, value -> lane = value)
          .says("What to keep in step with: everything, or the CID of a root.")
          .flag("--both", value -> both = value)
          .says(
              "The neighbour pulls from here as well: it may read here from now on, and has to let"
                  + " this node push.");
      maxPrice.declare(
          arguments,
          "max-price",
          "Where the neighbour sells the root: dearest price for each MiB.");
      arguments
          .option("--max-total=N", Amount.class, value -> maxTotal = value)
          .says("Most to pay for it in all; without both nothing is bought.");
      token.declare(
          arguments,
          "What is paid in: a symbol, an address or native; default what the limits' symbols say,"
              + " or the first of ledger.token.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      PaymentLimits limits = PaymentLimits.of(maxPrice, maxTotal, token, output.tokens());
      Reports.NeighbourReport added =
          service.addNeighbour(
              new Requests.NeighbourRequest(
                  name,
                  peer,
                  lane,
                  both,
                  limits.maxPricePerMiB(),
                  limits.maxTotal(),
                  limits.token().map(EvmAddress::toString)));
      output.object(added, List.of(table(List.of(added))));
    }
  }

  /** {@code sluice sync ls}. */
  static final class SyncLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.NeighbourReport> syncs = service.neighbours();
      output.items(syncs, table(syncs));
    }
  }

  /** {@code sluice sync status}. */
  static final class SyncStatus extends ServiceCommand {
    private @Nullable String name;

    @Override
    void declare(Arguments arguments) {
      arguments
          .maybe("NAME", String.class, value -> name = value)
          .says("One of them; default all.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.NeighbourReport> syncs =
          name == null ? service.neighbours() : List.of(service.neighbour(name));
      List<Object> lines = new ArrayList<>();
      for (Reports.NeighbourReport each : syncs) {
        lines.addAll(detail(each, output.tokens()));
      }
      if (lines.isEmpty()) {
        lines.add(table(syncs));
      }
      output.object(Map.of("items", syncs), lines);
    }

    private static List<String> detail(Reports.NeighbourReport sync, Tokens tokens) {
      EvmAddress token = sync.token().map(EvmAddress::parse).orElseGet(tokens::paidIn);
      List<String> lines = new ArrayList<>();
      lines.add(sync.name() + "  " + sync.state());
      sync.reason().ifPresent(reason -> lines.add("  reason   " + reason));
      lines.add(
          "  behind   "
              + sync.behind()
                  .map(
                      behind ->
                          "%d, for %s; %d failed"
                              .formatted(behind, sync.lagSeconds() + " s", sync.failed()))
                  .orElse("not known yet"));
      lines.add(
          "  came     %s, %s"
              .formatted(Quantities.count(sync.blocks(), "block"), Quantities.show(sync.bytes())));
      lines.add("  lane     " + sync.lane());
      lines.add("  peer     " + sync.peer());
      sync.addresses().forEach(address -> lines.add("  at       " + address));
      if (sync.both()) {
        lines.add("  both     it is to pull from here as well");
      }
      sync.maxTotal()
          .ifPresent(
              total ->
                  lines.add(
                      "  paid     %s of %s"
                          .formatted(tokens.show(sync.spent(), token), tokens.show(total, token))));
      return lines;
    }
  }

  private interface SyncCall {
    Reports.NeighbourReport of(NodeService service, String name) throws ServiceException;
  }

  /** Does something with a sync, and shows it then. */
  static final class SyncAct extends ServiceCommand {
    private final SyncCall call;
    private String name = "";

    SyncAct(SyncCall call) {
      this.call = call;
    }

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("NAME", String.class, value -> name = value)
          .says("A name that 'sluice sync ls' lists.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.NeighbourReport sync = call.of(service, name);
      output.object(sync, List.of(table(List.of(sync))));
    }
  }

  /** {@code sluice sync rm}. */
  static final class SyncRm extends ServiceCommand {
    private String name = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("NAME", String.class, value -> name = value)
          .says("A name that 'sluice sync ls' lists.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.SyncRemovalReport removed = service.removeNeighbour(name);
      List<String> lines = new ArrayList<>();
      lines.add("nothing is pulled by '%s' any more".formatted(name));
      if (removed.stopped().orElse(false)) {
        lines.add("%s pulls from here no more".formatted(removed.peer()));
      }
      removed.left().ifPresent(left -> lines.add("%s: %s".formatted(removed.peer(), left)));
      output.object(removed, lines);
    }
  }
}
