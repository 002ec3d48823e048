package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice export}: writes content that is here into files. */
@Command(name = "export", description = "Write content that is here to a file, a folder or a CAR.")
final class ExportCommand extends NodeCommand {
  @Parameters(paramLabel = "CID[/path]", description = "What to write.")
  String target = "";

  @Option(
      names = {"-o", "--out"},
      paramLabel = "OUT",
      description = "Where to; - is standard output. Default: a file named after the content.")
  @Nullable Path out;

  @Option(names = "--car", description = "Write a CAR.")
  boolean car;

  @Option(names = "--force", description = "Replace the file if it is there.")
  boolean force;

  @Override
  void run(Output output) throws Exception {
    OutFile file = OutFile.of(this, out, target, car);
    try (file;
        NodeService service = service()) {
      Reports.ExportReport exported =
          service.exportContent(
              new Requests.ExportRequest(target, file.written(), car, force || file.isStream()));
      file.deliver(
          output,
          exported,
          List.of(
              "%s  %s  %s"
                  .formatted(exported.cid(), Quantities.show(exported.bytes()), exported.out())));
    }
  }
}
