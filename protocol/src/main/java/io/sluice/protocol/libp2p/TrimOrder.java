package io.sluice.protocol.libp2p;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Which connections to close when there are many: those that are worth least. One without a stream
 * is worth the less the longer it has been so, one with streams what they moved lately; what moves
 * more than next to nothing, or is young, stays in any case. So a crowd that only holds on does not
 * keep the others out.
 */
final class TrimOrder {
  /** A connection with streams that moved less than this, in all the time, is not much used. */
  static final long LITTLE = 64 << 10;

  private TrimOrder() {}

  /**
   * A connection, as far as it matters here.
   *
   * @param connection what is chosen
   * @param spared whether something is under way that must not be cut off
   * @param idleNanos how long it has had no stream; 0 while it has one
   * @param recentBytes moved lately, both ways; {@link Long#MAX_VALUE} when it is young
   * @param outbound whether this end dialled, and so wanted something: of two that are worth the
   *     same the other one goes
   */
  record Candidate<C>(
      C connection, boolean spared, long idleNanos, long recentBytes, boolean outbound) {
    private long worth(long graceNanos) {
      if (idleNanos > 0) {
        return idleNanos > graceNanos ? -idleNanos : Long.MAX_VALUE;
      }
      return recentBytes;
    }
  }

  /**
   * The connections to close, the least worth first; fewer than wanted where the others stay.
   *
   * @param wanted how many at most
   * @param graceNanos how long a connection without a stream is left alone
   */
  static <C> List<C> choose(Collection<Candidate<C>> candidates, int wanted, long graceNanos) {
    return candidates.stream()
        .filter(each -> !each.spared() && each.worth(graceNanos) < LITTLE)
        .sorted(
            Comparator.<Candidate<C>>comparingLong(each -> each.worth(graceNanos))
                .thenComparing(Candidate::outbound))
        .limit(Math.max(0, wanted))
        .map(Candidate::connection)
        .toList();
  }
}
