package io.sluice.node.pullsync;

/** Hears of what syncs do, to count it; each by the name of the sync. Called from any thread. */
public interface PullMetrics {
  /** Counts nothing. */
  PullMetrics NONE =
      new PullMetrics() {
        @Override
        public void paged(String sync, long blocks, long bytes) {}

        @Override
        public void failed(String sync) {}
      };

  /** An interval is done. */
  void paged(String sync, long blocks, long bytes);

  /** An attempt failed, or single numbers did. */
  void failed(String sync);
}
