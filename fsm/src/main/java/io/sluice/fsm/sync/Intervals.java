package io.sluice.fsm.sync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.NodeCodec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Numbers that are done: closed ranges, in rising order, that neither touch nor overlap. Numbers
 * are unsigned, as those of bee are, though nodes of ours give none above 2⁶³ − 2, and begin with
 * 1; the highest of all is never one of them, since what is done up to there would be done for
 * ever.
 *
 * <p>Spec: pullsync, interval store. The text form is the same: lower bound and ranges in base 36,
 * {@code 1;1,1e;2s,2s} for 1 to 50 and 100.
 */
public final class Intervals {
  /** Nothing is done. */
  public static final Intervals NONE = new Intervals(List.of());

  /** How they are stored. */
  static final NodeCodec<Intervals> CODEC =
      NodeCodec.TEXT.as(Intervals::parse, Intervals::toString);

  private static final int RADIX = 36;
  private static final String LOWER_BOUND = "1";
  private static final long NEVER = -1;

  /**
   * A closed range of numbers.
   *
   * @param from 1 or more, unsigned
   * @param to {@code from} or more, below 2⁶⁴ − 1, unsigned
   */
  public record Range(long from, long to) {
    /** Checks the order. */
    public Range {
      if (from == 0 || to == NEVER || Long.compareUnsigned(from, to) > 0) {
        throw new IllegalArgumentException(
            "no range: " + Long.toUnsignedString(from) + " to " + Long.toUnsignedString(to));
      }
    }

    /** Whether a number is one of them. */
    public boolean contains(long number) {
      return !below(number, from) && !below(to, number);
    }

    private long count() {
      return to - from + 1;
    }
  }

  private final List<Range> ranges;

  private Intervals(List<Range> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  /** The ranges, in rising order. */
  public List<Range> ranges() {
    return ranges;
  }

  /** These and a range more. */
  public Intervals with(long from, long to) {
    Range more = new Range(from, to);
    List<Range> merged = new ArrayList<>(ranges.size() + 1);
    int at = 0;
    while (at < ranges.size() && below(ranges.get(at).to() + 1, more.from())) {
      merged.add(ranges.get(at++));
    }
    for (; at < ranges.size() && !below(more.to() + 1, ranges.get(at).from()); at++) {
      more =
          new Range(min(more.from(), ranges.get(at).from()), max(more.to(), ranges.get(at).to()));
    }
    merged.add(more);
    merged.addAll(ranges.subList(at, ranges.size()));
    return new Intervals(merged);
  }

  /** These and single numbers more. */
  public Intervals with(Collection<Long> numbers) {
    Intervals all = this;
    for (long number : numbers) {
      all = all.with(number, number);
    }
    return all;
  }

  /** These without a range. */
  public Intervals without(long from, long to) {
    Range less = new Range(from, to);
    List<Range> left = new ArrayList<>(ranges.size() + 1);
    for (Range range : ranges) {
      if (below(range.to(), less.from()) || below(less.to(), range.from())) {
        left.add(range);
        continue;
      }
      if (below(range.from(), less.from())) {
        left.add(new Range(range.from(), less.from() - 1));
      }
      if (below(less.to(), range.to())) {
        left.add(new Range(less.to() + 1, range.to()));
      }
    }
    return new Intervals(left);
  }

  /** Whether a number is done. */
  public boolean contains(long number) {
    return ranges.stream().anyMatch(range -> range.contains(number));
  }

  /** The lowest numbers in a row that are not done, none of them above a bound. */
  public Optional<Range> firstHole(long upTo) {
    long from = 1;
    long to = upTo;
    if (!ranges.isEmpty()) {
      Range first = ranges.getFirst();
      if (first.from() == 1) {
        from = first.to() + 1;
        to = ranges.size() > 1 ? min(upTo, ranges.get(1).from() - 1) : upTo;
      } else {
        to = min(upTo, first.from() - 1);
      }
    }
    return below(to, from) ? Optional.empty() : Optional.of(new Range(from, to));
  }

  /** How many numbers up to a bound are not done, unsigned. */
  public long missing(long upTo) {
    long done = 0;
    for (Range range : ranges) {
      if (!below(upTo, range.from())) {
        done += new Range(range.from(), min(upTo, range.to())).count();
      }
    }
    return upTo - done;
  }

  /** The highest number that is done, 0 for none. */
  public long highest() {
    return ranges.isEmpty() ? 0 : ranges.getLast().to();
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws ProtocolException if it is anything else, also if ranges touch or are out of order
   */
  public static Intervals parse(String text) {
    String[] parts = text.split(";", -1);
    if (!parts[0].equals(LOWER_BOUND)) {
      throw malformed(text);
    }
    Intervals read = NONE;
    for (int i = 1; i < parts.length; i++) {
      String[] bounds = parts[i].split(",", -1);
      try {
        if (bounds.length != 2) {
          throw malformed(text);
        }
        read =
            read.with(
                Long.parseUnsignedLong(bounds[0], RADIX), Long.parseUnsignedLong(bounds[1], RADIX));
      } catch (IllegalArgumentException e) {
        throw malformed(text);
      }
    }
    if (!read.toString().equals(text)) {
      throw malformed(text);
    }
    return read;
  }

  private static ProtocolException malformed(String text) {
    return new ProtocolException(ProtocolException.DECODE_SCHEMA, "no intervals: " + text);
  }

  @Override
  public String toString() {
    return LOWER_BOUND
        + ranges.stream()
            .map(range -> ";" + base36(range.from()) + "," + base36(range.to()))
            .collect(Collectors.joining());
  }

  private static String base36(long number) {
    return Long.toUnsignedString(number, RADIX);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Intervals that && ranges.equals(that.ranges);
  }

  @Override
  public int hashCode() {
    return ranges.hashCode();
  }

  private static boolean below(long one, long other) {
    return Long.compareUnsigned(one, other) < 0;
  }

  private static long min(long one, long other) {
    return below(one, other) ? one : other;
  }

  private static long max(long one, long other) {
    return below(one, other) ? other : one;
  }
}
