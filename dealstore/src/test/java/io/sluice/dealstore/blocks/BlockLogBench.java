package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures the block log on this machine: not a test. Arguments: a directory to work in, how many
 * blocks a large log has.
 */
final class BlockLogBench {
  private static final int SMALL = 20_000;
  private static final int PAGE = 250;

  private BlockLogBench() {}

  private interface Work {
    void run() throws IOException;
  }

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    int many = Integer.parseInt(args[1]);
    for (int round = 0; round < 3; round++) {
      putAndSync(directory.resolve("without" + round), false);
      putAndSync(directory.resolve("with" + round), true);
    }
    Path large = directory.resolve("large");
    try (FileBlockStore store = open(large)) {
      put(store, many);
      store.sync();
    }
    for (int round = 0; round < 3; round++) {
      measure("open without a log", () -> open(large).close());
    }
    try (FileBlockStore store = open(large)) {
      long before = heap();
      measure("number " + many, store::log);
      System.out.printf("%d KiB of heap for the log%n", (heap() - before) >> 10);
    }
    for (int round = 0; round < 3; round++) {
      measure("open with the log", () -> open(large).close());
    }
    try (FileBlockStore store = open(large)) {
      for (int round = 0; round < 3; round++) {
        measure("read all in pages of " + PAGE, () -> readAll(store.log()));
      }
      measure("one page in the middle", () -> store.log().read(many / 2, Long.MAX_VALUE, PAGE));
      measure("room given back, nothing gone", () -> store.reclaim(() -> keep(many, 1)));
      measure("room given back, a tenth gone", () -> store.reclaim(() -> keep(many, 10)));
      measure("read all in pages of " + PAGE, () -> readAll(store.log()));
    }
  }

  private static List<Cid> keep(int many, int but) {
    return IntStream.range(0, many)
        .filter(i -> but == 1 || i % but != 0)
        .mapToObj(i -> block(i).cid())
        .toList();
  }

  private static FileBlockStore open(Path directory) throws IOException {
    return FileBlockStore.open(directory, BlockStoreConfig.DEFAULT, DiskWatch.NONE);
  }

  private static void putAndSync(Path directory, boolean log) throws IOException {
    try (FileBlockStore store = open(directory)) {
      if (log) {
        store.log();
      }
      measure(
          "put and sync %d, %s a log".formatted(SMALL, log ? "with" : "without"),
          () -> {
            put(store, SMALL);
            store.sync();
          });
      measure(
          "a sync after each of 200 more, %s a log".formatted(log ? "with" : "without"),
          () -> {
            for (int i = SMALL; i < SMALL + 200; i++) {
              store.put(block(i));
              store.sync();
            }
          });
    }
  }

  private static void put(FileBlockStore store, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      store.put(block(i));
    }
  }

  private static Block block(int number) {
    return Block.of(Codec.RAW, ByteBuffer.allocate(100).putInt(0, number));
  }

  private static void readAll(BlockLog log) throws IOException {
    long next = 1;
    List<LogEntry> page = log.read(next, Long.MAX_VALUE, PAGE);
    while (!page.isEmpty()) {
      next = page.getLast().number() + 1;
      page = log.read(next, Long.MAX_VALUE, PAGE);
    }
  }

  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void measure(String what, Work work) throws IOException {
    long start = System.nanoTime();
    Duration cpuStart = cpu();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = cpu().minus(cpuStart).toMillis() / 1e3;
    System.out.printf("%-45s %8.3f s, CPU %7.2f s%n", what, seconds, cpuSeconds);
  }

  /** Of the whole process; on a busy machine it says more than the clock. */
  private static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
