package io.sluice.node;

import io.sluice.dealstore.blocks.FileBlockStore;
import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.node.pullsync.Syncs;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What came to a home, numbered, in step with the list of contents. Opened when somebody first asks
 * for it; how far it is, is noted beside the deals, so that an old copy of its files is found out.
 * Safe for use from many threads; nobody holds the node's own lock here.
 */
final class HomeBlockLog {
  private static final Logger LOG = LoggerFactory.getLogger(HomeBlockLog.class);

  private final SluiceNode node;
  private @Nullable BlockLog log;

  HomeBlockLog(SluiceNode node) {
    this.node = node;
  }

  /** The log. Made by the first call, and kept from then on. */
  synchronized BlockLog opened() throws IOException {
    if (log == null) {
      NotedNumbers noted = new NotedNumbers(node.store());
      BlockLog opened = node.blocks().log();
      if (noted.isAhead(opened)) {
        LOG.warn(
            "the block log is an old copy that was put back: neighbours will compare everything"
                + " again");
        opened.renew();
      }
      node.contents().agree(opened, node.clock().instant());
      log = opened;
      var unused = node.keep((AutoCloseable) this::noteLast);
    }
    return log;
  }

  /** The same, if this home has one. */
  Optional<BlockLog> known() throws IOException {
    return FileBlockStore.hasLog(node.home().blocks()) ? Optional.of(opened()) : Optional.empty();
  }

  private void noteLast() throws IOException {
    node.blocks().sync(); // what came last gets its numbers by this
    note();
  }

  /** Notes how far it is, if it is open. */
  void note() throws IOException {
    BlockLog known;
    synchronized (this) {
      known = log;
    }
    if (known != null && !node.isFull()) {
      new NotedNumbers(node.store()).note(known);
    }
  }

  /**
   * What came and may be of neighbours, and whose root is not listed yet: {@code gc} keeps it.
   * {@code Long.MAX_VALUE} is its first number without syncs.
   */
  UnclaimedBlocks unclaimed() throws IOException {
    long from = Syncs.unclaimed(node.store());
    return from == Long.MAX_VALUE
        ? new UnclaimedBlocks(from, 0)
        : UnclaimedBlocks.from(from, opened(), node.beneathRoots());
  }
}
