package io.sluice.node.transfer;

import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.MemoryNetwork;
import io.sluice.protocol.graphsync.MemoryNetwork.MemoryHost;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.ForwardingBlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** One end of transfers: a process with a manager, that can die and come back. */
final class TransferEndpoint implements Receiving, AutoCloseable {
  static final TransferLimits LIMITS =
      new TransferLimits(
          Duration.ofSeconds(60),
          1,
          50,
          Duration.ofMillis(10),
          Duration.ofMillis(20),
          Duration.ofHours(24),
          2_000,
          2,
          3);

  private final MemoryNetwork network;
  TransferLimits limits;
  final MemoryHost host;
  final GatedStore blocks;
  final List<Cid> kept = new CopyOnWriteArrayList<>();
  volatile Optional<ReceiveRule> rule = Optional.of(new ReceiveRule(OptionalLong.empty()));
  volatile Runnable beforeDeciding = () -> {};
  volatile long room = Long.MAX_VALUE;
  MemoryJournal journal = new MemoryJournal();
  TransferManager manager;
  private final Map<String, TransferValidator> validators = new HashMap<>();
  private DataTransfer transfers;
  private Engine engine;
  private ExecutorService workers;

  TransferEndpoint(MemoryNetwork network, int number, MemoryBlockStore content) throws IOException {
    this(network, number, content, LIMITS);
  }

  TransferEndpoint(
      MemoryNetwork network, int number, MemoryBlockStore content, TransferLimits limits)
      throws IOException {
    this.limits = limits;
    this.network = network;
    this.host = network.host(number);
    this.blocks = new GatedStore(content);
    start();
  }

  private void start() throws IOException {
    workers = Executors.newVirtualThreadPerTaskExecutor();
    engine =
        new Engine(
            journal,
            journal,
            Clock.systemUTC(),
            workers,
            new EngineWatch() {},
            EngineLimits.DEFAULT);
    TransferRecords records = new TransferRecords(engine, journal);
    manager =
        new TransferManager(
            host.id(), records, blocks, this, limits, workers, Clock.systemUTC(), true);
    validators.forEach(manager::validate);
    records.recover();
    TransferDispatch dispatch = new TransferDispatch(host.id());
    dispatch.manager(manager);
    transfers = DataTransfer.start(host, GraphsyncConfig.defaults(), dispatch);
    manager.attach(transfers);
    TransferManager mine = manager;
    host.onDisconnect(loss -> mine.disconnected(loss.peer()));
  }

  /** Has vouchers of a type judged, by later processes as well. */
  void validate(String type, TransferValidator by) {
    validators.put(type, by);
    manager.validate(type, by);
  }

  /** Something that comes true some time. */
  interface Look {
    boolean look() throws IOException;
  }

  static void awaited(Look what) throws IOException {
    while (!what.look()) {
      if (Thread.interrupted()) { // a test that takes too long
        throw new AssertionError("it never came true");
      }
      Thread.onSpinWait();
    }
  }

  /** Of an end that records nothing on the way. */
  static TransferLimits seldom() {
    return limits(LIMITS.stall(), 1 << 30);
  }

  /** Of an end that expects to hear something at once. */
  static TransferLimits impatient() {
    return limits(Duration.ZERO, LIMITS.progressBytes());
  }

  private static TransferLimits limits(Duration stall, long progressBytes) {
    return new TransferLimits(
        stall,
        LIMITS.firstTries(),
        LIMITS.tries(),
        LIMITS.pause(),
        LIMITS.longestPause(),
        LIMITS.expiry(),
        progressBytes,
        LIMITS.perPeer(),
        LIMITS.total());
  }

  /** As SIGKILL does it: nothing more is recorded, nothing more is said. */
  void die() {
    network.reachable(host, false);
    manager.close();
    engine.close();
    transfers.close();
    workers.shutdownNow();
  }

  /** The next process, on what the last one recorded. */
  void comeBack() throws IOException {
    journal = journal.reopened(TransferTable.TABLE);
    start();
    network.reachable(host, true);
  }

  @Override
  public void close() {
    blocks.open();
    die();
  }

  TransferManager.TransferEnd end(MachineId id) throws Exception {
    return manager.await(id).get();
  }

  /** The one channel that there is. */
  MachineId only() throws IOException {
    List<MachineId> ids = new ArrayList<>();
    for (JournalEntry entry : journal.entries()) {
      if (!ids.contains(entry.machine())) {
        ids.add(entry.machine());
      }
    }
    return ids.size() == 1 ? ids.getFirst() : failed("channels: " + ids);
  }

  private static MachineId failed(String what) {
    throw new AssertionError(what);
  }

  TransferChannel channel(MachineId id) throws IOException {
    StoredMachine machine = journal.load(id).orElseThrow();
    return TransferTable.TABLE.data().decode(machine.data());
  }

  /** How far the data of a channel are, more exactly than it is recorded. */
  long moved(MachineId id) throws IOException {
    return manager.moved(manager.channel(id).orElseThrow()).orElseThrow().bytes();
  }

  /** The statuses that a channel went through, each once. */
  List<String> statuses(MachineId id) throws IOException {
    List<String> statuses = new ArrayList<>();
    for (JournalEntry entry : journal.history(id)) {
      if (statuses.isEmpty() || !statuses.getLast().equals(entry.after())) {
        statuses.add(entry.after());
      }
    }
    return statuses;
  }

  long count(MachineId id, String event) throws IOException {
    long count = 0;
    for (JournalEntry entry : journal.history(id)) {
      count += entry.event().equals(event) ? 1 : 0;
    }
    return count;
  }

  @Override
  public Optional<ReceiveRule> rule(PeerId peer) {
    beforeDeciding.run();
    return rule;
  }

  @Override
  public Optional<String> lacksRoom(long arriving, long claimed) {
    return arriving + claimed > room ? Optional.of("there is no room for it") : Optional.empty();
  }

  @Override
  public BlockStore store() {
    return blocks;
  }

  @Override
  public void received(PeerId from, Cid root) {
    kept.add(root);
  }

  /** A store that gives out so many blocks, and then waits; or that fails to take some. */
  static final class GatedStore extends ForwardingBlockStore {
    private final BlockingQueue<Integer> waiting = new LinkedBlockingQueue<>();
    private int left = Integer.MAX_VALUE;
    private volatile boolean full;

    GatedStore(BlockStore store) {
      super(store);
    }

    synchronized void closeAfter(int gets) {
      left = gets;
    }

    synchronized void open() {
      left = Integer.MAX_VALUE;
      notifyAll();
    }

    /** Returns when somebody waits for a block. */
    void awaitWaiting() throws InterruptedException {
      waiting.take();
    }

    void fill() {
      full = true;
    }

    @Override
    public Optional<Block> get(Cid cid) throws IOException {
      pass();
      return super.get(cid);
    }

    private synchronized void pass() throws IOException {
      if (left == 0) {
        waiting.add(0);
      }
      while (left == 0) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", e);
        }
      }
      left--;
    }

    @Override
    public void put(Block block) throws IOException {
      if (full) {
        throw new IOException("no space left on device");
      }
      super.put(block);
    }
  }
}
