package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** A node in memory: its log, and the roots that it lists, each a list of links. */
final class MemoryPullHome implements PullHome {
  final MemoryBlockLog log;
  volatile long quota = Long.MAX_VALUE;
  private final Set<String> roots = new ConcurrentSkipListSet<>();

  MemoryPullHome(long epoch) {
    this.log = new MemoryBlockLog(epoch);
  }

  /** Brings in a root with so many blocks beneath it. */
  Cid bringIn(int blocks, Random random) {
    List<Block> some = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      byte[] data = new byte[100];
      random.nextBytes(data);
      Block block = Block.of(Codec.RAW, ByteBuffer.wrap(data));
      log.put(block);
      some.add(block);
    }
    return listAbove(some);
  }

  /** Lists a root with those beneath it. */
  Cid listAbove(List<Block> blocks) {
    List<Node> links = blocks.stream().map(block -> Node.of(block.cid())).toList();
    Block root = Block.of(Codec.DAG_CBOR, ByteBuffer.wrap(DagCbor.encode(Node.list(links))));
    log.put(root);
    list(root.cid());
    return root.cid();
  }

  /** Lists a root that is here. */
  void list(Cid root) {
    log.listed(root, false, "some");
    roots.add(root.toString());
  }

  void remove(Cid root) {
    roots.remove(root.toString());
    log.removed(root, log.listings(root));
  }

  Set<String> roots() {
    return Set.copyOf(roots);
  }

  List<Cid> beneath(Cid root) {
    return DagCbor.decode(log.get(root).orElseThrow().data(), Limits.BLOCK).asList().stream()
        .map(Node::asLink)
        .toList();
  }

  @Override
  public BlockStore store() {
    return log;
  }

  @Override
  public long epoch() {
    return log.epoch();
  }

  @Override
  public long cursor() {
    return log.cursor();
  }

  @Override
  public long roomLeft() {
    long here =
        log.read(1, Long.MAX_VALUE, Integer.MAX_VALUE).stream()
            .map(LogEntry::what)
            .mapToLong(what -> what instanceof LogEntry.BlockCame block ? block.size() : 0)
            .sum();
    return Math.max(0, quota - here);
  }

  @Override
  public long unclaimed(long from) {
    Set<Cid> claimed = new HashSet<>();
    List<LogEntry> entries = log.read(from, Long.MAX_VALUE, Integer.MAX_VALUE);
    for (LogEntry entry : entries) {
      if (!(entry.what() instanceof LogEntry.BlockCame)) {
        claimed.add(entry.cid());
        claimed.addAll(beneath(entry.cid()));
      }
    }
    return entries.stream()
        .filter(entry -> !claimed.contains(entry.cid()))
        .mapToLong(LogEntry::number)
        .findFirst()
        .orElse(log.cursor() + 1);
  }

  @Override
  public synchronized Adoption adopt(Cid root, RootTag listing, boolean offered, String name) {
    if (log.ended(listing)) {
      return Adoption.ENDED;
    }
    if (!isComplete(root)) {
      return Adoption.INCOMPLETE;
    }
    log.learned(root, listing, offered, name);
    roots.add(root.toString());
    return Adoption.LISTED;
  }

  @Override
  public synchronized void drop(Cid root, Set<RootTag> ended) {
    log.removed(root, ended);
    if (log.listings(root).isEmpty()) {
      roots.remove(root.toString());
    }
  }

  @Override
  public boolean isComplete(Cid root) {
    return log.has(root) && beneath(root).stream().allMatch(log::has);
  }

  @Override
  public void buy(NeighbourSync.Order order) throws IOException, NotBoughtException {
    throw new NotBoughtException("nothing is bought here", null);
  }
}
