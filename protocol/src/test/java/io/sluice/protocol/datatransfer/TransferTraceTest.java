package io.sluice.protocol.datatransfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.Trace;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TransferTraceTest {

  @TestFactory
  Stream<DynamicTest> everyMessageIsReadAndWrittenTheSameAgain() {
    return Trace.NAMES.stream()
        .filter(name -> !name.startsWith("graphsync"))
        .map(name -> DynamicTest.dynamicTest(name, () -> readAndWrite(name)));
  }

  private static void readAndWrite(String name) {
    int messages = 0;
    for (Trace.Written stream : Trace.read(name)) {
      if (stream.protocol().equals(TransferNetwork.PROTOCOL) && !isCut(name, stream)) {
        TransferMessage message = TransferCodec.decode(stream.bytes().duplicate());
        byte[] recorded = new byte[stream.bytes().remaining()];
        stream.bytes().duplicate().get(recorded);
        assertArrayEquals(recorded, TransferCodec.encode(message));
        messages++;
      }
    }
    for (String side : List.of("initiator", "responder")) {
      for (GraphsyncMessage message : Trace.messages(name, side)) {
        messages += sameAgain(message);
      }
    }
    assertTrue(messages > 0);
  }

  /** The recorder of lassie's conversations saw what the provider read, which often ends early. */
  private static boolean isCut(String name, Trace.Written stream) {
    return name.startsWith("lassie")
        && stream.from().equals("initiator")
        && stream.bytes().remaining() < 110;
  }

  private static int sameAgain(GraphsyncMessage message) {
    List<Map<String, Node>> all = new ArrayList<>();
    message.requests().forEach(each -> all.add(each.extensions()));
    message.responses().forEach(each -> all.add(each.extensions()));
    int count = 0;
    for (Map<String, Node> extensions : all) {
      for (Map.Entry<String, Node> entry : extensions.entrySet()) {
        if (entry.getKey().startsWith("fil/data-transfer")) {
          TransferMessage said = TransferCodec.fromNode(entry.getValue());
          assertArrayEquals(DagCbor.encode(entry.getValue()), TransferCodec.encode(said));
          count++;
        }
      }
    }
    return count;
  }

  @Test
  void givenThePaidPull_whenRead_thenTheEventsOfItsInitiatorFollow() {
    List<TransferEvent> events = new ArrayList<>();
    for (GraphsyncMessage message : Trace.messages("pull-paid", "responder")) {
      message
          .responses()
          .forEach(
              response ->
                  TransferExtensions.read(response.extensions())
                      .forEach(said -> events.addAll(TransferEvent.of((TransferResponse) said))));
    }

    // Acceptance and pause may share a response or not; what they mean does not change.
    assertEquals(
        List.of(
            TransferEvent.NEW_VOUCHER_RESULT,
            TransferEvent.ACCEPT,
            TransferEvent.RESUME_RESPONDER,
            TransferEvent.PAUSE_RESPONDER,
            TransferEvent.NEW_VOUCHER_RESULT,
            TransferEvent.RESUME_RESPONDER),
        events);
  }

  @Test
  void givenRestartAskedByTheResponder_whenRead_thenTheChannelIsNamed() {
    ByteBuffer asked =
        Trace.read("pull-restart-responder").stream()
            .filter(stream -> stream.protocol().equals(TransferNetwork.PROTOCOL))
            .filter(stream -> stream.from().equals("responder"))
            .findFirst()
            .orElseThrow()
            .bytes();

    TransferRequest request = (TransferRequest) TransferCodec.decode(asked.duplicate());

    assertEquals(MessageType.RESTART_EXISTING, request.type());
    assertEquals(0, request.transfer());
    assertTrue(request.restart().orElseThrow().transfer() != 0);
  }
}
