package io.sluice.protocol.pullsync;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Why a request is not answered; the last message on its stream.
 *
 * @param code what is to become of it
 * @param text for people, up to {@link Pullsync#TEXT_BYTES}
 * @param after how long not to ask again; zero for whenever
 * @param epoch the numbering there is, with {@link Code#OTHER_EPOCH}; else 0
 */
public record PullsyncError(Code code, String text, Duration after, long epoch)
    implements PullsyncMessage {
  /** What is to become of a request. */
  public enum Code {
    /** Numbers begin anew: what is known of them is void. */
    OTHER_EPOCH(1),
    /** There is more to do than can be done; later. */
    BUSY(2),
    /** Whoever asks may not read that. */
    REFUSED(3),
    /** There is no such content. */
    NOT_FOUND(4),
    /** It is to be had for money; the text has the terms. */
    PAYMENT_REQUIRED(5),
    /** It cannot be meant. */
    BAD_REQUEST(6),
    /** It failed there; the same may be asked again. */
    FAILED(7);

    private final int wire;

    Code(int wire) {
      this.wire = wire;
    }

    /** A code that is not known here is a "no" all the same. */
    static Code of(long wire) {
      for (Code each : values()) {
        if (each.wire == wire) {
          return each;
        }
      }
      return REFUSED;
    }
  }

  /** Refuses a text that is too long. */
  public PullsyncError {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > Pullsync.TEXT_BYTES || after.isNegative()) {
      throw BadPullsync.because("an error of %d bytes, after %s".formatted(bytes, after));
    }
  }

  /** One that says no more than why. */
  public static PullsyncError of(Code code, String text) {
    return new PullsyncError(code, text, Duration.ZERO, 0);
  }

  ProtobufWriter encode() {
    return new ProtobufWriter()
        .number(1, code.wire)
        .text(2, text)
        .numberUnlessZero(3, after.toMillis())
        .numberUnlessZero(4, epoch);
  }

  static PullsyncError decode(ProtobufReader in) {
    long code = 0;
    String text = "";
    long afterMillis = 0;
    long epoch = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> code = in.number();
        case 2 -> text = in.text();
        case 3 -> afterMillis = in.number();
        case 4 -> epoch = in.number();
        default -> in.skip();
      }
    }
    return new PullsyncError(
        Code.of(code), text, Duration.ofMillis(Saturated.of(afterMillis)), epoch);
  }
}
