package io.sluice.dealstore.blocks;

import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/** Reads blocks and hashes them, side by side; notes what is damaged. For one thread. */
final class Rehash {
  /** Blocks held in memory at once. */
  static final int UNDER_WAY = 2 * Runtime.getRuntime().availableProcessors();

  private final StoredBlocks store;
  private final DamagedPlaces damaged;
  private final OrderedTasks<Checked> checks;
  private final Set<Cid> faults = new LinkedHashSet<>();
  private long blocks;
  private long bytes;

  private record Checked(BlockPlace found, Optional<String> fault) {}

  Rehash(StoredBlocks store, ExecutorService hashing) {
    this.store = store;
    this.damaged = store.damaged();
    this.checks = new OrderedTasks<>(hashing, UNDER_WAY, this::note);
  }

  /**
   * Every block of a file, up to its present end; of those known to be damaged the lacking ones.
   */
  void file(BlockFile file) throws IOException {
    for (CarEntry entry : Sections.of(file.payload())) {
      if (damaged.in(file).sound(entry)) {
        place(new BlockPlace(file, entry));
      } else if (store.isDamaged(entry.cid())) {
        faults.add(entry.cid());
      }
    }
  }

  /** One block. */
  void place(BlockPlace found) throws IOException {
    checks.submit(() -> new Checked(found, fault(found)));
  }

  VerifyReport report(List<Cid> missing, List<Path> lost) throws IOException {
    checks.finish();
    missing.stream().filter(store::isDamaged).forEach(faults::add);
    List<Cid> unknown = missing.stream().filter(cid -> !faults.contains(cid)).toList();
    return new VerifyReport(blocks, bytes, List.copyOf(faults), unknown, lost);
  }

  private static Optional<String> fault(BlockPlace found) throws IOException {
    try {
      Block.verified(found.entry().cid(), found.file().payload().data(found.entry()));
      return Optional.empty();
    } catch (ProtocolException | EOFException e) {
      return Optional.of(e.toString());
    }
  }

  private void note(Checked checked) throws IOException {
    CarEntry entry = checked.found().entry();
    blocks++;
    bytes += entry.dataLength();
    if (checked.fault().isPresent()) {
      damaged
          .in(checked.found().file())
          .damage(entry.offset(), entry.cid().hash(), checked.fault().get());
      faults.add(entry.cid());
    }
  }
}
