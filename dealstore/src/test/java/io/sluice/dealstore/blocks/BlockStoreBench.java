package io.sluice.dealstore.blocks;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.unixfs.ByteRange;
import io.sluice.protocol.unixfs.ImportOptions;
import io.sluice.protocol.unixfs.Imported;
import io.sluice.protocol.unixfs.UnixFsImporter;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Measures the block store on this machine: not a test. Arguments: a directory to work in, MiB of
 * content, bytes in a block.
 */
final class BlockStoreBench {

  private BlockStoreBench() {}

  private interface Work {
    void run() throws IOException;
  }

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    long size = Long.parseLong(args[1]) << 20;
    int blockBytes = Integer.parseInt(args[2]);
    Path file = content(directory.resolve("content"), size);
    Path store = directory.resolve("store");
    try (ExecutorService hashing =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      Cid root;
      try (FileBlockStore blocks = FileBlockStore.open(store, BlockStoreConfig.DEFAULT)) {
        Imported[] imported = new Imported[1];
        measure(
            "import, hash, write, sync",
            size,
            () -> {
              ImportOptions options = ImportOptions.DEFAULT.withChunkBytes(blockBytes);
              imported[0] = new UnixFsImporter(blocks, options, hashing).path(file);
              blocks.sync();
            });
        measure(
            "import again, all there",
            size,
            () -> {
              ImportOptions options = ImportOptions.DEFAULT.withChunkBytes(blockBytes);
              new UnixFsImporter(blocks, options, hashing).path(file);
            });
        root = imported[0].cid();
        measure(
            "export, hash",
            size,
            () -> {
              var out = Channels.newChannel(OutputStream.nullOutputStream());
              new UnixFsReader(blocks, hashing).copy(root, ByteRange.ALL, out);
            });
        measure("verify", size, () -> blocks.verify(hashing));
        List<Cid> leaves = leaves(blocks);
        measure("read in order", size, () -> readAll(blocks, leaves));
        Collections.shuffle(leaves, new Random(1));
        measure("read in any order", size, () -> readAll(blocks, leaves));
        measure("summarize", size, () -> blocks.summarize(root));
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
            "%d blocks, %d MiB of heap in use%n",
            blocks.blocks(), (runtime.totalMemory() - runtime.freeMemory()) >> 20);
      }
      measure(
          "open again", size, () -> FileBlockStore.open(store, BlockStoreConfig.DEFAULT).close());
    }
    plainWrites(directory.resolve("plain"), size, blockBytes);
    hashOnly(size, blockBytes);
  }

  private static List<Cid> leaves(FileBlockStore blocks) {
    List<Cid> leaves = new ArrayList<>();
    blocks.each(
        cid -> {
          if (cid.codec() == Codec.RAW) {
            leaves.add(cid);
          }
        });
    return leaves;
  }

  private static void readAll(FileBlockStore blocks, List<Cid> leaves) throws IOException {
    for (Cid leaf : leaves) {
      if (blocks.get(leaf).isEmpty()) {
        throw new IOException("lost " + leaf);
      }
    }
  }

  private static void plainWrites(Path file, long size, int blockBytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(blockBytes);
    measure(
        "for comparison: plain writes, sync",
        size,
        () -> {
          try (FileChannel out =
              FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (long at = 0; at < size; at += blockBytes) {
              out.write(buffer.clear());
            }
            out.force(false);
          }
        });
  }

  private static void hashOnly(long size, int blockBytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(blockBytes);
    measure(
        "for comparison: SHA-256, one thread",
        size,
        () -> {
          for (long at = 0; at < size; at += blockBytes) {
            Block.of(Codec.RAW, buffer);
          }
        });
  }

  private static Path content(Path file, long size) throws IOException {
    Random random = new Random(7);
    byte[] piece = new byte[1 << 20];
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long at = 0; at < size; at += piece.length) {
        random.nextBytes(piece);
        out.write(piece);
      }
    }
    return file;
  }

  private static void measure(String what, long bytes, Work work) throws IOException {
    long start = System.nanoTime();
    Duration cpuStart = cpu();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = cpu().minus(cpuStart).toMillis() / 1e3;
    System.out.printf(
        "%-38s %7.2f s %7.0f MiB/s, CPU %6.2f s%n",
        what, seconds, bytes / seconds / (1 << 20), cpuSeconds);
  }

  /** Of the whole process; on a busy machine it says more than the clock. */
  private static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
