package io.sluice.fsm.transfer;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.EventType;
import io.sluice.fsm.Row;
import io.sluice.fsm.transfer.TransferInput.ErrorText;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The square of statuses and events, each cell compared with what go-data-transfer's own machine
 * makes of it, in two generations. Where the table departs from that, the cell is in a list of its
 * own, with what it is here and why. Source: {@code src/test/resources/squares/NOTICE.md}.
 */
class TransferSquareTest {
  private static final Path SQUARES = Path.of("src", "test", "resources", "squares");
  private static final String SECOND = "2.0.0";
  private static final String FIRST = "1.15.2";
  private static final String BEFORE = "before";

  /** Why a cell may be another than that of go-data-transfer. */
  private enum Why {
    /** Progress arrives in batches, as totals, and late: it is taken in every live status. */
    PROGRESS,
    /** Only the end of the cleanup leads out of a cleanup status, and why it ends stays. */
    ENDING,
    /** Pauses are flags that either end may set while the channel lives; no status changes them. */
    PAUSE_IS_A_FLAG,
    /** Messages of the responder that overtook each other, or came twice, do not lead back. */
    OVERTAKEN,
    /** What only the one role raises changes no status that only the other role has. */
    OTHER_ROLE,
    /** A restart begins the transport anew wherever the channel is. */
    BEGUN_AGAIN,
    /** There is nothing to clean up; go-data-transfer does nothing either. */
    NOTHING_TO_CLEAN,
    /** It has the name and no rule; here it is trouble as the others are. */
    UNRAISED,
    /** Version 2 of go-data-transfer changed it, and the table has that. */
    SECOND_VERSION
  }

  private record Place(String status, String event) {}

  /**
   * What becomes of an event.
   *
   * @param after the status then
   * @param refused whether the event was not taken
   * @param cleansUp whether what belongs to the channel is released now
   */
  private record Cell(
      TransferStatus after,
      boolean refused,
      boolean initiatorPaused,
      boolean responderPaused,
      String message,
      boolean cleansUp) {}

  private static List<Node> lines(String file) throws IOException {
    return Files.readAllLines(SQUARES.resolve(file)).stream().map(DagJson::decode).toList();
  }

  private static Place place(Node line) {
    return new Place(line.get("status").asText(), line.get("event").asText());
  }

  private static boolean flag(Node line, String name) {
    return line.find(name).map(Node::asBoolean).orElse(false);
  }

  /** As written down, but that the first version's statuses of pauses are flags. */
  private static Cell cell(Node line) {
    String after = line.get("after").asText();
    return new Cell(
        status(after),
        line.find("refused").isPresent(),
        flag(line, "initiatorPaused") || isPaused(after, "Initiator"),
        flag(line, "responderPaused") || isPaused(after, "Responder"),
        line.find("message").map(Node::asText).orElse(BEFORE),
        flag(line, "cleansUp"));
  }

  private static boolean isPaused(String status, String end) {
    return status.equals(end + "Paused") || status.equals("BothPaused");
  }

  private static TransferStatus status(String published) {
    return published.endsWith("Paused")
        ? TransferStatus.ONGOING
        : Stream.of(TransferStatus.values())
            .filter(status -> status.published().equals(published))
            .findAny()
            .orElseThrow();
  }

  /** Our event of that name; bytes and blocks are one event here. */
  private static Optional<EventType<?>> event(String published) {
    String name =
        published
            .replaceFirst("^(Data.*)Progress$", "$1")
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toUpperCase(Locale.ROOT);
    for (EventType<?> event : TransferTable.TABLE.events()) {
      if (event.name().equals(name)) {
        return Optional.of(event);
      }
    }
    return Optional.empty();
  }

  /** A status of the version that this machine can be in. */
  private static boolean isOurs(String version, String status) {
    boolean neverStored = status.equals("ChannelNotFoundError");
    return !neverStored && !(version.equals(SECOND) && status.endsWith("Paused"));
  }

