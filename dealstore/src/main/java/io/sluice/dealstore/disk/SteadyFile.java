package io.sluice.dealstore.disk;

import io.sluice.dealstore.disk.DiskWatch.Change;
import io.sluice.protocol.car.ByteSource;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A file shared by threads of which any may be interrupted. Java closes a {@link FileChannel} under
 * all its users when a thread is interrupted inside it; a cancelled transfer would so take the
 * block store from everybody. Here the file is opened again, the work is finished, and the
 * interrupt is kept for whoever waits next.
 */
public final class SteadyFile implements ByteSource, Closeable {
  private static final int PIECE = 64 << 10;

  private final Path path;
  private final Set<OpenOption> options;
  private final DiskWatch watch;
  private volatile FileChannel channel;
  private volatile boolean closed;

  @FunctionalInterface
  private interface FileWork<T> {
    T on(FileChannel channel) throws IOException;
  }

  private SteadyFile(Path path, Set<OpenOption> options, DiskWatch watch, FileChannel channel) {
    this.path = path;
    this.options = options;
    this.watch = watch;
    this.channel = channel;
  }

  /** A file that is only read. */
  public static SteadyFile read(Path path) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.READ);
    return new SteadyFile(path, options, DiskWatch.NONE, FileChannel.open(path, options));
  }

  /** A file that is there. */
  public static SteadyFile readWrite(Path path, DiskWatch watch) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new SteadyFile(path, options, watch, FileChannel.open(path, options));
  }

  /** A new file; refused if there is one of that name. */
  public static SteadyFile create(Path path, DiskWatch watch) throws IOException {
    try {
      watch.before(path, Change.CREATE);
      FileChannel.open(path, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))
          .close();
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      throw StorageFullException.typed(path, e);
    }
    return readWrite(path, watch);
  }

  /** Where it is. */
  public Path path() {
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

  /**
   * Writes all that remains in a buffer.
   *
   * @throws StorageFullException if the disk is full; a part may be written
   */
  public void write(ByteBuffer bytes, long position) throws IOException {
    int start = bytes.position();
    int end = bytes.limit();
    changing(
        file -> {
          while (bytes.position() < end) {
            int most = watch.takes(path, end - bytes.position());
            bytes.limit(bytes.position() + most);
            try {
              // Where to go on follows from the buffer, also after a write that was cut short.
              file.write(bytes, position + (bytes.position() - start));
            } finally {
              bytes.limit(end);
            }
          }
          return true;
        });
  }

  /**
   * The CRC-32C of a part.
   *
   * @throws java.io.EOFException if the file ends before
   */
  public int checksum(long from, long length) throws IOException {
    CRC32C checksum = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    for (long done = 0; done < length; done += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, length - done));
      readFully(piece, from + done);
      checksum.update(piece.flip());
    }
    return (int) checksum.getValue();
  }

  /** Writes from the beginning of the file on. */
  OutputStream output() {
    return new OutputStream() {
      private long position;

      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        SteadyFile.this.write(ByteBuffer.wrap(bytes, offset, length), position);
        position += length;
      }
    };
  }

  /** Cuts the end off. */
  public void truncate(long size) throws IOException {
    watch.before(path, Change.TRUNCATE);
    steadily(file -> file.truncate(size));
  }

  /** The bytes, and the length needed to find them, are on the disk when this returns. */
  public void force() throws IOException {
    changing(
        file -> {
          watch.before(path, Change.FORCE);
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

  private void changing(FileWork<Boolean> work) throws IOException {
    try {
      steadily(work);
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      throw StorageFullException.typed(path, e);
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
