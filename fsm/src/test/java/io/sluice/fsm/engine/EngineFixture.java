package io.sluice.fsm.engine;

import io.sluice.fsm.EventRefused;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.NotApplied;
import io.sluice.fsm.RecordingFailed;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** An engine on a journal in memory, with a clock that stands still and all complaints kept. */
final class EngineFixture implements AutoCloseable {

  static final Instant NOW = Instant.parse("2026-01-02T03:04:05.006Z");

  final MemoryJournal journal;
  final List<String> complaints = new CopyOnWriteArrayList<>();
  final List<EventRefused> refused = new CopyOnWriteArrayList<>();
  final CompletableFuture<Throwable> fatal = new CompletableFuture<>();
  final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  final Engine engine;

  EngineFixture() {
    this(new MemoryJournal());
  }

  EngineFixture(MemoryJournal journal) {
    this(journal, new EngineLimits(2, 64, Duration.ofSeconds(30)));
  }

  EngineFixture(MemoryJournal journal, EngineLimits limits) {
    this.journal = journal;
    this.engine =
        new Engine(journal, journal, Clock.fixed(NOW, ZoneOffset.UTC), workers, watch(), limits);
  }

  private EngineWatch watch() {
    return new EngineWatch() {
      @Override
      public void fatal(Throwable cause) {
        fatal.complete(cause);
      }

      @Override
      public void stepFailed(MachineId machine, Enum<?> state, Throwable cause) {
        complaints.add("step " + machine + " " + state + " " + cause.getMessage());
      }

      @Override
      public void refused(EventRefused refusal) {
        refused.add(refusal);
      }

      @Override
      public void recordingFailed(RecordingFailed failure) {
        complaints.add("recording " + failure.getCause().getMessage());
      }

      @Override
      public void listenerFailed(MachineId machine, Throwable cause) {
        complaints.add("listener " + machine + " " + cause.getMessage());
      }

      @Override
      public void unreadable(MachineId machine, Throwable cause) {
        complaints.add("unreadable " + machine);
      }
    };
  }

  /** What a future that has to fail fails with. */
  static Throwable failureOf(CompletableFuture<?> future) {
    try {
      future.orTimeout(30, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      return e.getCause();
    }
    throw new AssertionError("did not fail");
  }

  static NotApplied refusalOf(CompletableFuture<?> future) {
    return (NotApplied) failureOf(future);
  }

  @Override
  public void close() {
    engine.close();
    workers.shutdownNow();
  }
}
