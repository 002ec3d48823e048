package io.sluice.dealstore.blocks;

import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** Reads blocks and hashes them, side by side; notes what is damaged. For one thread. */
final class Rehash {
  /** Blocks held in memory at once. */
  static final int UNDER_WAY = 2 * Runtime.getRuntime().availableProcessors();

  private final DamagedPlaces damaged;
  private final OrderedTasks<Checked> checks;
  private final List<BlockFault> faults = new ArrayList<>();
  private long blocks;
  private long bytes;

  private record Checked(BlockPlace found, Optional<String> fault) {}

  Rehash(ExecutorService hashing, DamagedPlaces damaged) {
    this.damaged = damaged;
    this.checks = new OrderedTasks<>(hashing, UNDER_WAY, this::note);
  }

  /** Every block of a file, up to its present end. */
  void file(BlockFile file) throws IOException {
    for (CarEntry entry : Sections.of(file.payload())) {
      if (damaged.in(file).sound(entry)) {
        place(new BlockPlace(file, entry));
      }
    }
  }

  /** One block. */
  void place(BlockPlace found) throws IOException {
    checks.submit(() -> new Checked(found, fault(found)));
  }

  VerifyReport report(List<Cid> missing, List<Path> lost) throws IOException {
    checks.finish();
    return new VerifyReport(blocks, bytes, faults, missing, lost);
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
      BlockFile file = checked.found().file();
      damaged.in(file).damage(entry.offset(), entry.cid().hash(), checked.fault().get());
      faults.add(new BlockFault(entry.cid(), file.path(), entry.offset(), checked.fault().get()));
    }
  }
}
