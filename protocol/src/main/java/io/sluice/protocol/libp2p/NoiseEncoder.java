package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Encrypts a Noise connection, in messages as long as Noise allows. */
final class NoiseEncoder extends ChannelOutboundHandlerAdapter {
  /** What fits into one message beside the tag. */
  static final int MAX_PLAIN = 65_535 - NoiseCipher.TAG;

  private final NoiseCipher cipher;

  NoiseEncoder(NoiseCipher cipher) {
    this.cipher = cipher;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf in = (ByteBuf) message;
    try {
      int length = in.readableBytes();
      int messages = (length + MAX_PLAIN - 1) / MAX_PLAIN;
      ByteBuf out =
          ctx.alloc().directBuffer(Math.max(1, length + messages * (2 + NoiseCipher.TAG)));
      while (in.isReadable()) {
        seal(in, out);
      }
      var unused = ctx.write(out, promise);
    } finally {
      in.release();
    }
  }

  private void seal(ByteBuf in, ByteBuf out) {
    int plain = Math.min(MAX_PLAIN, in.readableBytes());
    int sealed = plain + NoiseCipher.TAG;
    out.writeShort(sealed);
    cipher.seal(
        in.nioBuffer(in.readerIndex(), plain), out.internalNioBuffer(out.writerIndex(), sealed));
    out.writerIndex(out.writerIndex() + sealed);
    in.skipBytes(plain);
  }
}
