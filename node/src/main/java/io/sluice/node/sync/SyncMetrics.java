package io.sluice.node.sync;

/** Hears what is worth counting of dsync. Called from many threads; must not block. */
public interface SyncMetrics {
  /** Counts nothing. */
  SyncMetrics NONE = new SyncMetrics() {};

  /** {@link #ended}: all of it is here and listed. */
  String COMPLETED = "completed";

  /** {@link #ended}: its time was over. */
  String EXPIRED = "expired";

  /** A push to this node ended so. */
  default void ended(String how) {}

  /** A block of a push was kept. */
  default void came(int bytes) {}

  /** A block was given to a peer. */
  default void gave(int bytes) {}

  /** A request was refused, or failed; the kind in lower case. */
  default void refused(String kind) {}

  /** The blocks of a DAG were asked for; known if their list was made before. */
  default void info(boolean known) {}
}
