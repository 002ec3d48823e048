package io.sluice.protocol.graphsync.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

public class MessageVectorsTest {

  private static final Map<String, Object> VECTORS =
      TestJson.read(MessageVectorsTest.class, "/io/sluice/protocol/graphsync/messages.json");

  @TestFactory
  Stream<DynamicTest> version2() {
    return frames("v2_dag_cbor", WireVersion.V2);
  }

  @TestFactory
  Stream<DynamicTest> version1() {
    return frames("v1_protobuf", WireVersion.V1);
  }

  private static Stream<DynamicTest> frames(String section, WireVersion version) {
    return TestJson.map(VECTORS.get(section)).entrySet().stream()
        .filter(entry -> !entry.getKey().equals("metadata-payload"))
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(), () -> sameAgain(version, TestJson.hex(entry.getValue()))));
  }

  /** Decodes a frame and encodes it to the same bytes. */
  public static GraphsyncMessage sameAgain(WireVersion version, byte[] frame) {
    ByteBuffer in = ByteBuffer.wrap(frame);
    assertEquals(Varint.read(in), in.remaining());
    RequestNumbers numbers = new SameNumbers();
    GraphsyncMessage message = version.decode(in, numbers);
    assertArrayEquals(frame, framed(version.encode(message, numbers)));
    return message;
  }

  public static byte[] framed(List<ByteBuffer> parts) {
    int size = parts.stream().mapToInt(ByteBuffer::remaining).sum();
    ByteBuffer out = ByteBuffer.allocate(size + Varint.size(size));
    Varint.write(out, size);
    parts.forEach(part -> out.put(part.duplicate()));
    return out.array();
  }

  /**
   * Gives the numbers back that came in, so that frames of both directions can be written again.
   */
  static final class SameNumbers extends RequestNumbers {
    @Override
    synchronized int numberOf(RequestId id) {
      return id.number();
    }
  }

  @Test
  void givenRequest_whenDecoded_thenFieldsAreThere() {
    GraphsyncMessage message = sameAgain(WireVersion.V2, TestJson.hex(v2("request-new-priority")));

    GsRequest request = message.requests().getFirst();
    assertEquals("00112233-4455-4677-8899-aabbccddeeff", request.id().toString());
    assertEquals(RequestKind.NEW, request.kind());
    assertEquals(7, request.priority());
    assertEquals(
        Cid.parse("bafyreicuk6ittr7x35huexnvapugxx2vaytzmvzsj7uobhi7vjglobes7u"),
        request.root().orElseThrow());
  }

  @Test
  void givenBlocks_whenHashed_thenTheirCidsAreThoseOfTheMetadata() {
    GraphsyncMessage message = sameAgain(WireVersion.V2, TestJson.hex(v2("response-complete")));

    assertEquals(2, message.blocks().size());
    for (GsBlock block : message.blocks()) {
      Cid cid = block.cid();
      assertEquals(
          true,
          message.responses().getFirst().metadata().stream()
              .anyMatch(entry -> entry.link().equals(cid)));
    }
  }

  /** The published example of a request, id 1, with what it does not show. */
  @Test
  void givenVersion1_thenPriorityAndUpdatesAreWrittenAsSpecified() {
    String root = "0171122054579139c7f7df4f425db503e86bdf5506279657324fe8e09d1faa4cb70492fd";
    String asking =
        "0801" + "1224" + root + "1a1aa16152a2616ca1646e6f6e65a0623a3ea16161a1613ea16140a0";

    GsRequest urgent = version1("48" + "1246" + asking + "2807");
    assertEquals(RequestKind.NEW, urgent.kind());
    assertEquals(7, urgent.priority());
    assertEquals(-1, version1("51" + "124f" + asking + "28ffffffffffffffffff01").priority());

    GsRequest update = version1("11" + "120f" + "0801" + "22090a03742f7812026161" + "3801");
    assertEquals(RequestKind.UPDATE, update.kind());
    assertEquals(Map.of("t/x", Node.of("a")), update.extensions());
  }

  private static GsRequest version1(String frame) {
    return sameAgain(WireVersion.V1, TestJson.hex(frame)).requests().getFirst();
  }

  @Test
  void givenAnyPrefixOfAFrame_whenDecoded_thenTypedError() {
    for (String section : List.of("v2_dag_cbor", "v1_protobuf")) {
      WireVersion version = section.startsWith("v2") ? WireVersion.V2 : WireVersion.V1;
      for (Map.Entry<String, Object> entry : TestJson.map(VECTORS.get(section)).entrySet()) {
        ByteBuffer frame = ByteBuffer.wrap(TestJson.hex(entry.getValue()));
        Varint.read(frame);
        if (entry.getKey().equals("metadata-payload")) {
          continue;
        }
        for (int length = 0; length < frame.remaining(); length++) {
          ByteBuffer cut = frame.slice(frame.position(), length);
          if (version == WireVersion.V2) {
            assertThrows(ProtocolException.class, () -> version.decode(cut, new RequestNumbers()));
          } else {
            decodeOrRefuse(version, cut);
          }
        }
      }
    }
  }

  @Test
  void givenFlippedBytes_whenDecoded_thenAValueOrATypedError() {
    long seed = Long.getLong("sluice.seed", 20261121L);
    Random random = new Random(seed);
    for (String section : List.of("v2_dag_cbor", "v1_protobuf")) {
      WireVersion version = section.startsWith("v2") ? WireVersion.V2 : WireVersion.V1;
      for (Object value : TestJson.map(VECTORS.get(section)).values()) {
        for (int round = 0; round < 300; round++) {
          ByteBuffer frame = ByteBuffer.wrap(TestJson.hex(value));
          Varint.read(frame);
          for (int flips = random.nextInt(4); flips >= 0; flips--) {
            int at = frame.position() + random.nextInt(frame.remaining());
            frame.put(at, (byte) random.nextInt());
          }
          try {
            decodeOrRefuse(version, frame);
          } catch (RuntimeException e) {
            fail("seed " + seed, e);
          }
        }
      }
    }
  }

  private static void decodeOrRefuse(WireVersion version, ByteBuffer frame) {
    try {
      version.decode(frame, new RequestNumbers());
    } catch (ProtocolException refused) {
      // What a decoder may say of bytes that are no message.
    }
  }

  @Test
  void givenUnknownKey_whenDecoded_thenRefused() {
    byte[] frame = TestJson.hex("a163677332a163666f6f80");

    assertThrows(ProtocolException.class, () -> CborMessages.decode(ByteBuffer.wrap(frame)));
  }

  private static Object v2(String name) {
    Object frame = TestJson.map(VECTORS.get("v2_dag_cbor")).get(name);
    if (frame == null) {
      throw new IllegalArgumentException(
          name + " of " + TestJson.map(VECTORS.get("v2_dag_cbor")).keySet());
    }
    return frame;
  }
}
