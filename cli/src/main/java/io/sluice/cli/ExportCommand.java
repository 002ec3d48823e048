package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice export}: writes content that is here into files. */
final class ExportCommand extends NodeCommand {
  private String target = "";
  private SharedOptions.ContentOut to = new SharedOptions.ContentOut();
  private @Nullable String index;

  @Override
  void declare(Arguments arguments) {
    arguments.word("CID[/path]", String.class, value -> target = value).says("What to write.");
    to.declare(arguments);
    arguments
        .option("--index=KIND", String.class, value -> index = value)
        .says("With --car, write version 2 with an index: multihash-sorted, sorted or none.");
  }

  @Override
  void run(Output output) throws Exception {
    OutFile file = OutFile.of(this, to, target, to.car);
    Requests.ExportRequest request =
        new Requests.ExportRequest(
            target, file.written(), to.car, Optional.ofNullable(index), to.force);
    try (NodeService service = service()) {
      Reports.ExportReport exported =
          file.isStream()
              ? service.streamContent(request, file.stream())
              : service.exportContent(request);
      file.report(
          output,
          exported,
          List.of(
              "%s  %s  %s"
                  .formatted(exported.cid(), Quantities.show(exported.bytes()), exported.out())),
          exported.leftOut());
    }
  }
}
