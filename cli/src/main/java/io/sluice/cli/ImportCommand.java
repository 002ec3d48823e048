package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice import}: brings files in. */
@Command(name = "import", description = "Bring files, folders or CARs in; print their root CIDs.")
final class ImportCommand extends ServiceCommand {
  @Parameters(paramLabel = "PATH", arity = "1..*", description = "Files or folders.")
  List<Path> paths = List.of();

  @Option(names = "--car", description = "The files are CARs: take their blocks as they are.")
  boolean car;

  @Option(
      names = "--in-place",
      description = "Serve the CARs from where they lie, without a copy; only with --car.")
  boolean inPlace;

  @Option(names = "--chunk", paramLabel = "SIZE", description = "Size of chunks; default 256KiB.")
  @Nullable Size chunk;

  @Override
  void run(NodeService service, Output output) throws Exception {
    List<Reports.ImportReport> items =
        service.importContent(
            new Requests.ImportRequest(
                paths.stream().map(this::absolute).toList(),
                car,
                inPlace,
                Optional.ofNullable(chunk).map(Size::bytes)));
    List<String> lines = new ArrayList<>();
    for (Reports.ImportReport item : items) {
      lines.add(
          "%s  %s  %s  %s"
              .formatted(
                  item.cid(),
                  Quantities.show(item.size()),
                  Quantities.count(item.blocks(), "block"),
                  item.path()));
      if (!item.offered() && !output.json()) {
        surroundings()
            .err()
            .println(
                "not offered: it has no price; 'sluice ask set --cid %s --price-per-mib N' sets one, 0 gives it away"
                    .formatted(item.cid()));
      }
    }
    output.object(Map.of("items", items), lines);
  }
}
