package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sluice export}: writes content that is here into files. */
@Command(name = "export", description = "Write content that is here to a file, a folder or a CAR.")
final class ExportCommand extends NodeCommand {
  @Parameters(paramLabel = "CID[/path]", description = "What to write.")
  String target = "";

  @Mixin SharedOptions.ContentOut to = new SharedOptions.ContentOut();

  @Override
  void run(Output output) throws Exception {
    OutFile file = OutFile.of(this, to, target, to.car);
    Requests.ExportRequest request =
        new Requests.ExportRequest(target, file.written(), to.car, to.force);
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
