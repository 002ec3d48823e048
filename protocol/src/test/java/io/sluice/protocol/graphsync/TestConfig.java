package io.sluice.protocol.graphsync;

import java.time.Duration;

/** Configurations of tests: the defaults with other limits. */
final class TestConfig {
  private static final GraphsyncConfig DEFAULTS = GraphsyncConfig.defaults();

  private TestConfig() {}

  static GraphsyncConfig withTimes(Duration quiet, Duration progress, Duration afterWalk) {
    return of(
        DEFAULTS.messageBytes(),
        DEFAULTS.sendBytesPerPeer(),
        DEFAULTS.sendBytes(),
        DEFAULTS.receiveBytes(),
        quiet,
        progress,
        afterWalk);
  }

  static GraphsyncConfig withQueues(int message, long perPeer, long inAll, long received) {
    return of(
        message,
        perPeer,
        inAll,
        received,
        DEFAULTS.quiet(),
        DEFAULTS.progress(),
        DEFAULTS.afterWalk());
  }

  static GraphsyncConfig of(
      int message,
      long perPeer,
      long inAll,
      long received,
      Duration quiet,
      Duration progress,
      Duration afterWalk) {
    return new GraphsyncConfig(
        message,
        perPeer,
        inAll,
        DEFAULTS.walksPerPeer(),
        DEFAULTS.walks(),
        DEFAULTS.waitingWalks(),
        DEFAULTS.requests(),
        received,
        quiet,
        progress,
        afterWalk,
        DEFAULTS.sendAttempts(),
        DEFAULTS.unrequestedBlocks(),
        DEFAULTS.duplicateBlocks(),
        DEFAULTS.walk());
  }
}
