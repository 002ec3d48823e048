package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.protocol.LatestEntries;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Reads of a log, those that are the same done once: neighbours that are in step ask for the same
 * pages at the same time. What was read holds until the log grows. Thread-safe.
 */
final class SharedReads {
  private static final int READS = 64;

  private final BlockLog log;
  private final Map<Stretch, CompletableFuture<List<LogEntry>>> reads = LatestEntries.byUse(READS);
  private Position seen = new Position(0, 0);

  private record Stretch(long from, long to, int most) {}

  private record Position(long epoch, long cursor) {}

  SharedReads(BlockLog log) {
    this.log = log;
  }

  /** As {@link BlockLog#read}. */
  List<LogEntry> read(long from, long to, int most) throws IOException {
    CompletableFuture<List<LogEntry>> fresh = new CompletableFuture<>();
    CompletableFuture<List<LogEntry>> shared = sharedWith(new Stretch(from, to, most), fresh);
    if (shared == fresh) {
      try {
        fresh.complete(log.read(from, to, most));
      } catch (IOException | RuntimeException e) {
        fresh.completeExceptionally(e);
        forgetFailures();
        throw e;
      }
    }
    try {
      return shared.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException stopped = new InterruptedIOException("interrupted while reading");
      stopped.initCause(e);
      throw stopped;
    } catch (ExecutionException e) {
      throw new IOException("the log cannot be read", e.getCause());
    }
  }

  private synchronized CompletableFuture<List<LogEntry>> sharedWith(
      Stretch stretch, CompletableFuture<List<LogEntry>> fresh) {
    Position now = new Position(log.epoch(), log.cursor());
    if (!now.equals(seen)) {
      reads.clear();
      seen = now;
    }
    CompletableFuture<List<LogEntry>> before = reads.putIfAbsent(stretch, fresh);
    return before == null ? fresh : before;
  }

  private synchronized void forgetFailures() {
    reads.values().removeIf(CompletableFuture::isCompletedExceptionally);
  }
}
