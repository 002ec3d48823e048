package io.sluice.protocol.datatransfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TransferVectorsTest {

  private static final Map<String, Object> MESSAGES =
      TestJson.map(
          TestJson.read(TransferVectorsTest.class, "/io/sluice/protocol/datatransfer/messages.json")
              .get("messages"));

  @TestFactory
  Stream<DynamicTest> bothKeyOrdersAreReadAndTheSortedOneIsWritten() {
    return MESSAGES.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(), () -> check(TestJson.map(entry.getValue()))));
  }

  private static void check(Map<String, Object> orders) {
    byte[] sorted = TestJson.hex(orders.get("sorted"));
    TransferMessage message = TransferCodec.decode(ByteBuffer.wrap(sorted));

    assertArrayEquals(sorted, TransferCodec.encode(message));
    if (orders.get("declaration") != null) {
      assertEquals(
          message, TransferCodec.decode(ByteBuffer.wrap(TestJson.hex(orders.get("declaration")))));
    }
  }

  @Test
  void givenMessagesOfTheOldEncoder_whenDecoded_thenRead() {
    List<Object> messages =
        TestJson.list(
            TestJson.read(
                    TransferVectorsTest.class,
                    "/io/sluice/protocol/datatransfer/cbor-gen-messages.json")
                .get("messages"));

    for (Object each : messages.subList(1, messages.size())) {
      TransferMessage message =
          TransferCodec.decode(ByteBuffer.wrap(TestJson.hex(TestJson.map(each).get("hex"))));
      assertEquals(message, TransferCodec.decode(ByteBuffer.wrap(TransferCodec.encode(message))));
    }
  }

  @Test
  void givenRestartExisting_whenDecoded_thenNamesTheChannelByRawPeerIds() {
    byte[] bytes =
        TestJson.hex(TestJson.map(MESSAGES.get("restart-existing-channel-request")).get("sorted"));

    TransferRequest request = (TransferRequest) TransferCodec.decode(ByteBuffer.wrap(bytes));

    assertEquals(MessageType.RESTART_EXISTING, request.type());
    assertEquals(
        "12D3KooWKcc2Vo7Bw9LLe1n1sv3ZxizStMYpgudNym1Aq6emEFVS-12D3KooWLmE3vv2MzDPC1Z2eHzbBuc7R348F8zJKUhLKpZQwvuyT"
            + "-1648684800000000001",
        request.restart().orElseThrow().toString());
  }

  @Test
  void givenAnyPrefix_whenDecoded_thenTypedError() {
    for (Object orders : MESSAGES.values()) {
      byte[] bytes = TestJson.hex(TestJson.map(orders).get("sorted"));
      for (int length = 0; length < bytes.length; length++) {
        ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length).slice();
        assertThrows(ProtocolException.class, () -> TransferCodec.decode(cut));
      }
    }
  }

  @Test
  void givenOneMessageUnderTwoNames_whenRead_thenOnce() {
    TransferResponse response = TransferResponse.update(7, true, true);

    assertEquals(
        List.of(response), TransferExtensions.read(TransferExtensions.blockBound(response)));
    assertEquals(
        List.of(response), TransferExtensions.read(TransferExtensions.answering(response)));
    assertTrue(TransferExtensions.read(Map.of()).isEmpty());
  }
}
