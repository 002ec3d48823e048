package io.sluice.node.transfer;

import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.protocol.graphsync.Exclusions;
import java.util.List;
import java.util.Optional;

/**
 * How much of a transfer has flowed, for the end that limits it or counts what comes. Thread-safe.
 *
 * <p>It is counted as deals are charged: each distinct block once, where the walk first passes it,
 * except for those at the beginning that the recipient had when it first asked. So the sum is a
 * function of the position, whatever was sent twice or not recorded: a process that died had
 * recorded less than had flowed, and the next one comes to the right sum as its walk passes by.
 */
final class Flowed {
  private Totals totals;
  private long recordedBytes;

  /**
   * @param recorded as it was recorded before
   */
  Flowed(Totals recorded) {
    totals = recorded;
    recordedBytes = recorded.bytes();
  }

  /** What never counts; empty until the data are asked for the first time. */
  synchronized Optional<Exclusions> exclusions() {
    return totals.leftOut().map(visits -> new Exclusions(visits, List.of()));
  }

  /**
   * The data are asked for, the first visits left out. A recipient that leaves out less than it did
   * at first has lost some, and those count, since they come.
   *
   * @return whether that has to be recorded
   */
  synchronized boolean asked(long skipFirst) {
    boolean news = totals.leftOut().isEmpty() || skipFirst < totals.leftOut().get();
    if (news) {
      totals = new Totals(totals.bytes(), totals.blocks(), Optional.of(skipFirst));
    }
    return news;
  }

  /** Whether the walk was never there before. */
  synchronized boolean isNew(long visit) {
    return visit > totals.blocks();
  }

  /**
   * The walk has come to a visit.
   *
   * @param charged bytes up to and with it, apart from {@link #exclusions}
   */
  synchronized void passed(long visit, long charged) {
    totals =
        new Totals(
            Math.max(totals.bytes(), charged), Math.max(totals.blocks(), visit), totals.leftOut());
  }

  synchronized Totals totals() {
    return totals;
  }

  synchronized long bytes() {
    return totals.bytes();
  }

  synchronized long unrecorded() {
    return totals.bytes() - recordedBytes;
  }

  /** The totals, which are recorded from now on. */
  synchronized Totals recorded() {
    recordedBytes = totals.bytes();
    return totals;
  }
}
