package io.sluice.node.pullsync.bee;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.sync.Intervals;
import io.sluice.node.pullsync.bee.ReserveIndex.Entry;
import io.sluice.node.pullsync.bee.ReserveIndex.StampPlace;
import io.sluice.node.pullsync.bee.ReserveRecord.Done;
import io.sluice.node.pullsync.bee.ReserveRecord.Gone;
import io.sluice.node.pullsync.bee.ReserveRecord.Head;
import io.sluice.node.pullsync.bee.ReserveRecord.Highest;
import io.sluice.node.pullsync.bee.ReserveRecord.Stored;
import io.sluice.protocol.pullsync.bee.BeeCrypto;
import io.sluice.protocol.pullsync.bee.ChunkId;
import io.sluice.protocol.pullsync.bee.Proximity;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks of Swarm with their stamps, numbered by bin in the order in which they came, in one file;
 * where each is, is known in memory. A number is given once: what is removed leaves a gap. Chunks
 * count when they are on the disk.
 *
 * <p>The file says what the reserve is for. If that changed, the next start writes the file anew:
 * without what is not wanted any more, and with new numbers where bins mean something else.
 *
 * <p>Neighbours remember which numbers of ours they have done, as we do of theirs. So a number must
 * never come to mean another chunk: an end of the file that is lost may have held numbers that were
 * told already, and then the numbering begins anew under another epoch, which tells neighbours to
 * look again. What was done of neighbours stands in the same file, so that it is lost together with
 * the chunks that it says are here.
 *
 * <p>It is one idea though it is long: one file and what is known of it in memory, opened, read,
 * written and written anew. The index, the records and the file's frames are classes of their own.
 *
 * <p>Safe for any number of threads. Writers take turns, and whoever reads waits for no disk but
 * its own read.
 */
