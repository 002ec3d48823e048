package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.LogEntry.BlockCame;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What holds of a log at any time, whatever happened before. */
final class LogAssertions {
  private LogAssertions() {}

  /** All entries, read in pages. */
  static List<LogEntry> all(BlockLog log) throws IOException {
    List<LogEntry> all = new ArrayList<>();
    List<LogEntry> page = log.read(1, Long.MAX_VALUE, 7);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = log.read(page.getLast().number() + 1, Long.MAX_VALUE, 7);
    }
    return all;
  }

  /** Blocks that are told, with their numbers. */
  static Map<Cid, Long> blocks(List<LogEntry> entries) {
    Map<Cid, Long> numbers = new HashMap<>();
    for (LogEntry entry : entries) {
      if (entry.what() instanceof BlockCame) {
        assertEquals(null, numbers.put(entry.cid(), entry.number()), "twice: " + entry.cid());
      }
    }
    return numbers;
  }

  /** Of some blocks exactly those that are here have a number, and one each; they are synced. */
  static void assertSound(FileBlockStore store, List<Block> blocks) throws IOException {
    List<LogEntry> entries = all(store.log());
    long last = 0;
    for (LogEntry entry : entries) {
      assertTrue(entry.number() > last, entries::toString);
      last = entry.number();
    }
    assertTrue(last <= store.log().cursor(), last + ", cursor " + store.log().cursor());
    Set<Cid> here = new HashSet<>();
    for (Block block : blocks) {
      if (store.get(block.cid()).isPresent()) {
        here.add(block.cid());
      }
    }
    assertEquals(here, blocks(entries).keySet());
  }
}
