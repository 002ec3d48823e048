package io.sluice.protocol.pullsync;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Asks for a page of an interval.
 *
 * @param lane whose items are wanted
 * @param start first number, 1 or more
 * @param end last number, {@code start} or more; empty for an interval that has none: the answer
 *     then waits for what does not exist yet
 * @param items most of them; 0 for as many as there may be
 * @param patience how long the answer may wait for the first item, if there is no end; 0 to 2^31
 *     milliseconds
 * @param epoch of the numbering that is meant
 */
public record Get(Lane lane, long start, OptionalLong end, int items, Duration patience, long epoch)
    implements PullsyncMessage {
  /** Refuses an interval that cannot be. */
  public Get {
    if (!Pullsync.isNumber(start)) {
      throw BadPullsync.because("an interval from " + Long.toUnsignedString(start));
    }
    if (end.isPresent() && (end.getAsLong() < start || !Pullsync.isNumber(end.getAsLong()))) {
      throw BadPullsync.because(
          "an interval from %d to %s".formatted(start, Long.toUnsignedString(end.getAsLong())));
    }
    if (items < 0 || patience.isNegative()) {
      throw BadPullsync.because("%d items after %s".formatted(items, patience));
    }
  }

  /** Whether the interval has no end. */
  public boolean isLive() {
    return end.isEmpty();
  }

  ProtobufWriter encode() {
    return new ProtobufWriter()
        .text(1, lane.toString())
        .number(2, start)
        .numberUnlessZero(3, end.orElse(0))
        .numberUnlessZero(4, items)
        .numberUnlessZero(5, patience.toMillis())
        .numberUnlessZero(6, epoch);
  }

  static Get decode(ProtobufReader in) {
    String lane = "";
    long start = 0;
    long end = 0;
    long items = 0;
    long waitMillis = 0;
    long epoch = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> lane = in.text();
        case 2 -> start = in.number();
        case 3 -> end = in.number();
        case 4 -> items = in.number();
        case 5 -> waitMillis = in.number();
        case 6 -> epoch = in.number();
        default -> in.skip();
      }
    }
    return new Get(
        Lane.parse(lane),
        start,
        end == 0 ? OptionalLong.empty() : OptionalLong.of(end),
        Saturated.of(items),
        Duration.ofMillis(Saturated.of(waitMillis)),
        epoch);
  }
}
