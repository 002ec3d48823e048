package io.sluice.node.pullsync.bee;

import io.sluice.fsm.sync.Intervals;
import io.sluice.fsm.sync.Intervals.Range;
import io.sluice.protocol.DoublingPause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What of a neighbour's bin is to be asked for next: the lowest numbers that are not done. Where a
 * request failed, or a chunk of its page, the numbers are put aside for longer each time, so that
 * the rest goes on, and given up in the end. Not safe for several threads.
 */
final class BinPlan {
  /** After so many failures in a row numbers are given up, until the next start. */
  static final int MOST_TRIES = 6;

  private final DoublingPause pause;
  private final List<Aside> asides = new ArrayList<>();
  private Intervals done;
  private long known;

  /**
   * Numbers that failed.
   *
   * @param range of them
   * @param failures in a row
   * @param due when they may be tried again, by the caller's clock
   */
  private record Aside(Range range, int failures, long due) {}

  /**
   * A plan.
   *
   * @param done what is done already
   * @param known the highest number that exists there
   */
  BinPlan(Intervals done, long known, DoublingPause pause) {
    this.done = done;
    this.known = known;
    this.pause = pause;
  }

  /** The next numbers to ask for at that time. */
  Optional<Range> next(long nanos) {
    Intervals passed = done;
    for (Aside each : asides) {
      if (each.due() - nanos > 0) {
        passed = passed.with(each.range().from(), each.range().to());
      }
    }
    return passed.firstHole(known);
  }

  /** How long until something that was put aside is due; empty if nothing is. */
  Optional<Duration> dueIn(long nanos) {
    return asides.stream()
        .map(each -> Duration.ofNanos(Math.max(0, each.due() - nanos)))
        .min(Duration::compareTo);
  }

  /** Numbers are done. */
  void done(long from, long to) {
    known = Math.max(known, to);
    done = done.with(from, to);
    asides.removeIf(each -> each.range().from() >= from && each.range().from() <= to);
  }

  /** Numbers failed; true if they are given up, and done with. */
  boolean failed(long from, long to, long nanos) {
    int failures =
        1
            + asides.stream()
                .filter(each -> each.range().from() == from)
                .mapToInt(Aside::failures)
                .max()
                .orElse(0);
    known = Math.max(known, to);
    asides.removeIf(each -> each.range().from() == from);
    if (failures >= MOST_TRIES) {
      done(from, to);
      return true;
    }
    asides.add(new Aside(new Range(from, to), failures, nanos + pause.after(failures).toNanos()));
    return false;
  }

  /** Whether all that is known to exist is done. */
  boolean isComplete() {
    return done.firstHole(known).isEmpty();
  }
}
