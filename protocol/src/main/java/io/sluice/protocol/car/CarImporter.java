package io.sluice.protocol.car;

import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * Puts the blocks of an archive into a store, each hashed before. They are durable after the
 * store's next sync, which is the caller's. Whether they make a whole DAG is not asked. Safe for
 * any number of threads.
 */
public final class CarImporter {
  private final BlockStore store;
  private final ExecutorService hashing;

  /**
   * @param store where blocks go
   * @param hashing where blocks are hashed, as wide as the cores
   */
  public CarImporter(BlockStore store, ExecutorService hashing) {
    this.store = store;
    this.hashing = hashing;
  }

  /**
   * Reads an archive to its end. Where that fails, the blocks before are in the store.
   *
   * @throws ProtocolException {@code BAD_CAR}, {@code BLOCK_HASH_MISMATCH}, {@code
   *     HASH_NOT_ALLOWED}
   */
  public CarContent read(CarReader archive) throws IOException {
    long blocks = 0;
    long bytes = 0;
    int underWay = 2 * Runtime.getRuntime().availableProcessors();
    try (OrderedTasks<Block> checks = new OrderedTasks<>(hashing, underWay, store::put)) {
      Optional<CarSection> next = archive.next();
      while (next.isPresent()) {
        CarSection section = next.get();
        checks.submit(section::verified);
        blocks++;
        bytes += section.data().remaining();
        next = archive.next();
      }
      checks.finish();
    }
    return new CarContent(archive.roots(), blocks, bytes);
  }
}
