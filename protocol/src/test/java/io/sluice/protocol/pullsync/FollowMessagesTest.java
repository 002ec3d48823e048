package io.sluice.protocol.pullsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FollowMessagesTest {
  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.0.2.1/tcp/4150");
  private static final FollowRequest REQUEST =
      FollowRequest.begin(Lane.EVERYTHING, "room", List.of(ADDRESS));

  @Test
  void givenRequest_thenItsBytes_andBack() {
    assertEquals(
        "0a012a1204726f6f6d1a172f6970342f3139322e302e322e312f7463702f34313530",
        HexFormat.of().formatHex(REQUEST.encode()));
    assertEquals(REQUEST, FollowRequest.decode(ByteBuffer.wrap(REQUEST.encode())));
    FollowRequest stop = FollowRequest.stop(Lane.EVERYTHING);
    assertEquals("0a012a12002001", HexFormat.of().formatHex(stop.encode()));
    assertEquals(stop, FollowRequest.decode(ByteBuffer.wrap(stop.encode())));
  }

  @Test
  void givenAnswers_thenTheirBytes_andBack() {
    assertEquals("0801", HexFormat.of().formatHex(FollowAnswer.YES.encode()).substring(0, 4));
    assertEquals(FollowAnswer.YES, FollowAnswer.decode(ByteBuffer.wrap(FollowAnswer.YES.encode())));
    FollowAnswer no = new FollowAnswer("not you");
    assertEquals(no, FollowAnswer.decode(ByteBuffer.wrap(no.encode())));
    assertFalse(
        FollowAnswer.decode(ByteBuffer.allocate(0)).refusal().isEmpty(), "nothing is no yes");
    assertEquals(1024, new FollowAnswer("x".repeat(5000)).refusal().length());
  }

  @Test
  void givenTooMuch_thenRefused() {
    assertThrows(
        ProtocolException.class,
        () -> FollowRequest.begin(Lane.EVERYTHING, "x".repeat(65), List.of()));
    assertThrows(
        ProtocolException.class,
        () ->
            FollowRequest.begin(
                Lane.EVERYTHING,
                "x",
                Collections.nCopies(FollowRequest.MOST_ADDRESSES + 1, ADDRESS)));
  }

  @Test
  void givenBrokenBytes_thenAValueOrATypedError() {
    Random random = new Random(5);
    byte[] whole = REQUEST.encode();
    for (int i = 0; i < 3000; i++) {
      byte[] broken = whole.clone();
      broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      int length = random.nextInt(broken.length + 1);
      try {
        FollowRequest read = FollowRequest.decode(ByteBuffer.wrap(broken, 0, length));
        assertEquals(read, FollowRequest.decode(ByteBuffer.wrap(read.encode())));
      } catch (ProtocolException refused) {
        assertFalse(refused.getMessage().isEmpty());
      }
    }
  }
}
