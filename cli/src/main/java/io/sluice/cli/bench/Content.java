package io.sluice.cli.bench;

import io.sluice.cli.stage.Digests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Something to fetch: a file, or a folder with many small ones.
 *
 * @param bytes in all of it
 */
record Content(Path path, long bytes) {
  private static final int SMALL_LEAST = 1 << 10;
  private static final int SMALL_MOST = 4 << 10;

  /** Makes what a plan says; each number gives other bytes. */
  static Content make(Path path, RetrievePlan plan, long number) throws IOException {
    return plan.smallFiles() > 0
        ? folder(path, plan.smallFiles(), number)
        : file(path, plan.size(), number);
  }

  static Content file(Path path, long bytes, long number) throws IOException {
    Digests.fill(path, bytes, number);
    return new Content(path, bytes);
  }

  private static Content folder(Path path, int files, long number) throws IOException {
    Files.createDirectories(path);
    SplittableRandom random = new SplittableRandom(number);
    long bytes = 0;
    for (int i = 0; i < files; i++) {
      byte[] small = new byte[random.nextInt(SMALL_LEAST, SMALL_MOST + 1)];
      random.nextBytes(small);
      Files.write(path.resolve("%06d".formatted(i)), small);
      bytes += small.length;
    }
    return new Content(path, bytes);
  }
}
