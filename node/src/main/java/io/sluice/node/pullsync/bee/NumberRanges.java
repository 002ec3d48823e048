package io.sluice.node.pullsync.bee;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * A set of numbers from 1 on, as ranges that neither touch nor overlap. Not safe for several
 * threads.
 */
final class NumberRanges {
  private final TreeMap<Long, Long> lastByFirst = new TreeMap<>();

  /**
   * Numbers from one to another.
   *
   * @param from 1 or more
   * @param to inclusive, not below
   */
  record Range(long from, long to) {
    Range {
      if (from < 1 || to < from) {
        throw new IllegalArgumentException("a range from " + from + " to " + to);
      }
    }
  }

  NumberRanges() {}

  NumberRanges(NumberRanges other) {
    lastByFirst.putAll(other.lastByFirst);
  }

  void add(long from, long to) {
    Range range = new Range(from, to);
    long first = range.from();
    long last = range.to();
    Map.Entry<Long, Long> before = lastByFirst.floorEntry(first);
    if (before != null && before.getValue() >= first - 1) {
      first = before.getKey();
      last = Math.max(last, before.getValue());
    }
    for (Map.Entry<Long, Long> next = lastByFirst.ceilingEntry(first);
        next != null && next.getKey() - 1 <= last;
        next = lastByFirst.ceilingEntry(first)) {
      last = Math.max(last, next.getValue());
      lastByFirst.remove(next.getKey());
    }
    lastByFirst.put(first, last);
  }

  /** The lowest range of numbers that are not in here, up to one. */
  Optional<Range> firstHole(long highest) {
    long from = 1;
    Map.Entry<Long, Long> first = lastByFirst.firstEntry();
    if (first != null && first.getKey() == 1) {
      from = first.getValue() + 1;
      first = lastByFirst.higherEntry(first.getKey());
    }
    long to = first == null ? highest : Math.min(highest, first.getKey() - 1);
    return from > to ? Optional.empty() : Optional.of(new Range(from, to));
  }

  /** The highest number in here, 0 if there is none. */
  long highest() {
    return lastByFirst.isEmpty() ? 0 : lastByFirst.lastEntry().getValue();
  }

  void forEach(BiConsumer<Long, Long> visitor) {
    lastByFirst.forEach(visitor);
  }

  @Override
  public String toString() {
    return lastByFirst.toString();
  }
}
