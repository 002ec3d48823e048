package io.sluice.fsm.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.EventType;
import io.sluice.fsm.replay.DealScenario;
import io.sluice.fsm.transfer.TransferInput.ErrorText;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Feeds the events that Go peers reported, and passes through the statuses that they passed
 * through. Source: {@code src/test/resources/traces/NOTICE.md}.
 */
class RecordedTransfersTest {

  private static final Path TRACES =
      Path.of("src", "test", "resources", "traces", "data-transfer-v2");

  static Stream<Path> traces() throws IOException {
    try (Stream<Path> files = Files.list(TRACES)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("traces")
  void initiatorPassesThroughTheRecordedStatuses(Path trace) throws IOException {
    follow(trace, "initiator");
  }

  @ParameterizedTest
  @MethodSource("traces")
  void responderPassesThroughTheRecordedStatuses(Path trace) throws IOException {
    follow(trace, "responder");
  }

  private static void follow(Path trace, String side) throws IOException {
    List<Node> events = events(trace, side);
    if (events.isEmpty()) {
      assertEquals("pull-rejected.jsonl responder", trace.getFileName() + " " + side);
      return;
    }
    boolean pull = trace.getFileName().toString().startsWith("pull");
    var scenario =
        DealScenario.of(TransferTable.TABLE, Channels.opened(side.equals("initiator"), pull));
    assertEquals("Open", events.getFirst().get("event").asText());
    for (Node event : events.subList(1, events.size())) {
      on(scenario, kind(event), event);
    }
    scenario.ended().replays();

    Node last = events.getLast();
    TransferChannel channel = scenario.data();
    assertEquals(last.get("queued").asLong(), channel.queued().bytes());
    assertEquals(last.get("sent").asLong(), channel.sent().bytes());
    assertEquals(last.get("received").asLong(), channel.received().bytes());
    assertEquals(last.get("dataLimit").asLong(), channel.dataLimit());
    assertEquals(last.get("requiresFinalization").asBoolean(), channel.requiresFinalization());
    assertEquals(last.find("message").map(Node::asText).orElse(""), channel.message());
  }

  private static <X extends TransferInput> void on(
      DealScenario<TransferStatus, TransferChannel, TransferInput> scenario,
      EventType<X> kind,
      Node event) {
    scenario.on(kind, kind.cast(input(event)), status(event));
  }

  private static List<Node> events(Path trace, String side) throws IOException {
    return Files.readAllLines(trace).stream()
        .map(DagJson::decode)
        .filter(line -> line.get("kind").asText().equals("event"))
        .filter(line -> line.get("side").asText().equals(side))
        .toList();
  }

  /** The recorded name in our spelling; bytes and blocks are one event here. */
  private static EventType<? extends TransferInput> kind(Node event) {
    String name = event.get("event").asText().replaceFirst("^(Data.*)Progress$", "$1");
    return TransferTable.TABLE.event(
        name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
  }

  private static TransferStatus status(Node event) {
    String published = event.get("status").asText();
    return Stream.of(TransferStatus.values())
        .filter(status -> status.published().equals(published))
        .findAny()
        .orElseThrow();
  }

  private static TransferInput input(Node event) {
    return switch (kind(event).name()) {
      case "DATA_QUEUED" -> new Totals(event.get("queued").asLong(), 0);
      case "DATA_SENT" -> new Totals(event.get("sent").asLong(), 0);
      case "DATA_RECEIVED" ->
          new Totals(event.get("received").asLong(), event.get("receivedCids").asLong());
      case "SET_DATA_LIMIT" -> new TransferInput.DataLimit(event.get("dataLimit").asLong());
      case "SET_REQUIRES_FINALIZATION" ->
          new TransferInput.RequiresFinalization(event.get("requiresFinalization").asBoolean());
      case "NEW_VOUCHER", "NEW_VOUCHER_RESULT" ->
          new TransferInput.TransferVoucher(new TypedVoucher("recorded", Node.ofNull()));
      case "ERROR", "RECEIVE_DATA_ERROR", "REQUEST_CANCELLED" ->
          new ErrorText(event.find("message").map(Node::asText).orElse(""));
      default -> TransferInput.none();
    };
  }
}
