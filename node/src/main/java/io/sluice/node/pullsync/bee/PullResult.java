package io.sluice.node.pullsync.bee;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a page brought.
 *
 * @param topmost the interval was looked at up to here; one less than its first number for not at
 *     all
 * @param offered how many chunks there were
 * @param stored how many are here now that were not
 * @param failures of single chunks; the others of the page are here
 */
record PullResult(long topmost, int offered, int stored, List<ChunkFailure> failures) {
  private static final Set<FailureKind> FINAL =
      EnumSet.of(FailureKind.OUTDATED, FailureKind.UNKNOWN_BATCH);

  PullResult {
    failures = List.copyOf(failures);
  }

  /** Why a chunk that was wanted is not here. */
  enum FailureKind {
    /** It is not there any more. */
    GONE,
    /** Another came in its place. */
    UNSOLICITED,
    /** Its stamp is none, or does not let it in. */
    BAD_STAMP,
    /** Its stamp is of a batch that is not known here; by 1.4.0 it is not even wanted. */
    UNKNOWN_BATCH,
    /** Its bytes do not have its address. */
    BAD_CHUNK,
    /** Another neighbour was to bring it at the same time, and did not. */
    ELSEWHERE,
    /** There is a later stamp here for the place that its own has. */
    OUTDATED
  }

  /**
   * A chunk that did not come.
   *
   * @param kind why
   * @param reason for logs
   */
  record ChunkFailure(FailureKind kind, String reason) {}

  /** Whether what failed may come another time. */
  boolean isWorthAnotherTry() {
    return failures.stream().anyMatch(each -> !FINAL.contains(each.kind()));
  }
}
