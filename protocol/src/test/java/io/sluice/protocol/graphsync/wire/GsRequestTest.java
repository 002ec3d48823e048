package io.sluice.protocol.graphsync.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GsRequestTest {
  @Test
  void givenRequestOfAFrame_whenDetached_thenTheFrameMayGo() {
    Node.Map nested =
        Node.map()
            .put("later", Node.list(Node.of(new byte[] {1, 2}), Node.ofNull()))
            .put("a", Node.map().put("z", new byte[] {3}).put("b", true).build())
            .build();
    GsRequest sent =
        GsRequest.asking(
            new RequestId(1, 2),
            Cid.sha2_256(0x55, ByteBuffer.allocate(1)),
            nested,
            7,
            Map.of("ext", nested));
    GraphsyncMessage message = new GraphsyncMessage(List.of(sent), List.of(), List.of());
    byte[] framed = MessageVectorsTest.framed(CborMessages.encode(message));
    byte[] frame = Arrays.copyOfRange(framed, 2, framed.length); // behind the length
    GsRequest read = CborMessages.decode(ByteBuffer.wrap(frame)).requests().getFirst();

    GsRequest detached = read.detached();

    assertEquals(read, detached);
    GsRequest before = read.detached();
    Arrays.fill(frame, (byte) 0);
    assertNotEquals(before, read);
    assertEquals(before, detached);
  }
}
