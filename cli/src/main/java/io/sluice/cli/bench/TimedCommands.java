package io.sluice.cli.bench;

import io.sluice.cli.stage.Stage;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands that were run at once, from the first Enter to the last exit.
 *
 * @param clients what the commands used, and the nodes that did the work for them
 * @param carried bytes on the wire meanwhile, if somebody counts them, else 0
 * @param printed the last line of each
 */
record TimedCommands(
    long nanos, ProcessUse clients, ProcessUse provider, long carried, List<String> printed) {
  /** Reads what a command says of what arrived. */
  interface Reader {
    Arrival read(String printed) throws IOException;
  }

  /**
   * Runs them.
   *
   * @param nodes the processes of nodes that do the commands' work, if those only ask
   */
  static TimedCommands run(
      Stage stage, List<Stage.Command> commands, List<Long> nodes, Peer provider) throws Exception {
    long carried = provider.carried();
    ProcessUse providerBefore = ProcessUse.of(provider.pid());
    List<ProcessUse> nodesBefore = nodes.stream().map(ProcessUse::of).toList();
    ProcessUse before = ProcessUse.ofEndedChildren();

    long began = Ticker.SYSTEM.nanos();
    List<Stage.Started> started = new ArrayList<>();
    for (Stage.Command command : commands) {
      started.add(stage.start(command));
    }
    PeakWatch peak = new PeakWatch(started.stream().map(Stage.Started::process).toList());
    List<String> printed = new ArrayList<>();
    for (Stage.Started command : started) {
      printed.add(command.finish().lines().reduce("", (early, late) -> late));
    }
    long nanos = Ticker.SYSTEM.nanos() - began;

    ProcessUse clients = ProcessUse.ofEndedChildren().since(before);
    clients = new ProcessUse(clients.cpuSeconds(), peak.bytes());
    for (int i = 0; i < nodes.size(); i++) {
      clients = clients.and(ProcessUse.of(nodes.get(i)).since(nodesBefore.get(i)));
    }
    return new TimedCommands(
        nanos,
        clients,
        ProcessUse.of(provider.pid()).since(providerBefore),
        provider.carried() - carried,
        printed);
  }

  /** What is known of them, for so many bytes in all. */
  Figures figures(long bytes, Reader reader) throws IOException {
    Figures figures = Figures.of(bytes, nanos).withProcesses(bytes, clients, provider);
    if (carried > 0) {
      figures.with(Figure.WIRE, (double) carried / bytes);
    }
    List<Arrival> arrivals = new ArrayList<>();
    for (String line : printed) {
      arrivals.add(reader.read(line));
    }
    return figures.withArrival(bytes, Arrival.ofAll(arrivals));
  }
}
