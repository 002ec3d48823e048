package io.sluice.protocol.graphsync.requestor;

import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.queue.WalkTurns;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.RequestId;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What the requests of an endpoint share, to whichever peers they go. */
public final class Requestor implements AutoCloseable {
  private final GraphsyncConfig config;
  private final WalkTurns turns;
  private final ExecutorService hashing;
  private final SecureRandom random = new SecureRandom();

  /** Starts the threads that hash blocks. */
  public Requestor(GraphsyncConfig config) {
    this.config = config;
    this.turns = new WalkTurns(config.requests(), config.requests());
    this.hashing =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().daemon().name("graphsync-hash-", 0).factory());
  }

  GraphsyncConfig config() {
    return config;
  }

  WalkTurns turns() {
    return turns;
  }

  RequestId newId() {
    return RequestId.random(random);
  }

  Arrival arrival(GraphsyncMessage message) {
    return Arrival.of(message, hashing);
  }

  /** Frees the threads. */
  @Override
  public void close() {
    hashing.shutdown();
  }
}
