package io.sluice.protocol.pullsync;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;

/**
 * How far a log is.
 *
 * @param cursor the highest number ever given, 0 for none
 * @param epoch of the numbering, 64 bits
 */
public record Ack(long cursor, long epoch) implements PullsyncMessage {
  /** Refuses a cursor that cannot be. */
  public Ack {
    if (cursor != 0 && !Pullsync.isNumber(cursor)) {
      throw BadPullsync.because("a cursor at " + Long.toUnsignedString(cursor));
    }
  }

  ProtobufWriter encode() {
    return new ProtobufWriter().numberUnlessZero(1, cursor).numberUnlessZero(2, epoch);
  }

  static Ack decode(ProtobufReader in) {
    long cursor = 0;
    long epoch = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> cursor = in.number();
        case 2 -> epoch = in.number();
        default -> in.skip();
      }
    }
    return new Ack(cursor, epoch);
  }
}
