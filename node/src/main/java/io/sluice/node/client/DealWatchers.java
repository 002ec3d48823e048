package io.sluice.node.client;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.MachineId;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;

/** Who waits for the end of a deal and hears how it gets on. */
final class DealWatchers {
  private final Map<MachineId, CompletableFuture<Optional<DealOutcome>>> waiting =
      new ConcurrentHashMap<>();
  private final Map<MachineId, BiConsumer<Long, Long>> listeners = new ConcurrentHashMap<>();

  /** Looks whether a deal has ended already. */
  @FunctionalInterface
  interface EndLookup {
    Optional<DealOutcome> outcome() throws IOException;
  }

  /** Waits for {@link #ended} or {@link #parked}, unless it is too late for that. */
  Optional<DealOutcome> await(MachineId id, BiConsumer<Long, Long> progress, EndLookup lookup)
      throws IOException, InterruptedException {
    listeners.put(id, progress);
    CompletableFuture<Optional<DealOutcome>> stops =
        waiting.computeIfAbsent(id, key -> new CompletableFuture<>());
    try {
      Optional<DealOutcome> already = lookup.outcome();
      return already.isPresent() ? already : stops.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      listeners.remove(id);
      waiting.remove(id, stops);
    }
  }

  void progressed(MachineId id, long charged, long received) {
    BiConsumer<Long, Long> listener = listeners.get(id);
    if (listener != null) {
      listener.accept(charged, received);
    }
  }

  void ended(MachineId id, DealOutcome outcome) {
    stopped(id, Optional.of(outcome));
  }

  void parked(MachineId id) {
    stopped(id, Optional.empty());
  }

  private void stopped(MachineId id, Optional<DealOutcome> outcome) {
    CompletableFuture<Optional<DealOutcome>> stops = waiting.get(id);
    if (stops != null) {
      stops.complete(outcome);
    }
  }
}
