package io.sluice.node.pullsync;

import io.sluice.protocol.pullsync.PullsyncError;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a neighbour is told when this node's disk fails: that, and nothing of how. */
final class FailedHome {
  private static final Logger LOG = LoggerFactory.getLogger(FailedHome.class);
  private static final Duration LATER = Duration.ofSeconds(10);

  private FailedHome() {}

  static PullsyncRefusal because(IOException e) {
    LOG.warn("a neighbour cannot be answered", e);
    return new PullsyncRefusal(
        new PullsyncError(PullsyncError.Code.FAILED, "it failed here; try again", LATER, 0));
  }
}
