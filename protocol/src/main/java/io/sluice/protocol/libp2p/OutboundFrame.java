package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;

/** What a stream puts on the wire at its turn. */
sealed interface OutboundFrame {
  /** Nothing, and it left the queue of senders. */
  record Idle() implements OutboundFrame {}

  /** A frame without a body. */
  record HeaderOnly(int flags, int length) implements OutboundFrame {}

  /** A frame whose first bytes are free for the header. */
  record Body(ByteBuf frame) implements OutboundFrame {}
}
