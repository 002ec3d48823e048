package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code sluice gc}: gives back the room of what is not needed. */
@Command(
    name = "gc",
    description = "Give back the room of blocks that no listed content and no deal needs.")
final class GcCommand extends ServiceCommand {
  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.GarbageReport freed = service.collectGarbage();
    output.object(
        freed,
        List.of(
            "freed %s, %s"
                .formatted(
                    Quantities.count(freed.freedBlocks(), "block"),
                    Quantities.show(freed.freedBytes()))));
  }
}
