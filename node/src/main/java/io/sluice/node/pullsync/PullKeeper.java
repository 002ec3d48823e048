package io.sluice.node.pullsync;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.pullsync.Item;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Takes the blocks of one page: those that are not here, that no other sync is fetching, and that
 * there is room for. For one thread; closed when nothing more comes, so that others may fetch what
 * did not come.
 */
final class PullKeeper implements Neighbour.PageReceiver, AutoCloseable {
  /** A block that another sync is fetching. */
  private record Awaited(Item item, CompletableFuture<Void> done) {}

  private final BlockStore store;
  private final InFlight<Multihash> inFlight;
  private final PullRoom room;
  private final Map<Cid, Long> own = new HashMap<>();
  private final List<Item> noRoom = new ArrayList<>();
  private final List<Awaited> awaited = new ArrayList<>();
  private long blocks;
  private long bytes;

  PullKeeper(BlockStore store, InFlight<Multihash> inFlight, PullRoom room) {
    this.store = store;
    this.inFlight = inFlight;
    this.room = room;
  }

  @Override
  public boolean wants(Item item) throws IOException {
    if (!(item.what() instanceof Item.OfferedBlock offered)
        || store.has(item.cid())
        || own.containsKey(item.cid())) {
      return false;
    }
    Optional<CompletableFuture<Void>> other = inFlight.claim(item.cid().hash());
    if (other.isPresent()) {
      awaited.add(new Awaited(item, other.get()));
      return false;
    }
    if (store.has(item.cid())) { // came between the look and the claim
      inFlight.release(item.cid().hash());
      return false;
    }
    if (!room.take(offered.size())) {
      inFlight.release(item.cid().hash());
      noRoom.add(item);
      return false;
    }
    own.put(item.cid(), (long) offered.size());
    return true;
  }

  @Override
  public void receive(Item item, Block block) throws IOException {
    store.put(block);
    blocks++;
    bytes += block.size();
    if (own.remove(item.cid()) != null) {
      inFlight.release(item.cid().hash());
    }
  }

  /** Lets others fetch what did not come. */
  @Override
  public void close() {
    own.forEach(
        (cid, size) -> {
          inFlight.release(cid.hash());
          room.giveBack(size);
        });
    own.clear();
  }

  /** Blocks that were not asked for because there is no room for them. */
  List<Item> noRoom() {
    return noRoom;
  }

  /**
   * Waits for what other syncs are fetching.
   *
   * @param patience how long in all
   * @return what they did not bring
   */
  List<Item> broughtByNobody(Duration patience) throws InterruptedException {
    CompletableFuture<Void> all =
        CompletableFuture.allOf(
            awaited.stream().map(Awaited::done).toArray(CompletableFuture[]::new));
    try {
      all.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException late) {
      // what is here counts, the rest is tried again
    }
    return awaited.stream().map(Awaited::item).filter(item -> !store.has(item.cid())).toList();
  }

  long blocks() {
    return blocks;
  }

  long bytes() {
    return bytes;
  }
}
