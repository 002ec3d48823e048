package io.sluice.node.sync;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/**
 * Fetches a DAG from another node: asks of which blocks it consists, and for those that are not
 * here. Each is hashed before it is kept, and how many there are is counted here: that an answer
 * ended well says nothing. What came stays, so that another try, be it after a restart, asks for
 * the rest.
 *
 * <p>Spec: dsync 0.2.0, pull.
 */
final class DagPull {
  private static final CarLimits LIMITS =
      new CarLimits(
          CarLimits.DEFAULT.headerBytes(),
          CarLimits.DEFAULT.roots(),
          CarLimits.DEFAULT.sectionBytes(),
          false);

  private final BlockStore store;
  private final DsyncRemote remote;
  private final Retries retries;
  private final Moved moved;
  private final ExecutorService hashing;

  /**
   * @param moved counts what came and is kept
   * @param hashing where blocks are hashed
   */
  DagPull(
      BlockStore store, DsyncRemote remote, Retries retries, Moved moved, ExecutorService hashing) {
    this.store = store;
    this.remote = remote;
    this.retries = retries;
    this.moved = moved;
    this.hashing = hashing;
  }

  /**
   * Returns when all blocks that the other end names are here and durable.
   *
   * @throws ServiceException if it refuses, sends something else, or cannot be reached long enough
   * @throws ProtocolException {@code BLOCK_HASH_MISMATCH} and others for what is malformed
   */
  SyncOutcome run(Cid root) throws IOException, ServiceException, InterruptedException {
    DsyncRemote.RemoteInfo said = retries.until(() -> remote.info(root));
    Manifest whole = said.info().manifest();
    if (!whole.root().equals(Optional.of(root))) {
      throw new ServiceException(
          DealCode.VERIFICATION_FAILED,
          "asked about %s, and told about %s"
              .formatted(root, whole.root().map(Cid::toString).orElse("nothing")));
    }
    Manifest missing = whole.diff(store::has);
    if (!missing.nodes().isEmpty()) {
      moved.expect(ExpectedBytes.of(said.info(), missing));
      fetch(whole, missing, said.streams());
      store.sync();
    }
    return new SyncOutcome(
        whole.nodes().size(), missing.nodes().size(), moved.blocks(), moved.bytes());
  }

  /** An archive as long as each brings something; for what it does not bring, block by block. */
  private void fetch(Manifest whole, Manifest missing, boolean streams)
      throws ServiceException, InterruptedException {
    Manifest left = missing;
    Retries.Row row = retries.row();
    boolean archives = streams;
    while (archives && !left.nodes().isEmpty()) {
      Optional<IOException> failure = fetchArchive(whole, left);
      Manifest now = left.diff(store::has);
      boolean brought = now.nodes().size() < left.nodes().size();
      left = now;
      if (brought) {
        row.moved();
      }
      if (failure.isPresent() && !left.nodes().isEmpty()) {
        row.failed(failure.get());
      } else {
        archives = brought;
      }
    }
    new BlockByBlock(retries).run(left.nodes(), cid -> keep(remote.block(cid)));
  }

  /** What kept it from ending as it should, if that may be of the network. */
  private Optional<IOException> fetchArchive(Manifest whole, Manifest wanted)
      throws ServiceException, InterruptedException {
    try (CarReader archive = CarReader.open(Channels.newChannel(remote.stream(wanted)), LIMITS);
        OrderedTasks<Block> checks = checks()) {
      try {
        read(archive, checks, whole, wanted);
      } finally {
        checks.finish(); // what came before a failure is kept
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    } catch (ProtocolException e) {
      if (e.code().equals(BAD_CAR)) { // most often one that was cut off
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The code of what {@link CarReader} refuses. */
  private static final String BAD_CAR = "BAD_CAR";

  private OrderedTasks<Block> checks() {
    return new OrderedTasks<>(hashing, 2 * Runtime.getRuntime().availableProcessors(), this::keep);
  }

  private static void read(
      CarReader archive, OrderedTasks<Block> checks, Manifest whole, Manifest wanted)
      throws IOException, ServiceException {
    Set<Cid> named = new HashSet<>(whole.nodes());
    Set<Cid> awaited = new HashSet<>(wanted.nodes());
    int left = named.size(); // no more come, not even the same ones again
    Optional<CarSection> next = archive.next();
    while (next.isPresent()) {
      CarSection section = next.get();
      if (!named.contains(section.cid()) || left == 0) {
        throw new ServiceException(
            DealCode.VERIFICATION_FAILED,
            "the other end sent %s, which it was not asked for".formatted(section.cid()));
      }
      left--;
      if (awaited.remove(section.cid())) {
        checks.submit(section::verified);
      }
      next = archive.next();
    }
  }

  private void keep(Block block) {
    try {
      store.put(block);
    } catch (IOException e) { // of this disk, which another try does not mend
      throw new UncheckedIOException(e);
    }
    moved.block(block.size());
  }
}
