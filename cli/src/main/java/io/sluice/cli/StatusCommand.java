package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.util.List;

/** {@code sluice status}: what the node is doing. */
final class StatusCommand extends ServiceCommand {
  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.StatusReport status = service.status();
    output.object(
        status,
        List.of(
            status.running() ? "running for %d s".formatted(status.uptimeSeconds()) : "not running",
            "peer         " + status.peerId(),
            "connections  " + status.connections(),
            "deals        %d under way".formatted(status.deals()),
            "served       " + Quantities.show(status.bytesServed()),
            "earned       " + status.earned(),
            "spent        " + status.spent()));
  }
}
