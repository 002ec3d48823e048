package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.sluice.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spec: multistream-select 1.0.0. */
class MultistreamTest {
  private static final String LONG = "/" + "x".repeat(300);

  @Test
  void whenEncoded_thenAsPublished() {
    assertArrayEquals(
        IdentityTest.hex("132f6d756c746973747265616d2f312e302e300a036e610a"),
        Multistream.encode(Multistream.HEADER, Multistream.NOT_AVAILABLE));
  }

  @Test
  void givenAnyCut_thenReadWhenWholeAndNotOneByteMore() {
    for (String line : List.of("na", Multistream.HEADER, LONG)) {
      byte[] message = Multistream.encode(line);
      for (int cut = 0; cut < message.length; cut++) {
        ByteBuf prefix = Unpooled.wrappedBuffer(message, 0, cut);
        assertNull(Multistream.tryRead(prefix));
        assertEquals(0, prefix.readerIndex());
      }
      ByteBuf more = Unpooled.wrappedBuffer(message, new byte[] {42});
      assertEquals(line, Multistream.tryRead(more));
      assertEquals(1, more.readableBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "8000", "ffff01", "8108", "026162"})
  void givenLengthOrLineFeedWrong_thenTypedError(String bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(IdentityTest.hex(bytes));

    assertThrows(ProtocolException.class, () -> Multistream.tryRead(in));
  }

  /** What comes behind the negotiation. */
  private static final class Tail extends ChannelInboundHandlerAdapter {
    final List<Byte> seen = new ArrayList<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      while (in.isReadable()) {
        seen.add(in.readByte());
      }
      in.release();
    }
  }

  @Test
  void givenResponder_whenCutAnywhere_thenChoosesAndHandsOnTheRest() {
    byte[] wire =
        concat(Multistream.encode(Multistream.HEADER, "/one", "/two"), new byte[] {1, 2, 3});
    for (int cut = 0; cut <= wire.length; cut++) {
      Tail tail = new Tail();
      EmbeddedChannel channel =
          new EmbeddedChannel(
              new MultistreamHandler(
                  false,
                  List.of("/two", "/three"),
                  (ctx, protocol) -> {
                    assertEquals("/two", protocol);
                    ctx.pipeline().addAfter(ctx.name(), null, tail);
                  }));

      channel.writeInbound(
          Unpooled.copiedBuffer(wire, 0, cut), Unpooled.copiedBuffer(wire, cut, wire.length - cut));

      assertEquals(List.of((byte) 1, (byte) 2, (byte) 3), tail.seen);
      assertArrayEquals(Multistream.encode(Multistream.HEADER, "na", "/two"), written(channel));
      channel.finishAndReleaseAll();
    }
  }

  @Test
  void givenInitiator_whenFirstIsRefused_thenProposesTheNext() {
    List<String> chosen = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new MultistreamHandler(
                true, List.of("/one", "/two"), (ctx, protocol) -> chosen.add(protocol)));

    channel.writeInbound(Unpooled.wrappedBuffer(Multistream.encode(Multistream.HEADER, "na")));
    channel.writeInbound(Unpooled.wrappedBuffer(Multistream.encode("/two")));

    assertEquals(List.of("/two"), chosen);
    assertArrayEquals(Multistream.encode(Multistream.HEADER, "/one", "/two"), written(channel));
  }

  @Test
  void givenEndlessProposals_thenGivenUp() {
    EmbeddedChannel channel =
        new EmbeddedChannel(new MultistreamHandler(false, List.of("/two"), (ctx, protocol) -> {}));
    String[] proposals = new String[100];
    Arrays.fill(proposals, "/one");
    channel.writeInbound(Unpooled.wrappedBuffer(Multistream.encode(Multistream.HEADER)));

    assertThrows(
        DecoderException.class,
        () -> channel.writeInbound(Unpooled.wrappedBuffer(Multistream.encode(proposals))));
  }

  @Test
  void givenSomethingElse_thenGivenUp() {
    EmbeddedChannel channel =
        new EmbeddedChannel(new MultistreamHandler(false, List.of("/two"), (ctx, protocol) -> {}));
    byte[] http = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    // 'G' is read as a length of 71, so it takes as many bytes to notice
    assertThrows(
        DecoderException.class,
        () -> channel.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOf(http, 72))));
    channel.finishAndReleaseAll();
  }

  private static byte[] written(EmbeddedChannel channel) {
    byte[] all = {};
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      byte[] bytes = new byte[each.readableBytes()];
      each.readBytes(bytes);
      each.release();
      all = concat(all, bytes);
    }
    return all;
  }

  static byte[] concat(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
