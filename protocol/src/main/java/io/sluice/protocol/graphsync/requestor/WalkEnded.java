package io.sluice.protocol.graphsync.requestor;

/** Leaves a walk from within: not an error, only a way out. Why is known to whoever threw it. */
final class WalkEnded extends RuntimeException {
  WalkEnded() {
    super("the walk was ended", null, false, false);
  }
}