  private static Cell ours(String version, Place place, EventType<?> event) {
    boolean goesOn = version.equals(SECOND) && place.event().startsWith("Resume");
    TransferChannel before = Channels.opened(true, true).troubled(new ErrorText(BEFORE));
    if (goesOn || isPaused(place.status(), "Initiator")) {
      before = before.initiatorPaused(TransferInput.none());
    }
    if (goesOn || isPaused(place.status(), "Responder")) {
      before = before.responderPaused(TransferInput.none());
    }
    TransferStatus status = status(place.status());
    Optional<Row<TransferStatus, TransferChannel>> row = TransferTable.TABLE.row(status, event);
    if (row.isEmpty()) {
      return cell(status, true, before, false);
    }
    TransferChannel after = row.get().recorder().record(before, input(event));
    TransferStatus to = row.get().to();
    boolean cleansUp = row.get().runsStep() && TransferTable.CLEANUP.contains(to);
    return cell(to, false, after, cleansUp);
  }

  private static Cell cell(
      TransferStatus status, boolean refused, TransferChannel channel, boolean cleansUp) {
    return new Cell(
        status,
        refused,
        channel.initiatorPaused(),
        channel.responderPaused(),
        channel.message(),
        cleansUp);
  }

  private static TransferInput input(EventType<?> event) {
    return switch (event.name()) {
      case "DATA_QUEUED", "DATA_SENT", "DATA_RECEIVED" -> new Totals(1, 1);
      case "SET_DATA_LIMIT" -> new TransferInput.DataLimit(1);
      case "SET_REQUIRES_FINALIZATION" -> new TransferInput.RequiresFinalization(true);
      case "NEW_VOUCHER", "NEW_VOUCHER_RESULT" ->
          new TransferInput.TransferVoucher(new TypedVoucher("Any/1", Node.ofNull()));
      case "ERROR",
          "DISCONNECTED",
          "SEND_DATA_ERROR",
          "RECEIVE_DATA_ERROR",
          "SEND_MESSAGE_ERROR",
          "REQUEST_CANCELLED" ->
          new ErrorText("trouble");
      default -> TransferInput.none();
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {FIRST, SECOND})
  void eachCellIsGosOrADepartureThatHasAReason(String version) throws IOException {
    Map<Place, Cell> departures = new HashMap<>();
    for (Node line : lines("departures-" + version + ".jsonl")) {
      Why.valueOf(line.get("why").asText());
      assertNull(departures.put(place(line), cell(line)), () -> "twice: " + place(line));
    }
    List<Executable> cells = new ArrayList<>();
    for (Node line : lines("go-data-transfer-" + version + ".jsonl")) {
      Place place = place(line);
      Optional<EventType<?>> event = event(place.event());
      if (event.isEmpty() || !isOurs(version, place.status())) {
        continue;
      }
      Cell departure = departures.remove(place);
      if (departure != null) {
        assertNotEquals(cell(line), departure, () -> place + " is no departure");
      }
      Cell expected = departure == null ? cell(line) : departure;
      cells.add(() -> assertEquals(expected, ours(version, place, event.get()), place::toString));
    }
    assertAll(cells);
    assertEquals(Set.of(), departures.keySet());
  }

  /** So that no cell is only the table's: the squares have every status and event that it has. */
  @Test
  void theSquareOfTheSecondVersionIsWhole() throws IOException {
    Set<Place> written = new HashSet<>();
    Set<String> otherEvents = new HashSet<>();
    for (Node line : lines("go-data-transfer-" + SECOND + ".jsonl")) {
      Place place = place(line);
      event(place.event())
          .ifPresentOrElse(
              event -> written.add(new Place(place.status(), event.name())),
              () -> otherEvents.add(place.event()));
    }
    for (TransferStatus status : TransferStatus.values()) {
      for (EventType<?> event : TransferTable.TABLE.events()) {
        assertTrue(written.contains(new Place(status.published(), event.name())));
      }
    }
    // The start of our machine, and what is raised no more.
    assertEquals(Set.of("Open", "TransferRequestQueued", "RequestTimedOut"), otherEvents);
  }
}
