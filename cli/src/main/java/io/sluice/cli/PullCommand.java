package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.ProgressBar;
import io.sluice.node.api.Faults;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.OutputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code sluice pull}: fetches content from a node that speaks dsync. */
final class PullCommand extends NodeCommand {
  private String target = "";
  private String from = "";
  private final SharedOptions.ContentOut to = new SharedOptions.ContentOut();
  private final SharedOptions.BySync bySync = new SharedOptions.BySync();

  @Override
  void declare(Arguments arguments) {
    arguments
        .word("CID", String.class, value -> target = value)
        .says("What to fetch, all that lies beneath it.")
        .needed("--from=ADDR", String.class, value -> from = value)
        .says(
            "Who has it and speaks dsync: an http or https URL, a multiaddr with a peer id, or the"
                + " id alone of a known peer.")
        .option("-o,--out=OUT", Path.class, value -> to.out = value)
        .says("Write it there as well; - is standard output. Default: it is kept in the home.")
        .flag("--car", value -> to.car = value)
        .says("Write a CAR.")
        .flag("--force", value -> to.force = value)
        .says("Replace the file if it is there.");
    bySync.declare(arguments);
  }

  @Override
  void run(Output output) throws Exception {
    Requests.SyncRequest request = bySync.request(this, target, from, false);
    Optional<OutFile> file =
        to.out == null ? Optional.empty() : Optional.of(OutFile.of(this, to, target, to.car));
    if (file.isPresent() && !file.get().isStream()) {
      check(Path.of(file.get().written()));
    }
    try (NodeService service = service();
        ProgressBar bar = progressBar()) {
      Reports.SyncReport pulled = service.pullDag(request, bar::show);
      bar.end();
      List<String> lines = SharedOptions.BySync.lines(pulled);
      if (file.isPresent()) {
        file.get().report(output, pulled, lines, write(service, file.get()));
      } else {
        output.object(pulled, lines);
      }
    }
  }

  /** Before anything is fetched for it. */
  private void check(Path out) throws ServiceException {
    try {
      OutputFile.check(out, to.force);
    } catch (IOException e) {
      throw Faults.of(e, "nothing was fetched");
    }
  }

  private List<String> write(NodeService service, OutFile file) throws ServiceException {
    Requests.ExportRequest export =
        new Requests.ExportRequest(target, file.written(), to.car, to.force);
    Reports.ExportReport written =
        file.isStream()
            ? service.streamContent(export, file.stream())
            : service.exportContent(export);
    return written.leftOut();
  }
}
