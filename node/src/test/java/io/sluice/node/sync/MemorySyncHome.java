package io.sluice.node.sync;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.ForwardingBlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A node of which dsync sees blocks in memory, and callers who may all that is said. */
final class MemorySyncHome implements SyncHome {
  final MemoryBlockStore blocks = new MemoryBlockStore();
  final Set<Cid> pinned = ConcurrentHashMap.newKeySet();
  final List<Cid> received = new ArrayList<>();
  final Set<Cid> sold = ConcurrentHashMap.newKeySet();
  SyncCaller caller = new SyncCaller("granted", true, true, true, OptionalLong.empty());
  volatile boolean full;

  /** The blocks of a DAG of the vectors, in the order of its manifest. */
  static List<Block> dag(String name) {
    byte[] car = TestJson.resource(TestJson.class, "dsync/" + name + ".car");
    List<Block> blocks = new ArrayList<>();
    try (CarReader in =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(car)), CarLimits.DEFAULT)) {
      for (Optional<CarSection> next = in.next(); next.isPresent(); next = in.next()) {
        blocks.add(next.get().verified());
      }
      return blocks;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public SyncCaller caller(Optional<String> token) {
    return caller;
  }

  @Override
  public SyncCaller caller(PeerId peer) {
    return caller;
  }

  @Override
  public Optional<String> unreadable(SyncCaller who, List<Cid> wanted) {
    return who.read()
        ? Optional.empty()
        : wanted.stream().filter(sold::contains).findFirst().map(cid -> cid + " is sold");
  }

  @Override
  public BlockStore store() {
    return new ForwardingBlockStore(blocks) {
      @Override
      public void put(Block block) throws IOException {
        if (full) {
          throw new IOException("disk full");
        }
        super.put(block);
      }
    };
  }

  @Override
  public Optional<String> lacksRoom(long arriving) {
    return Optional.empty();
  }

  @Override
  public synchronized void received(SyncCaller from, Cid root, boolean pin) {
    received.add(root);
    if (pin) {
      pinned.add(root);
    }
  }

  @Override
  public boolean remove(Cid root) {
    return pinned.remove(root);
  }
}
