package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.util.List;

/** {@code sluice gc}: gives back the room of what is not needed. */
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
