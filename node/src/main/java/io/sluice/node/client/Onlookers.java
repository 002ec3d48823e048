package io.sluice.node.client;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientState;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;

/** Who waits for the end of a deal and hears how it gets on. */
final class Onlookers {
  private final Map<MachineId, CompletableFuture<ClientState>> endings = new ConcurrentHashMap<>();
  private final Map<MachineId, BiConsumer<Long, Long>> ears = new ConcurrentHashMap<>();

  /** Looks whether a deal has ended already. */
  @FunctionalInterface
  interface Look {
    Optional<ClientState> ended() throws IOException;
  }

  /** Waits until {@link #ended} is told, unless it is too late for that. */
  ClientState await(MachineId id, BiConsumer<Long, Long> progress, Look look)
      throws IOException, InterruptedException {
    ears.put(id, progress);
    CompletableFuture<ClientState> ending =
        endings.computeIfAbsent(id, key -> new CompletableFuture<>());
    try {
      Optional<ClientState> already = look.ended();
      return already.isPresent() ? already.get() : ending.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      ears.remove(id);
      endings.remove(id, ending);
    }
  }

  void progressed(MachineId id, long charged, long received) {
    BiConsumer<Long, Long> ear = ears.get(id);
    if (ear != null) {
      ear.accept(charged, received);
    }
  }

  void ended(MachineId id, ClientState state) {
    CompletableFuture<ClientState> ending = endings.get(id);
    if (ending != null) {
      ending.complete(state);
    }
  }
}
