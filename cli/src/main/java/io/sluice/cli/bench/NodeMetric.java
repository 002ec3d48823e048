package io.sluice.cli.bench;

import io.sluice.node.home.Home;
import io.sluice.node.http.AdminFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;

/** A figure without labels that a running node shows of itself. */
final class NodeMetric {
  static final String HEAP_BYTES = "sluice_heap_bytes";
  static final String GATE_WAITS_SECONDS = "sluice_gate_waits_seconds_total";
  static final String JOURNAL_RECORDS = "sluice_journal_records_total";
  static final String JOURNAL_SYNCS = "sluice_journal_syncs_total";
  static final String JOURNAL_BYTES = "sluice_journal_bytes_total";

  private NodeMetric() {}

  /** The figure now; nothing if no node runs in that home, or it does not show it. */
  static Optional<Double> read(Home home, String name) throws Exception {
    Optional<AdminFile> node = AdminFile.read(home.run());
    if (node.isEmpty()) {
      return Optional.empty();
    }
    String sample = name + " ";
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(node.get().url() + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith(sample))
          .map(line -> Double.parseDouble(line.substring(sample.length())))
          .findFirst();
    }
  }
}
