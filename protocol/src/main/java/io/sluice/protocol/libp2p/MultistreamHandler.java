package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.sluice.protocol.ProtocolException;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Agrees with the peer on security or multiplexer of a connection, then makes room for what was
 * chosen. Bytes that came behind the last message go to the handler put in its place.
 */
final class MultistreamHandler extends ByteToMessageDecoder {
  /** What happens with the outcome, on the event loop. */
  interface Chosen {
    /**
     * Puts the handlers of the chosen protocol directly behind {@code ctx}, which leaves
     * afterwards.
     */
    void install(ChannelHandlerContext ctx, String protocol);
  }

  private final boolean initiator;
  private final List<String> supported;
  private final ArrayDeque<String> untried;
  private final Chosen chosen;
  private boolean headerSeen;
  private int proposals;

  MultistreamHandler(boolean initiator, List<String> supported, Chosen chosen) {
    this.initiator = initiator;
    this.supported = supported;
    this.untried = new ArrayDeque<>(supported);
    this.chosen = chosen;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (initiator) {
      send(ctx, Multistream.HEADER, untried.element());
    } else {
      send(ctx, Multistream.HEADER);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    String line = Multistream.tryRead(in);
    if (line == null) {
      return;
    }
    if (!headerSeen) {
      if (!line.equals(Multistream.HEADER)) {
        throw new ProtocolException("HANDSHAKE_INVALID", "peer does not speak multistream-select");
      }
      headerSeen = true;
      return;
    }
    String agreed = initiator ? answered(ctx, line) : proposed(ctx, line);
    if (agreed != null) {
      chosen.install(ctx, agreed);
      ctx.pipeline().remove(this);
    }
  }

  private @Nullable String answered(ChannelHandlerContext ctx, String line) {
    String proposal = untried.remove();
    if (line.equals(proposal)) {
      return proposal;
    }
    if (!line.equals(Multistream.NOT_AVAILABLE)) {
      throw new ProtocolException(
          "HANDSHAKE_INVALID", "peer answered a proposal with something else");
    }
    if (untried.isEmpty()) {
      throw new ProtocolException("HANDSHAKE_INVALID", "peer accepts none of " + supported);
    }
    send(ctx, untried.element());
    return null;
  }

  private @Nullable String proposed(ChannelHandlerContext ctx, String line) {
    if (supported.contains(line)) {
      send(ctx, line);
      return line;
    }
    proposals++;
    if (proposals > Multistream.MAX_PROPOSALS) {
      throw new ProtocolException("RATE_LIMITED", "peer made " + proposals + " proposals in vain");
    }
    send(ctx, Multistream.NOT_AVAILABLE);
    return null;
  }

  private static void send(ChannelHandlerContext ctx, String... lines) {
    var unused = ctx.writeAndFlush(Unpooled.wrappedBuffer(Multistream.encode(lines)));
  }
}
