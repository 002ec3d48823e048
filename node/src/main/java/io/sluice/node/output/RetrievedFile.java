package io.sluice.node.output;

import io.sluice.protocol.OutputFile;
import io.sluice.protocol.ipld.BlockStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a file or a folder while its content is being retrieved, so that it is there when the last
 * block is. A writer follows the content in its order and waits for each block that is not here
 * yet. What it wrote has no name of its own, and is gone again, unless the retrieval came to a good
 * end.
 */
public final class RetrievedFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RetrievedFile.class);

  private final ArrivingBlocks blocks;
  private final UnfinishedOutputs parts;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CompletableFuture<Boolean> wanted = new CompletableFuture<>();
  private final Optional<Future<List<String>>> written;

  /** Writes content out of a store; says what it left out. */
  @FunctionalInterface
  public interface ContentWriter {
    /** Writes it; told of each name that it takes and gives. */
    List<String> write(BlockStore blocks, ExecutorService threads, OutputFile.PartWatch watch)
        throws IOException;
  }

  /**
   * @param writer nothing is written if it is absent
   */
  public RetrievedFile(BlockStore store, UnfinishedOutputs parts, Optional<ContentWriter> writer) {
    this.blocks = new ArrivingBlocks(store);
    this.parts = parts;
    this.written = writer.map(this::begin);
  }

  private Future<List<String>> begin(ContentWriter writer) {
    return threads.submit(
        () -> {
          try (Unfinished unfinished = new Unfinished()) {
            return writer.write(blocks, threads, unfinished);
          }
        });
  }

  /** Blocks have come. */
  public void arrived() {
    blocks.arrived();
  }

  /**
   * All blocks have come: waits until they are written, and gives what was written its name.
   *
   * @return what was left out; empty if it was not written in this way
   */
  public Optional<List<String>> finish() throws InterruptedException {
    blocks.end();
    wanted.complete(true);
    if (written.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(written.get().get());
    } catch (ExecutionException e) {
      LOG.debug("not written as it came", e);
      return Optional.empty();
    }
  }

  /** What is not finished by now is not wanted. */
  @Override
  public void close() {
    wanted.complete(false);
    blocks.end();
    threads.close();
  }

  /** On record while it has no name, so that it does not stay behind when the process is killed. */
  private final class Unfinished implements OutputFile.PartWatch, AutoCloseable {
    private Optional<Path> record = Optional.empty();

    @Override
    public void begun(Path part) throws IOException {
      record = Optional.of(parts.begun(part));
    }

    @Override
    public void whole() throws IOException {
      if (!wanted.join()) {
        throw new InterruptedIOException("the retrieval came to no good end");
      }
    }

    @Override
    public void close() throws IOException {
      if (record.isPresent()) {
        parts.over(record.get());
      }
    }
  }
}
