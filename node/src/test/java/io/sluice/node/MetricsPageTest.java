package io.sluice.node;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.DealOutcome;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Requests;
import io.sluice.node.metrics.Metric;
import io.sluice.node.metrics.Metrics;
import io.sluice.node.watch.Concern;
import io.sluice.payments.ledger.LedgerStanding.NodeFault;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.PullsyncError;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of metrics is made from their table, and the table is what a node really shows. */
@Timeout(120)
class MetricsPageTest {
  private static final String NOBODY =
      "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

  private static final Pattern TYPE = Pattern.compile("# TYPE (\\w+) (\\w+)");
  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"[^\"]*\",?");

  @TempDir Path folder;

  @Test
  void committedPageIsThatOfTheCode() throws Exception {
    StringBuilder page =
        new StringBuilder(
            """
            # Metrics

            Generated from the code; do not edit.

            A running node shows these at `/metrics` of its HTTP address (`http` in the [configuration](configuration.md)), in
            Prometheus' text format and without a token; the address is on loopback, and a request has to name it, or
            `localhost`, as its host. Money is in base units, of what channels pay in unless it is said otherwise; `sluice_token_units`
            has symbols and decimals. It is rounded to a double, which is exact up to 2^53 base units and beyond that to one part in
            2^53: exact sums are those of `sluice books`, `sluice wallet ls` and `sluice channels ls` with `--json`.
            [How to watch a node](../how-to/watch-a-node.md) has rules for alerts and a dashboard.

            | kind | meaning |
            |---|---|
            | gauge | as it is now |
            | total of the books | grows; read from the books of the home, and goes on after a restart |
            | total | grows; counted from the node's start on |
            | counter | grows; counted from the node's start on; with labels, it is shown once it has counted |

            | metric | kind | unit | labels | meaning |
            |---|---|---|---|---|
            """);
    for (Metric metric : Metric.values()) {
      page.append(
          "| `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  metric.shownName(),
                  kind(metric.kind()),
                  metric.unit().text(),
                  metric.labels().stream()
                      .map(label -> "`%s`: %s".formatted(label.key(), values(label)))
                      .collect(joining("; ")),
                  metric.meaning()));
    }
    page.append(
        """

        A figure that cannot be read, because the disk or the ledger does not answer, is `NaN`. What is asked of the ledger is asked at
        most once a second, however many read, and is at most a reading old while the ledger takes long.
        """);

    ReferencePages.check("metrics.md", page.toString());
  }

  private static String kind(Metric.MetricKind kind) {
    return switch (kind) {
      case GAUGE -> "gauge";
      case BOOKS -> "total of the books";
      case TOTAL -> "total";
      case COUNTER -> "counter";
    };
  }

  private static String values(Metric.Label label) {
    return switch (label) {
      case ROLE -> codes(Stream.of("client", "provider"));
      case PAID, NEWS, KNOWN -> codes(Stream.of("true", "false"));
      case STATE ->
          "an end or unpaid state of the [client](client-deal-states.md)'s or"
              + " [provider](provider-deal-states.md)'s table, in lower case";
      case REASON -> "an [error code](error-codes.md)";
      case WAITING_FOR ->
          codes(
              Arrays.stream(BlockPermit.values())
                  .filter(pass -> pass != BlockPermit.OPEN)
                  .map(Enum::name));
      case DIRECTION -> codes(Stream.of("in", "out"));
      case SERVED -> "a protocol that the node serves, such as `/ipfs/ping/1.0.0`";
      case TURNED_AWAY -> codes(Stream.of("connection", "stream", "denied", "trimmed"));
      case PULLSYNC_REFUSAL ->
          codes(
              Stream.concat(
                      Arrays.stream(PullsyncError.Code.values()).map(Enum::name),
                      Arrays.stream(Delivery.Status.values())
                          .filter(status -> status != Delivery.Status.OK)
                          .map(Enum::name))
                  .distinct()
                  .map(name -> name.toLowerCase(Locale.ROOT)));
      case DSYNC_END -> codes(Stream.of("completed", "expired"));
      case DSYNC_REFUSAL -> codes(Stream.of("priced", "refused", "retry", "too_large"));
      case PROTOCOL -> codes(Stream.of("ask", "query", "transports"));
      case SYNC -> "the name of a [sync](../how-to/run-a-fleet.md)";
      case CONCERN -> codes(Arrays.stream(Concern.values()).map(Concern::code));
      case TOKEN_USE -> codes(Stream.of("coin", "paid_in"));
      case SYMBOL -> "such as `FIL`";
      case DECIMALS -> "such as `18`";
      case TOKEN -> "`0x…`, all zeros for the ledger's coin";
      case CHANNEL_STATE -> codes(Stream.of("open", "settling"));
      case OPERATION -> codes(MoneyMetrics.OPERATIONS.stream());
      case ENDPOINT -> "its place in `ledger.rpc`, from 1";
      case HOST -> "its host, without what may be secret";
      case RPC_FAULT ->
          codes(Arrays.stream(NodeFault.values()).map(f -> f.name().toLowerCase(Locale.ROOT)));
    };
  }

  private static String codes(Stream<String> values) {
    return values.map("`%s`"::formatted).collect(joining(", "));
  }

  @Test
  void givenEverythingHasHappened_whenMetricsAreRead_thenTheyAreThoseOfTheTable() throws Exception {
    SortedSet<String> shown = new TreeSet<>();
    try (TestNode node = new TestNode(folder).start();
        Metrics counted = new Metrics()) {
      everything(counted);
      WatchedMoney.show(counted); // the ledger of the node here is a file, asked through nobody
      try (NodeService commands = node.commands()) {
        commands.addNeighbour(
            new Requests.NeighbourRequest(
                "room", NOBODY, "everything", false, Optional.empty(), Optional.empty()));
      }

      add(shown, node.metrics());
      add(shown, counted.text());
    }

    assertEquals(
        Arrays.stream(Metric.values())
            .map(
                metric ->
                    form(
                        metric.shownName(),
                        metric.kind() == Metric.MetricKind.GAUGE ? "gauge" : "counter",
                        metric.labels().stream().map(Metric.Label::key)))
            .collect(toCollection(TreeSet::new)),
        shown);
  }

  private static void everything(Metrics metrics) {
    metrics.neighbours().offered(1);
    metrics.neighbours().wanted(1);
    metrics.neighbours().delivered(1);
    metrics.neighbours().refused("gone");
    metrics.pulling().paged("room", 1, 1);
    metrics.pulling().failed("room");
    metrics.sync().ended("completed");
    metrics.sync().refused("priced");
    metrics.sync().info(true);
    metrics.provider().asked("ask");
    metrics.provider().refused("NOT_FOUND");
    metrics.provider().started(true);
    metrics.provider().restarted();
    metrics.provider().ended("COMPLETED");
    metrics.provider().served(1);
    metrics.provider().gateClosed("PAYMENT_NEEDED");
    metrics.provider().waited(Duration.ofMillis(1));
    metrics.provider().voucher(true);
    metrics.provider().earned(EvmAddress.ZERO, TokenAmount.of(1));
    metrics.client().started(true);
    metrics.client().ended(DealOutcome.FAILED, Optional.of(DealCode.PARTIAL));
    metrics.client().refused("LANE_BUSY");
    metrics.client().mended("LANE_BUSY");
    metrics.client().retried();
    metrics.client().received(1);
    metrics.client().paid(EvmAddress.ZERO, TokenAmount.of(1));
  }

  private static void add(SortedSet<String> shown, String text) {
    String type = "";
    for (String line : text.lines().toList()) {
      Matcher head = TYPE.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (head.matches()) {
        type = head.group(2);
      } else if (sample.matches()) {
        String labels = sample.group(2) == null ? "" : sample.group(2);
        shown.add(
            form(
                sample.group(1),
                type,
                LABEL.matcher(labels).results().map(label -> label.group(1))));
      }
    }
  }

  private static String form(String name, String type, Stream<String> labels) {
    return "%s %s %s".formatted(name, type, labels.sorted().toList());
  }
}