final class Reserve implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);
  private static final String FILE = "reserve";

  /** A file with less waste than this is left as it is. */
  private static final long WASTE = 16 << 20;

  private final BeeCrypto crypto;
  private final long capacity;
  private final ReserveFile file;

  /** Held by one writer over its sync; never needed to read. */
  private final ReentrantLock writing = new ReentrantLock();

  private final List<IntConsumer> listeners = new CopyOnWriteArrayList<>();

  /** Guards what is below it; held for moments. */
  private final Object lock = new Object();

  private final ReserveIndex index;
  private final Map<String, PeerProgress> progress;
  private final Head head;

  /** What was done of one neighbour. */
  private static final class PeerProgress {
    final long epoch;
    final Map<Integer, Intervals> bins = new HashMap<>();

    PeerProgress(long epoch) {
      this.epoch = epoch;
    }
  }

  /** What a file holds. */
  private static final class Contents {
    Head head;
    final ReserveIndex index = new ReserveIndex();
    final Map<String, PeerProgress> progress = new HashMap<>();
    boolean lost;

    Contents(Head head) {
      this.head = head;
    }
  }

  /**
   * What became of chunks that were handed in.
   *
   * @param stored how many are here now that were not
   * @param outdated those whose stamp's place has a later stamp, or one of the same time
   */
  record PutResult(int stored, List<ChunkId> outdated) {}

  private Reserve(BeeCrypto crypto, long capacity, ReserveFile file, Contents contents) {
    this.crypto = crypto;
    this.capacity = capacity;
    this.file = file;
    this.index = contents.index;
    this.progress = contents.progress;
    this.head = contents.head;
  }

  /**
   * Opens the reserve of a folder, which is made if it is not there.
   *
   * @param rules what it is for from now on
   * @param capacity bytes that it may take
   * @param epochs names the numbering when it begins anew
   * @throws IOException if the folder cannot be read or written, or holds something else
   */
  static Reserve open(
      Path folder,
      ReserveRules rules,
      long capacity,
      BeeCrypto crypto,
      LongSupplier epochs,
      DiskWatch watch)
      throws IOException {
    Directories.create(folder, watch);
    Path path = folder.resolve(FILE);
    if (!Files.exists(path)) {
      Head first = new Head(epochs.getAsLong(), rules);
      ReserveFile.replace(path, watch, out -> out.put(first.encode()));
    }
    ReserveFile file = ReserveFile.open(path, watch);
    try {
      Contents contents = read(file, crypto);
      // Only while nobody uses it: there is no second writer to keep up with, and positions in
      // memory are made afterwards.
      if (needsRewriting(file, contents, rules)) {
        rewrite(path, file, contents, rules, epochs, watch);
        file.close();
        file = ReserveFile.open(path, watch);
        contents = read(file, crypto);
      }
      return new Reserve(crypto, capacity, file, contents);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static Contents read(ReserveFile file, BeeCrypto crypto) throws IOException {
    List<Contents> read = new ArrayList<>(1);
    boolean lost =
        file.recover(
            (position, bytes) -> {
              int length = bytes.remaining();
              ReserveRecord record = ReserveRecord.decode(bytes);
              if (read.isEmpty()) {
                if (!(record instanceof Head head)) {
                  throw new IOException("not a reserve");
                }
                read.add(new Contents(head));
              } else {
                apply(read.getFirst(), record, position, length, crypto);
              }
            });
    if (read.isEmpty()) {
      throw new IOException("not a reserve");
    }
    Contents contents = read.getFirst();
    contents.lost = lost;
    return contents;
  }

  private static void apply(
      Contents to, ReserveRecord record, long position, int length, BeeCrypto crypto) {
    switch (record) {
      case Stored stored -> to.index.add(entry(stored, position, length, crypto));
      case Gone gone -> {
        Entry entry = to.index.numbered(gone.bin(), gone.number());
        if (entry != null) {
          to.index.remove(entry);
        }
      }
      case Highest highest -> to.index.given(highest.bin(), highest.number());
      case Done done -> apply(to.progress, done);
      case Head another -> to.head = another;
    }
  }

  private static void apply(Map<String, PeerProgress> to, Done done) {
    // A neighbour that numbers anew: what was done of its old numbers says nothing of the new ones.
    PeerProgress of = to.get(done.peer());
    if (of == null || of.epoch != done.epoch()) {
      of = new PeerProgress(done.epoch());
      to.put(done.peer(), of);
    }
    of.bins.merge(
        done.bin(),
        Intervals.NONE.with(done.from(), done.to()),
        (before, more) -> before.with(done.from(), done.to()));
  }

  private static Entry entry(Stored stored, long position, int length, BeeCrypto crypto) {
    StampedChunk chunk = stored.chunk();
    return new Entry(
        chunk.id(crypto),
        new StampPlace(chunk.stamp().batch(), chunk.stamp().index()),
        chunk.stamp().timestamp(),
        stored.bin(),
        stored.number(),
        position,
        length);
  }

  private static boolean needsRewriting(ReserveFile file, Contents contents, ReserveRules rules) {
    long waste = file.end() - contents.index.bytes();
    return contents.lost
        || !contents.head.rules().equals(rules)
        || (waste > WASTE && waste > contents.index.bytes());
  }

  private static void rewrite(
      Path path,
      ReserveFile from,
      Contents contents,
      ReserveRules rules,
      LongSupplier epochs,
      DiskWatch watch)
      throws IOException {
    ReserveRules before = contents.head.rules();
    boolean renumbered = rules.renumbers(before);
    if (contents.lost) {
      LOG.error("{} was damaged; what was behind that is pulled again", path);
    }
    // Also if only the end was lost: which numbers it held, nobody knows any more.
    boolean anew = renumbered || contents.lost;
    Head head = new Head(anew ? epochs.getAsLong() : contents.head.epoch(), rules);
    ReserveFile.replace(
        path,
        watch,
        out -> {
          out.put(head.encode());
          long[] highest = new long[Proximity.BINS];
          for (int bin = 0; bin < Proximity.BINS; bin++) {
            for (Entry entry : contents.index.bin(bin)) {
              Optional<StampedChunk> chunk = read(from, entry);
              if (chunk.isPresent() && rules.keep(entry.id().address(), entry.id().batch())) {
                int now = rules.bin(entry.id().address());
                highest[now] = renumbered ? highest[now] + 1 : entry.number();
                out.put(new Stored(now, highest[now], chunk.get()).encode());
              }
            }
          }
          // The highest may have been of a chunk that is gone, and is not to be given once more.
          for (int bin = 0; bin < Proximity.BINS && !renumbered; bin++) {
            if (contents.index.highest(bin) > 0) {
              out.put(new Highest(bin, contents.index.highest(bin)).encode());
            }
          }
          // By wider rules what was passed over is wanted now, so nothing counts as done.
          if (!rules.widens(before)) {
            keepProgress(contents.progress, out);
          }
        });
  }

  private static void keepProgress(Map<String, PeerProgress> progress, ReserveFile.RecordSink out)
      throws IOException {
    List<Done> all = new ArrayList<>();
    progress.forEach(
        (peer, of) ->
            of.bins.forEach(
                (bin, ranges) ->
                    ranges
                        .ranges()
                        .forEach(
                            each ->
                                all.add(new Done(peer, of.epoch, bin, each.from(), each.to())))));
    for (Done done : all) {
      out.put(done.encode());
    }
  }

  /** When the numbering began; another one means that all numbers are new. */
  long epoch() {
    return head.epoch();
  }

  ReserveRules rules() {
    return head.rules();
  }

  /** How many chunks there are. */
  int count() {
    synchronized (lock) {
      return index.count();
    }
  }

  /** The highest number ever given, of each bin; 0 for none. */
  List<Long> cursors() {
    List<Long> cursors = new ArrayList<>(Proximity.BINS);
    synchronized (lock) {
      for (int bin = 0; bin < Proximity.BINS; bin++) {
        cursors.add(index.highest(bin));
      }
    }
    return cursors;
  }

  boolean has(ChunkId id) {
    return find(id).isPresent();
  }

  /** Whether there is a chunk of that address, with whatever stamp. */
  boolean has(Bytes32 address) {
    return find(address).isPresent();
  }

  private Optional<Entry> find(ChunkId id) {
    synchronized (lock) {
      return index.find(id);
    }
  }

  private Optional<Entry> find(Bytes32 address) {
    synchronized (lock) {
      return index.find(address);
    }
  }

  /** A chunk; empty if it is not here, or its bytes are damaged. */
  Optional<StampedChunk> get(ChunkId id) throws IOException {
    Optional<Entry> entry = find(id);
    return entry.isEmpty() ? Optional.empty() : read(file, entry.get());
  }

  /** The chunk of an address that came last. */
  Optional<StampedChunk> get(Bytes32 address) throws IOException {
    Optional<Entry> entry = find(address);
    return entry.isEmpty() ? Optional.empty() : read(file, entry.get());
  }

  private static Optional<StampedChunk> read(ReserveFile file, Entry entry) throws IOException {
    // Checked against its frame each time: what a disk has spoilt is not given to others, who would
    // take us for a liar.
    Optional<ByteBuffer> bytes = file.read(entry.position(), entry.length());
    return bytes.isPresent() && ReserveRecord.decode(bytes.get()) instanceof Stored stored
        ? Optional.of(stored.chunk())
        : Optional.empty();
  }

  /** What a page of a request has at this moment. */
  PageView look(PageRequest request) {
    synchronized (lock) {
      return PageView.of(request, index);
    }
  }

  /** Adds a listener that is told the bin when chunks came; it must not block. */
  void onStored(IntConsumer listener) {
    listeners.add(listener);
  }

  /**
   * Keeps chunks whose address and stamp were checked. When this returns they are durable, have
   * numbers, and are offered to others; if it fails, none of them is here.
   *
   * @throws StorageFullException if there would be more than the reserve may take
   */
  PutResult put(List<StampedChunk> chunks) throws IOException {
    List<ChunkId> outdated = new ArrayList<>();
    List<Stored> fresh = new ArrayList<>();
    Set<Integer> bins = new HashSet<>();
    writing.lock();
    try {
      List<ByteBuffer> records = new ArrayList<>();
      number(chunks, fresh, outdated);
      long bytes = 0;
      for (Stored each : fresh) {
        ByteBuffer record = each.encode();
        bytes += ReserveFile.FRAME + record.remaining();
        records.add(record);
      }
      if (bytes > 0 && file.end() + bytes > capacity) {
        throw new StorageFullException(
            "the reserve takes %d bytes, and may take %d".formatted(file.end(), capacity));
      }
      if (!records.isEmpty()) {
        // One sync for all of them, and the index after it: nobody is offered what a death could
        // take back.
        List<Long> positions = file.append(records, true);
        synchronized (lock) {
          for (int i = 0; i < fresh.size(); i++) {
            index.add(entry(fresh.get(i), positions.get(i), records.get(i).remaining(), crypto));
            bins.add(fresh.get(i).bin());
          }
        }
      }
    } finally {
      writing.unlock();
    }
    // Outside the lock, once for each bin: they wake pages that wait, which look here again.
    bins.forEach(bin -> listeners.forEach(each -> each.accept(bin)));
    return new PutResult(fresh.size(), outdated);
  }

  /** Gives numbers to those that are new; for the writer. */
  private void number(List<StampedChunk> chunks, List<Stored> fresh, List<ChunkId> outdated) {
    long[] next = new long[Proximity.BINS];
    Set<ChunkId> ids = new HashSet<>();
    Map<StampPlace, Long> places = new HashMap<>();
    synchronized (lock) {
      for (StampedChunk chunk : chunks) {
        ChunkId id = chunk.id(crypto);
        // Here already, or twice in what was handed in: neighbours offer the same chunks, and a
        // number for each time would be one that others fetch for nothing.
        if (index.find(id).isPresent() || !ids.add(id)) {
          continue;
        }
        StampPlace place = new StampPlace(chunk.stamp().batch(), chunk.stamp().index());
        Optional<Long> taken =
            Optional.ofNullable(places.get(place))
                .or(() -> index.find(place).map(Entry::timestamp));
        // An issuer that signs one place of a batch twice takes back the first; of the same time
        // none is better, and the one that is here stays.
        if (taken
            .filter(time -> Long.compareUnsigned(time, chunk.stamp().timestamp()) >= 0)
            .isPresent()) {
          outdated.add(id);
          continue;
        }
        places.put(place, chunk.stamp().timestamp());
        int bin = rules().bin(chunk.address());
        next[bin] = Math.max(next[bin], index.highest(bin)) + 1;
        fresh.add(new Stored(bin, next[bin], chunk));
      }
    }
  }

  /** Lets go of a chunk, if it is here; its number is not given again. */
  void remove(ChunkId id) throws IOException {
    writing.lock();
    try {
      Optional<Entry> entry = find(id);
      if (entry.isPresent()) {
        // Durable before it cannot be found: else a restart would bring it back.
        Gone gone = new Gone(entry.get().bin(), entry.get().number());
        file.append(List.of(gone.encode()), true);
        synchronized (lock) {
          index.remove(entry.get());
        }
      }
    } finally {
      writing.unlock();
    }
  }

  /** The epoch of a neighbour's numbers that something was noted of. */
  OptionalLong epochOf(String peer) {
    synchronized (lock) {
      PeerProgress of = progress.get(peer);
      return of == null ? OptionalLong.empty() : OptionalLong.of(of.epoch);
    }
  }

  /** The numbers of a neighbour's bin that are done; none if its epoch is another than before. */
  Intervals done(String peer, long epoch, int bin) {
    synchronized (lock) {
      PeerProgress of = progress.get(peer);
      return of == null || of.epoch != epoch
          ? Intervals.NONE
          : of.bins.getOrDefault(bin, Intervals.NONE);
    }
  }

  /**
   * Notes that numbers of a neighbour's bin are done. Durable at the latest with the next chunk:
   * whoever loses it looks at a page once more.
   */
  void done(String peer, long epoch, int bin, long from, long to) throws IOException {
    Done done = new Done(peer, epoch, bin, from, to);
    writing.lock();
    try {
      file.append(List.of(done.encode()), false);
      synchronized (lock) {
        apply(progress, done);
      }
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    writing.lock();
    try {
      file.close();
    } finally {
      writing.unlock();
    }
  }
}
