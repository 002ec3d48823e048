package io.sluice.node.sync;

import io.sluice.protocol.DoublingPause;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A client that notes its pauses instead of making them. */
final class TestClient implements AutoCloseable {
  static final int ATTEMPTS = 4;

  final List<Long> pauses = new CopyOnWriteArrayList<>();
  private final ExecutorService hashing = Executors.newFixedThreadPool(2);
  private final DsyncClient client;

  TestClient(BlockStore store) {
    this(store, Duration.ofMinutes(1));
  }

  TestClient(BlockStore store, Duration quiet) {
    client =
        new DsyncClient(
            store,
            hashing,
            ManifestLimits.DEFAULT,
            new Retries(
                new DoublingPause(Duration.ofMillis(1), Duration.ofMillis(100)),
                ATTEMPTS,
                pause -> pauses.add(pause.toMillis())),
            new TransferWatch(Ticker.SYSTEM, quiet, Duration.ofMillis(5)));
  }

  static DsyncClient.Remote at(String url, Map<String, String> meta) {
    return new DsyncClient.Remote.AtUrl(url, Optional.empty(), meta);
  }

  SyncOutcome push(Cid root, String url) throws Exception {
    return push(root, url, false, Map.of());
  }

  SyncOutcome push(Cid root, String url, boolean pin, Map<String, String> meta) throws Exception {
    return client.push(root, at(url, meta), pin, (bytes, expected) -> {});
  }

  SyncOutcome pull(Cid root, String url) throws Exception {
    return pull(root, url, Map.of());
  }

  SyncOutcome pull(Cid root, String url, Map<String, String> meta) throws Exception {
    return client.pull(root, at(url, meta), (bytes, expected) -> {});
  }

  void unpin(Cid root, String url, Map<String, String> meta) throws Exception {
    client.unpin(root, at(url, meta));
  }

  DsyncClient client() {
    return client;
  }

  @Override
  public void close() {
    hashing.shutdownNow();
  }
}
