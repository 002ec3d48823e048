package io.sluice.cli;

import io.sluice.cli.arguments.ArgumentTypes.Size;
import io.sluice.cli.arguments.Arguments;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice import}: brings files in. */
final class ImportCommand extends ServiceCommand {
  private static final Path STANDARD_INPUT = Path.of("-");

  private List<Path> paths = List.of();
  private boolean car;
  private boolean inPlace;
  private @Nullable Size chunk;
  private @Nullable Long cidVersion;
  private @Nullable String name;
  private boolean preserveMode;
  private boolean preserveMtime;

  @Override
  void declare(Arguments arguments) {
    arguments
        .words(1, "PATH", Path.class, value -> paths = value)
        .says("Files or folders; - is standard input.")
        .flag("--car", value -> car = value)
        .says("The files are CARs: take their blocks as they are.")
        .flag("--in-place", value -> inPlace = value)
        .says("Serve the CARs from where they lie, without a copy; only with --car.")
        .option("--chunk=SIZE", Size.class, value -> chunk = value)
        .says("Size of chunks; default 256KiB.")
        .option("--cid-version=N", Long.class, value -> cidVersion = value)
        .says("Version of the CIDs: 1, the default, or 0, with leaves that are not raw.")
        .option("--name=N", String.class, value -> name = value)
        .says("What to list it as; default the name of the file. For one PATH.")
        .flag("--preserve-mode", value -> preserveMode = value)
        .says("Keep permissions, in blocks that have room for them: the CID is another.")
        .flag("--preserve-mtime", value -> preserveMtime = value)
        .says("Keep the times of the last change, in the same way.");
  }

  @Override
  void run(NodeService service, Output output) throws Exception {
    List<Reports.ImportReport> items = new ArrayList<>();
    if (paths.equals(List.of(STANDARD_INPUT))) {
      if (preserveMode || preserveMtime) {
        throw new ServiceException(
            ErrorCode.USAGE, "standard input has neither permissions nor a time to keep");
      }
      Path kept = Files.createTempFile("sluice-in", null);
      try {
        Files.copy(surroundings().in(), kept, StandardCopyOption.REPLACE_EXISTING);
        String known = name == null ? "standard input" : name;
        for (Reports.ImportReport item : imported(service, List.of(kept.toString()), known)) {
          items.add(item.of(STANDARD_INPUT.toString()));
        }
      } finally {
        Files.delete(kept);
      }
    } else if (paths.contains(STANDARD_INPUT)) {
      throw new ServiceException(
          ErrorCode.USAGE, "- is standard input and stands alone; a file of that name is ./-");
    } else {
      items.addAll(imported(service, paths.stream().map(this::absolute).toList(), name));
    }
    List<String> lines = new ArrayList<>();
    List<String> hints = new ArrayList<>();
    for (Reports.ImportReport item : items) {
      lines.add(
          "%s  %s  %s  %s"
              .formatted(
                  item.cid(),
                  Quantities.show(item.size()),
                  Quantities.count(item.blocks(), "block"),
                  item.path()));
      if (!item.complete()) {
        hints.add(
            "incomplete: %s, so %s is not offered; import what is missing as well"
                .formatted(
                    item.blocks() == 0 ? "the root itself is missing" : "blocks are missing",
                    item.cid()));
      } else if (!item.offered()) {
        hints.add(
            "not offered: it has no price; 'sluice ask set --cid %s --price-per-mib N' sets one, 0 gives it away"
                .formatted(item.cid()));
      }
    }
    output.object(Map.of("items", items), lines);
    output.aside(hints);
  }

  private List<Reports.ImportReport> imported(
      NodeService service, List<String> files, @Nullable String known) throws ServiceException {
    return service.importContent(
        new Requests.ImportRequest(
            files,
            car,
            inPlace,
            Optional.ofNullable(chunk).map(Size::bytes),
            Optional.ofNullable(cidVersion),
            Optional.ofNullable(known),
            preserveMode,
            preserveMtime));
  }
}
