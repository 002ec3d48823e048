package io.sluice.cli.bench;

import io.sluice.cli.stage.Stage;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Requests;
import io.sluice.node.home.Home;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * {@code bench import}: a file into a home's store and all of the store verified again, inside this
 * process and without the start of one. In each run stand beside it SHA-256 on all cores, and the
 * disk: the same bytes written once and synced.
 */
final class ImportBench {
  private static final double MIB = 1 << 20;
  private static final int PIECE = 1 << 20;

  private final Path content;
  private final long bytes;
  private final Stage stage;
  private final Home home;

  private ImportBench(long bytes, Stage stage) throws Exception {
    this.bytes = bytes;
    this.stage = stage;
    this.home = stage.init("home");
    this.content = Content.file(stage.file("content"), bytes, 1).path();
  }

  /**
   * MiB a second of one run.
   *
   * @param hashing SHA-256 on all cores
   * @param writing to the disk, with a sync at the end
   */
  record Rates(double importing, double verifying, double hashing, double writing) {
    /** Of what bounds an import: to hash it all and to write it all. */
    public double importRatio() {
      return Figures.rounded(importing / Math.min(hashing, writing));
    }

    /** Of what bounds reading it again from memory. */
    public double verifyRatio() {
      return Figures.rounded(verifying / hashing);
    }
  }

  /**
   * Does it so often, and once before that, which does not count.
   *
   * @param say hears of each run
   */
  static List<Rates> run(long bytes, int runs, Stage stage, Consumer<String> say) throws Exception {
    ImportBench bench = new ImportBench(bytes, stage);
    List<Rates> all = new ArrayList<>();
    for (int run = 0; run <= runs; run++) {
      say.accept(run == 0 ? "warming up" : "run %d of %d".formatted(run, runs));
      Rates rates = bench.once();
      if (run > 0) {
        all.add(rates);
      }
    }
    return all;
  }

  private Rates once() throws Exception {
    double importing;
    double verifying;
    try (NodeService service = stage.open(home)) {
      importing = rate(() -> service.importContent(request()));
      verifying = rate(() -> service.verify(Optional.empty()));
      for (var listed : service.contents()) {
        service.removeContent(listed.cid());
      }
      service.collectGarbage();
    }
    return new Rates(importing, verifying, rate(this::hashOnAllCores), rate(this::write));
  }

  private Requests.ImportRequest request() {
    return new Requests.ImportRequest(
        List.of(content.toString()), false, false, Optional.empty(), Optional.empty());
  }

  private double rate(Callable<?> work) throws Exception {
    long began = Ticker.SYSTEM.nanos();
    work.call();
    return Figures.rounded(bytes / MIB * 1e9 / (Ticker.SYSTEM.nanos() - began));
  }

  private Boolean hashOnAllCores() throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
      List<Future<Long>> parts = new ArrayList<>();
      for (int core = 0; core < cores; core++) {
        parts.add(threads.submit(() -> new HashAlone().nanos(bytes / cores)));
      }
      for (Future<Long> part : parts) {
        part.get();
      }
    }
    return true;
  }

  private Boolean write() throws IOException {
    Path copy = stage.file("copy");
    try (FileChannel in = FileChannel.open(content, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(copy, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
      while (in.read(piece.clear()) >= 0) {
        piece.flip();
        while (piece.hasRemaining()) {
          out.write(piece);
        }
      }
      out.force(false);
    }
    return Files.deleteIfExists(copy);
  }
}
