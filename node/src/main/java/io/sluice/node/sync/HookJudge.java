package io.sluice.node.sync;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Somebody outside the node who is asked. For any number of threads. */
interface HookJudge extends AutoCloseable {
  /** Most that is read of what he says, in bytes. */
  int MOST_SAID = 64 << 10;

  /**
   * Asks, and waits.
   *
   * @return why not; empty for yes
   * @throws IOException if that is not to be had within the time, whatever the reason
   */
  Optional<String> refusal(HookQuestion question, Duration patience)
      throws IOException, InterruptedException;

  @Override
  void close();
}
