package io.sluice.protocol.pullsync;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A wanted block, or why it does not come.
 *
 * @param cid as it was offered
 * @param data the block, up to {@link Pullsync#BLOCK_BYTES}; empty unless the status is {@link
 *     Status#OK}
 * @param status what became of it
 * @param after how long not to ask for it again; zero for whenever
 */
public record Delivery(Cid cid, ByteBuffer data, Status status, Duration after)
    implements PullsyncMessage {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /** What became of a wanted block. */
  public enum Status {
    /** Here it is. */
    OK(0),
    /** It is not there any more. */
    GONE(1),
    /** It is there, and may not be read. */
    REFUSED(2),
    /** Later. */
    BUSY(3),
    /** It is to be had for money. */
    PAYMENT_REQUIRED(4);

    private final int wire;

    Status(int wire) {
      this.wire = wire;
    }

    /** A status that is not known here is a "no" all the same. */
    static Status of(long wire) {
      for (Status each : values()) {
        if (each.wire == wire) {
          return each;
        }
      }
      return REFUSED;
    }
  }

  /** Takes a view of the data, which must not change any more. */
  public Delivery {
    data = data.slice().asReadOnlyBuffer();
    if (data.remaining() > Pullsync.BLOCK_BYTES) {
      throw BadPullsync.because(
          "a block of %d bytes, at most %d are taken"
              .formatted(data.remaining(), Pullsync.BLOCK_BYTES));
    }
    if (status != Status.OK && data.hasRemaining()) {
      throw BadPullsync.because(
          "a block that is %s, with %d bytes".formatted(status, data.remaining()));
    }
    if (after.isNegative()) {
      throw BadPullsync.because("a delivery after " + after);
    }
  }

  /** A block as it was offered. */
  public static Delivery of(Cid cid, ByteBuffer data) {
    return new Delivery(cid, data, Status.OK, Duration.ZERO);
  }

  /** A block that does not come. */
  public static Delivery without(Cid cid, Status status, Duration after) {
    return new Delivery(cid, NOTHING, status, after);
  }

  /** A view of the data. */
  @Override
  public ByteBuffer data() {
    return data.duplicate();
  }

  ProtobufWriter encode() {
    ProtobufWriter out = new ProtobufWriter().bytes(1, cid.bytes());
    if (data.hasRemaining()) {
      out.bytes(2, data);
    }
    return out.numberUnlessZero(3, status.wire).numberUnlessZero(4, after.toMillis());
  }

  static Delivery decode(ProtobufReader in) {
    byte[] cid = {};
    ByteBuffer data = NOTHING;
    long status = 0;
    long afterMillis = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> cid = in.byteArray();
        case 2 -> data = in.bytes();
        case 3 -> status = in.number();
        case 4 -> afterMillis = in.number();
        default -> in.skip();
      }
    }
    return new Delivery(
        Cid.of(cid), data, Status.of(status), Duration.ofMillis(Saturated.of(afterMillis)));
  }
}
