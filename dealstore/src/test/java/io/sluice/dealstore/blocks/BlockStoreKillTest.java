package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Codec;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes is killed (SIGKILL) again and again, at any moment. */
@Tag("long")
class BlockStoreKillTest {

  private static final int ROUNDS = 8;
  private static final BlockStoreConfig FILES = new BlockStoreConfig(400_000, 60, 0);

  @TempDir Path directory;

  @Test
  void givenWriter_whenKilledAnywhere_thenAllThatWasPutIsThere() throws Exception {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("sluice.seed=" + seed);
    Random random = new Random(seed);
    int next = 0;
    for (int round = 0; round < ROUNDS; round++) {
      next = writeAndKill(next, 1 + random.nextInt(400));
      try (FileBlockStore store = FileBlockStore.open(directory, FILES)) {
        for (int number = 0; number < next; number++) {
          Block block = Writer.block(number);
          assertEquals(Optional.of(block), store.get(block.cid()), "block " + number);
        }
        assertTrue(store.blocks() >= next);
        assertNumbered(store.log(), next);
      }
    }
    try (FileBlockStore store = FileBlockStore.open(directory, FILES);
        ExecutorService hashing = Executors.newFixedThreadPool(2)) {
      assertTrue(store.verify(hashing).sound());
    }
  }

  /** The n-th block that was put has the n-th number, whenever that was written. */
  private static void assertNumbered(BlockLog log, int count) throws IOException {
    List<LogEntry> entries = LogAssertions.all(log);
    assertTrue(entries.size() >= count, entries.size() + " numbers, " + count + " blocks");
    for (LogEntry entry : entries) {
      assertEquals(Writer.block((int) entry.number() - 1).cid(), entry.cid());
    }
  }

  /**
   * Lets a process write from a block on, and kills it when it has said so many; it is further by
   * then. Returns the first block that need not be there.
   */
  private int writeAndKill(int first, int count) throws IOException, InterruptedException {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                directory.toString(),
                String.valueOf(first))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = writer.inputReader()) {
      int put = first;
      for (int i = 0; i < count; i++) {
        String line = said.readLine();
        assertNotNull(line, "the writer ended by itself");
        put = Integer.parseInt(line);
      }
      return put + 1;
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  /** The process that is killed. */
  static final class Writer {

    private Writer() {}

    public static void main(String[] args) throws IOException {
      try (FileBlockStore store = FileBlockStore.open(Path.of(args[0]), FILES)) {
        BlockLog log = store.log();
        for (int number = Integer.parseInt(args[1]); ; number++) {
          store.put(block(number));
          System.out.println(number);
          if (number % 7 == 0) {
            store.sync();
            if (log.cursor() < number + 1) {
              throw new IllegalStateException("synced, and not numbered: " + number);
            }
          }
        }
      }
    }

    static Block block(int number) {
      Random random = new Random(number);
      byte[] data = new byte[8 + random.nextInt(20_000)];
      random.nextBytes(data);
      return Block.of(Codec.RAW, ByteBuffer.wrap(data));
    }
  }
}
