package io.sluice.cli.bench;

import io.sluice.cli.stage.Stage;
import io.sluice.node.home.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a running node held at a moment.
 *
 * @param role provider or client
 * @param deals how many had been done by then
 * @param heapBytes objects on its heap after its last garbage collection
 * @param threads of the operating system
 * @param handles open files and sockets
 * @param residentBytes memory in all
 * @param cpuSeconds processor time since its start
 * @param records that its journal made durable since its start
 * @param syncs that its journal did for that
 */
record NodeState(
    String role,
    int deals,
    Optional<Long> heapBytes,
    Optional<Long> threads,
    Optional<Long> handles,
    Optional<Long> residentBytes,
    Optional<Double> cpuSeconds,
    Optional<Long> records,
    Optional<Long> syncs) {
  static NodeState of(String role, int deals, Home home, Stage.Node node) throws Exception {
    long pid = node.process().pid();
    return new NodeState(
        role,
        deals,
        metric(home, NodeMetric.HEAP_BYTES),
        ProcessUse.status(pid, "Threads"),
        handles(pid),
        ProcessUse.status(pid, "VmRSS").map(kib -> kib << 10),
        ProcessUse.of(pid).cpuSeconds(),
        metric(home, NodeMetric.JOURNAL_RECORDS),
        metric(home, NodeMetric.JOURNAL_SYNCS));
  }

  private static Optional<Long> metric(Home home, String name) throws Exception {
    return NodeMetric.read(home, name).map(Double::longValue);
  }

  private static Optional<Long> handles(long pid) {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return Optional.of(open.count());
    } catch (IOException e) {
      return Optional.empty(); // another system
    }
  }
}
