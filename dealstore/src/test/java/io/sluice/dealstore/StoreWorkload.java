package io.sluice.dealstore;

import io.sluice.dealstore.blocks.BlockStoreConfig;
import io.sluice.dealstore.blocks.FileBlockStore;
import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.BlockLogConfig;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

/** A process that fills a store, and says what is durable once it is. */
final class StoreWorkload {
  static final int NAMES = 10;
  private static final JournalSettings SMALL = new JournalSettings(4_000, 4 << 20);
  private static final BlockStoreConfig FEW = new BlockStoreConfig(1 << 20, 7, 0);

  private StoreWorkload() {}

  static DealStore store(Path folder) throws IOException {
    return DealStore.open(
        folder.resolve("deals"), KnownTables.of(ClientDeals.TABLE), SMALL, cause -> {});
  }

  static FileBlockStore blocks(Path folder) throws IOException {
    BlockLogConfig log = new BlockLogConfig(new SecureRandom(), Duration.ZERO, 20);
    return FileBlockStore.open(folder.resolve("blocks"), FEW, log, DiskWatch.NONE);
  }

  static Block block(long number) {
    return Block.of(0x55, ByteBuffer.allocate(2_000).putLong(0, number));
  }

  /** Arguments: the folder, how many rounds. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    try (DealStore store = store(folder);
        FileBlockStore blocks = blocks(folder)) {
      BlockLog log = blocks.log();
      for (int round = 0; round < Integer.parseInt(arguments[1]); round++) {
        long number = store.next("round");
        store.putDocument("numbers", Long.toString(number % NAMES), Node.of(number));
        JournalEntry entry = started(number);
        store.append(entry, entry.machineAfter(true));
        blocks.put(block(number));
        if (number % 10 == 0) {
          blocks.put(block(-number)); // nobody will need it
        }
        blocks.sync();
        if (log.read(log.cursor(), log.cursor(), 1).isEmpty()) {
          throw new IllegalStateException(number + " was synced and is not told");
        }
        System.out.println(number);
        if (number % 40 == 0) {
          blocks.reclaim(
              () -> LongStream.rangeClosed(1, number).mapToObj(it -> block(it).cid()).toList());
        }
        if (number % 20 == 0) {
          store.prune(Instant.now().plusSeconds(60), Duration.ZERO);
        }
      }
    }
  }

  private static JournalEntry started(long number) {
    return new JournalEntry(
        new MachineId("c-" + number),
        ClientDeals.TABLE.name(),
        ClientDeals.TABLE.version(),
        1,
        JournalEntry.STARTED,
        Node.ofNull(),
        "",
        ClientState.ENDED.name(),
        Node.of(number),
        Instant.now(),
        EntryHash.ZERO,
        List.of());
  }
}
