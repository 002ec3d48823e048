package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.Lane;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A node of which neighbours see a log in memory: all of it, unless a test says otherwise. */
final class MemoryPullsyncHome implements PullsyncHome, PullsyncHome.LaneView {
  final MemoryBlockLog log = new MemoryBlockLog(ScriptedNeighbour.EPOCH);

  /** What does not belong to the lanes that are asked for. */
  final Set<Cid> elsewhere = ConcurrentHashMap.newKeySet();

  /** Why nobody reads anything, if so. */
  volatile Optional<PullsyncRefusal> refusal = Optional.empty();

  volatile Delivery.Status status = Delivery.Status.OK;

  /** Whether the disk fails. */
  volatile boolean failing;

  /** Whether the log was asked for. */
  volatile boolean opened;

  @Override
  public BlockLog log() {
    opened = true;
    return log;
  }

  @Override
  public BlockStore store() {
    return log;
  }

  @Override
  public LaneView view(PeerId peer, Lane lane) throws PullsyncRefusal {
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    return this;
  }

  @Override
  public boolean holds(LogEntry entry) throws IOException {
    requireDisk();
    return !elsewhere.contains(entry.cid());
  }

  @Override
  public Delivery.Status mayRead(Cid block) throws IOException {
    requireDisk();
    return status;
  }

  private void requireDisk() throws IOException {
    if (failing) {
      throw new IOException("a secret path: disk failed");
    }
  }
}
