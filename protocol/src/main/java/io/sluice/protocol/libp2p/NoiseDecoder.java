package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Decrypts a Noise connection: two bytes of length, then so many sealed bytes, over and over. */
final class NoiseDecoder extends ByteToMessageDecoder {
  private final NoiseCipher cipher;

  NoiseDecoder(NoiseCipher cipher) {
    this.cipher = cipher;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < 2) {
      return;
    }
    int length = in.getUnsignedShort(in.readerIndex());
    if (in.readableBytes() < 2 + length) {
      return;
    }
    int capacity = Math.max(0, length - NoiseCipher.TAG);
    ByteBuf plain = ctx.alloc().directBuffer(Math.max(1, capacity));
    try {
      cipher.open(in.nioBuffer(in.readerIndex() + 2, length), plain.internalNioBuffer(0, capacity));
      plain.writerIndex(capacity);
      in.skipBytes(2 + length);
      out.add(plain.retain());
    } finally {
      plain.release();
    }
  }
}
