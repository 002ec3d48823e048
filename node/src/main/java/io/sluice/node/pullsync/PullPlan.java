package io.sluice.node.pullsync;

import io.sluice.fsm.sync.Intervals;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.fsm.sync.OpenNumber;
import io.sluice.protocol.DoublingPause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides what a sync does next. History is worked off from the lowest number that is missing; in
 * between it is looked for news, so that these do not wait for history; when nothing is missing,
 * the neighbour keeps the request for news until there are some. Numbers that failed are tried
 * again when their time has come: a root only when all before it was looked at.
 *
 * @param failures pause between attempts that fail in a row
 * @param refusals the same where the neighbour said no
 * @param retries the same for single numbers
 * @param news how long the neighbour may wait for news
 * @param look how often it is looked for news while history is missing
 * @param mostOpen numbers to be tried again beyond which nothing new is looked at
 */
record PullPlan(
    DoublingPause failures,
    DoublingPause refusals,
    DoublingPause retries,
    Duration news,
    Duration look,
    int mostOpen) {
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** Quick where a neighbour starts anew, never more often than it can bear. */
  static final PullPlan STANDARD =
      new PullPlan(
          new DoublingPause(Duration.ofMillis(250), LONGEST),
          new DoublingPause(Duration.ofSeconds(10), LONGEST),
          new DoublingPause(Duration.ofSeconds(1), LONGEST),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          1000);

  /** After so many attempts at a root it is supposed that blocks beneath it were lost here. */
  private static final int PATIENCE = 3;

  /** What is to be done. */
  sealed interface PullWork {}

  /**
   * An interval is to be asked for.
   *
   * @param to {@link Neighbour#LIVE} for news
   * @param patience how long the neighbour may wait for them
   */
  record Ask(long from, long to, Duration patience) implements PullWork {
    boolean isForNews() {
      return to == Neighbour.LIVE;
    }
  }

  /** Nothing can be done before that time. */
  record Rest(Duration time) implements PullWork {}

  /**
   * What comes next.
   *
   * @param cursor how far the neighbour is known to be
   * @param looked when it was last looked for news
   */
  PullWork next(NeighbourSync sync, long cursor, Instant looked, Instant now) {
    Optional<Intervals.Range> hole = sync.seen().firstHole(cursor);
    Optional<Ask> again = again(sync, hole, now);
    if (again.isPresent()) {
      return again.get();
    }
    Duration untilDue = untilDue(sync, hole, now);
    if (sync.open().size() >= mostOpen) {
      return new Rest(untilDue);
    }
    if (hole.isPresent() && now.isBefore(looked.plus(look))) {
      return new Ask(hole.get().from(), hole.get().to(), Duration.ZERO);
    }
    return new Ask(cursor + 1, Neighbour.LIVE, hole.isPresent() ? Duration.ZERO : untilDue);
  }

  /** The lowest numbers in a row whose time has come. */
  private static Optional<Ask> again(
      NeighbourSync sync, Optional<Intervals.Range> hole, Instant now) {
    long from = 0;
    long to = 0;
    for (OpenNumber open : sync.open()) {
      if (open.next().isAfter(now) || waits(open, hole)) {
        continue;
      }
      if (from == 0) {
        from = open.number();
      } else if (open.number() != to + 1) {
        break;
      }
      to = open.number();
    }
    return from == 0 ? Optional.empty() : Optional.of(new Ask(from, to, Duration.ZERO));
  }

  /** A root waits for what came before it, and that is not known yet. */
  private static boolean waits(OpenNumber open, Optional<Intervals.Range> hole) {
    return open.root() && hole.filter(range -> range.from() < open.number()).isPresent();
  }

  private Duration untilDue(NeighbourSync sync, Optional<Intervals.Range> hole, Instant now) {
    Duration until = news;
    for (OpenNumber open : sync.open()) {
      Duration due = Duration.between(now, open.next());
      if (!waits(open, hole) && due.compareTo(until) < 0) {
        until = due.isNegative() ? Duration.ZERO : due;
      }
    }
    return until;
  }

  /**
   * How long to wait after an attempt that failed.
   *
   * @param row how many failed in a row, 1 or more
   */
  Duration afterFailure(
      NeighbourException.Kind kind, long row, Duration asked, RandomGenerator by) {
    DoublingPause pause =
        switch (kind) {
          case REFUSED, PAYMENT_REQUIRED -> refusals;
          case BUSY, OTHER_EPOCH, WRONG -> failures;
        };
    return longer(asked, spread(pause.after(row), by));
  }

  /** How long to wait after the neighbour could not be reached, or something failed here. */
  Duration afterFailure(long row, RandomGenerator by) {
    return spread(failures.after(row), by);
  }

  /**
   * When a number is tried again.
   *
   * @param attempts so far, 1 or more
   * @param asked how long the neighbour asked for
   */
  Instant nextTry(int attempts, Duration asked, Instant now, RandomGenerator by) {
    return now.plus(longer(asked, spread(retries.after(attempts), by)));
  }

  /** Nobody waits for longer because a neighbour says so. */
  private static Duration longer(Duration asked, Duration ours) {
    Duration bounded = asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
    return bounded.compareTo(ours) > 0 ? bounded : ours;
  }

  /**
   * Between three quarters and all of it, so that nodes that failed together do not come together.
   */
  private static Duration spread(Duration pause, RandomGenerator by) {
    long millis = pause.toMillis();
    return Duration.ofMillis(millis - by.nextLong(millis / 4 + 1));
  }

  /**
   * Whether all numbers before a root are to be looked through again: all of them are done, and
   * still something beneath it is not here.
   */
  static boolean looksThroughAgain(NeighbourSync sync, OpenNumber root) {
    return root.number() > 1
        && root.attempts() % PATIENCE == 0
        && sync.done().firstHole(root.number() - 1).isEmpty();
  }
}
