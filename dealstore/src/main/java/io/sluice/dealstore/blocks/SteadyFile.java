package io.sluice.dealstore.blocks;

import io.sluice.protocol.car.ByteSource;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;

/**
 * A file shared by threads of which any may be interrupted. Java closes a {@link FileChannel} under
 * all its users when a thread is interrupted inside it; a cancelled transfer would so take the
 * block store from everybody. Here the file is opened again, the work is finished, and the
 * interrupt is kept for whoever waits next.
 */
final class SteadyFile implements ByteSource, Closeable {
  private final Path path;
  private final Set<OpenOption> options;
  private final WriteHook hook;
  private volatile FileChannel channel;
  private volatile boolean closed;

  @FunctionalInterface
  private interface FileWork<T> {
    T on(FileChannel channel) throws IOException;
  }

  private SteadyFile(Path path, Set<OpenOption> options, WriteHook hook, FileChannel channel) {
    this.path = path;
    this.options = options;
    this.hook = hook;
    this.channel = channel;
  }

  static SteadyFile read(Path path) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.READ);
    return new SteadyFile(path, options, WriteHook.NONE, FileChannel.open(path, options));
  }

  static SteadyFile readWrite(Path path, WriteHook hook) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new SteadyFile(path, options, hook, FileChannel.open(path, options));
  }

  /** A new file; refused if there is one of that name. */
  static SteadyFile create(Path path, WriteHook hook) throws IOException {
    hook.before(path, WriteHook.Operation.CREATE);
    FileChannel.open(path, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))
        .close();
    return readWrite(path, hook);
  }

  Path path() {
    return path;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    int before = target.position();
    return steadily(
        file -> {
          int done = target.position() - before;
          return done > 0 ? Integer.valueOf(done) : Integer.valueOf(file.read(target, position));
        });
  }

  @Override
  public long size() throws IOException {
    return steadily(FileChannel::size);
  }

  /** Writes all that remains in a buffer. */
  void write(ByteBuffer bytes, long position) throws IOException {
    hook.before(path, WriteHook.Operation.WRITE);
    int before = bytes.position();
    steadily(
        file -> {
          while (bytes.hasRemaining()) {
            // Where to go on follows from the buffer, also after a write that was cut short.
            file.write(bytes, position + (bytes.position() - before));
          }
          return true;
        });
  }

  void truncate(long size) throws IOException {
    hook.before(path, WriteHook.Operation.TRUNCATE);
    steadily(file -> file.truncate(size));
  }

  /** The bytes, and the length needed to find them, are on the disk when this returns. */
  void force() throws IOException {
    hook.before(path, WriteHook.Operation.FORCE);
    steadily(
        file -> {
          file.force(false);
          return true;
        });
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
      channel.close();
    }
  }

  private <T> T steadily(FileWork<T> work) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        FileChannel current = channel;
        try {
          return work.on(current);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          if (closed) {
            throw e;
          }
          reopen(current);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void reopen(FileChannel lost) throws IOException {
    if (channel == lost && !closed) {
      channel = FileChannel.open(path, options);
    }
  }
}
