package io.sluice.protocol.libp2p;

/** Why a stream was reset, as Go peers number it in the frame that says so. */
enum ResetCode {
  /** No reason given. */
  NONE(0),
  /** The protocol of the stream could not be agreed on. */
  NEGOTIATION_FAILED(0x1001),
  /** A limit on streams or memory was reached; worth trying again later. */
  LIMIT_EXCEEDED(0x1002),
  /** Too many requests in too little time. */
  RATE_LIMITED(0x1003),
  /** The peer broke the rules of the protocol. */
  VIOLATION(0x1004),
  /** The host goes away. */
  SHUTDOWN(0x1007),
  /** The host has nothing to do with this peer. */
  GATED(0x1008);

  private final int wire;

  ResetCode(int wire) {
    this.wire = wire;
  }

  int wire() {
    return wire;
  }
}
