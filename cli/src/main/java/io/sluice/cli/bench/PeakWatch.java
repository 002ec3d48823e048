package io.sluice.cli.bench;

import java.util.List;
import java.util.Optional;

/**
 * Asks processes for their peak of memory until they end, since nobody can ask afterwards. The peak
 * only grows, so that what is missed is what came in the last moments.
 */
final class PeakWatch {
  private static final long LOOK_MILLIS = 20;

  private final List<Process> processes;
  private final Thread thread = Thread.ofVirtual().unstarted(this::watch);
  private ProcessUse highest = ProcessUse.UNKNOWN;

  PeakWatch(List<Process> processes) {
    this.processes = processes;
    thread.start();
  }

  private void watch() {
    try {
      while (processes.stream().anyMatch(Process::isAlive)) {
        for (Process process : processes) {
          highest = highest.and(ProcessUse.of(process.pid()));
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The highest of them, once all have ended. */
  Optional<Long> bytes() throws InterruptedException {
    thread.join();
    return highest.peakBytes();
  }
}
