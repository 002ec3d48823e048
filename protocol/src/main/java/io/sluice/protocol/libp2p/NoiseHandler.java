package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.sluice.protocol.ProtocolException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Has the Noise handshake over a channel, then leaves its place to the handlers that encrypt. */
final class NoiseHandler extends ByteToMessageDecoder {
  /**
   * Who was proven to be at the other end.
   *
   * @param key the peer's own
   * @param muxers the multiplexers it speaks, best first; empty if it does not say
   */
  record Peer(PublicKey key, List<String> muxers) {}

  /** What happens with the outcome, on the event loop. */
  interface Secured {
    /** Puts what follows behind {@code ctx}, the handler that decrypts from now on. */
    void install(ChannelHandlerContext ctx, Peer peer);
  }

  private static final byte[] NOTHING = {};

  /** A payload of 4 KiB, two keys, two tags. */
  private static final int MAX_MESSAGE = 4096 + 2 * NoiseHandshake.KEY + 2 * NoiseCipher.TAG;

  private final NoiseHandshake handshake;
  private final byte[] payload;
  private final Secured secured;
  private @Nullable Peer peer;

  NoiseHandler(NoiseHandshake handshake, NoisePayload payload, Secured secured) {
    this.handshake = handshake;
    this.payload = payload.encoded();
    this.secured = secured;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (handshake.writesNext()) {
      send(ctx, handshake.write(NOTHING)); // nothing is secret yet, so nothing is said
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < 2) {
      return;
    }
    int length = in.getUnsignedShort(in.readerIndex());
    if (length > MAX_MESSAGE) {
      throw new ProtocolException(
          "MESSAGE_TOO_LARGE", "noise handshake message of " + length + " bytes");
    }
    if (in.readableBytes() < 2 + length) {
      return;
    }
    in.skipBytes(2);
    byte[] message = new byte[length];
    in.readBytes(message);
    byte[] received = handshake.read(message);
    if (handshake.knowsPeer()) {
      NoisePayload told = NoisePayload.decode(received);
      peer = new Peer(told.verify(handshake.remoteStatic()), told.muxers());
    }
    if (handshake.writesNext()) {
      send(ctx, handshake.write(payload));
    }
    if (handshake.done() && peer != null) {
      finish(ctx, peer);
    }
  }

  private void finish(ChannelHandlerContext ctx, Peer proven) {
    NoiseHandshake.CipherPair ciphers = handshake.transport();
    NoiseDecoder decoder = new NoiseDecoder(ciphers.in());
    ctx.pipeline().addAfter(ctx.name(), null, decoder);
    ChannelHandlerContext behind = ctx.pipeline().context(decoder);
    ctx.pipeline().addAfter(ctx.name(), null, new NoiseEncoder(ciphers.out()));
    secured.install(behind, proven);
    ctx.pipeline().remove(this);
  }

  private static void send(ChannelHandlerContext ctx, byte[] message) {
    ByteBuf out = ctx.alloc().buffer(2 + message.length);
    out.writeShort(message.length).writeBytes(message);
    var unused = ctx.writeAndFlush(out);
  }
}
