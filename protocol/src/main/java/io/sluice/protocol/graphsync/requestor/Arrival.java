package io.sluice.protocol.graphsync.requestor;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blocks of one message, being hashed while walks are still busy with earlier messages. To hash
 * is to verify: a block is found under the CID that its bytes have, so a wrong one is found under
 * no CID that anybody asked for.
 */
final class Arrival {
  private static final Logger LOG = LoggerFactory.getLogger(Arrival.class);

  /** A block worth a task of its own. */
  private static final int LARGE = 64 << 10;

  private final Set<Cid> wanted;
  private final CompletableFuture<Map<Cid, ByteBuffer>> hashed;
  private final int count;
  private final long bytes;
  private volatile int unrequested;

  private Arrival(
      Set<Cid> wanted, CompletableFuture<Map<Cid, ByteBuffer>> hashed, int count, long bytes) {
    this.wanted = wanted;
    this.hashed = hashed;
    this.count = count;
    this.bytes = bytes;
  }

  static Arrival of(GraphsyncMessage message, Executor hashing) {
    Set<Cid> wanted = new HashSet<>();
    for (GsResponse response : message.responses()) {
      response.metadata().forEach(entry -> wanted.add(entry.link()));
    }
    List<CompletableFuture<Map<Cid, ByteBuffer>>> tasks = new ArrayList<>();
    List<GsBlock> small = new ArrayList<>();
    long bytes = 0;
    int smallBytes = 0;
    for (GsBlock block : message.blocks()) {
      int size = block.data().remaining();
      bytes += size;
      small.add(block);
      smallBytes += size;
      if (smallBytes >= LARGE) {
        tasks.add(hash(List.copyOf(small), hashing));
        small.clear();
        smallBytes = 0;
      }
    }
    if (!small.isEmpty()) {
      tasks.add(hash(List.copyOf(small), hashing));
    }
    CompletableFuture<Map<Cid, ByteBuffer>> all =
        CompletableFuture.allOf(tasks.toArray(CompletableFuture[]::new))
            .thenApply(done -> merge(tasks));
    return new Arrival(wanted, all, message.blocks().size(), bytes);
  }

  private static CompletableFuture<Map<Cid, ByteBuffer>> hash(
      List<GsBlock> blocks, Executor hashing) {
    return CompletableFuture.supplyAsync(() -> hash(blocks), hashing);
  }

  private static Map<Cid, ByteBuffer> hash(List<GsBlock> blocks) {
    Map<Cid, ByteBuffer> byCid = HashMap.newHashMap(blocks.size());
    for (GsBlock block : blocks) {
      try {
        byCid.put(block.cid(), block.data());
      } catch (ProtocolException e) {
        // What cannot be verified was not received.
        LOG.debug("block of {} bytes cannot be hashed", block.data().remaining(), e);
      }
    }
    return byCid;
  }

  private static Map<Cid, ByteBuffer> merge(List<CompletableFuture<Map<Cid, ByteBuffer>>> tasks) {
    if (tasks.size() == 1) {
      return tasks.getFirst().join();
    }
    Map<Cid, ByteBuffer> all = new HashMap<>();
    tasks.forEach(task -> all.putAll(task.join()));
    return all;
  }

  /** Bytes of all blocks. */
  long bytes() {
    return bytes;
  }

  /** The blocks by their true CIDs, in a map of the caller's own; waits until they are hashed. */
  Map<Cid, ByteBuffer> blocks() {
    Map<Cid, ByteBuffer> all = new HashMap<>(hashed.join());
    all.keySet().retainAll(wanted);
    unrequested = count - all.size();
    return all;
  }

  /**
   * How many blocks no metadata of the message speaks of; known once {@link #blocks} has returned.
   */
  int unrequested() {
    return unrequested;
  }
}
