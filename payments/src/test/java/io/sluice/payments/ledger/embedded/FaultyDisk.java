package io.sluice.payments.ledger.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Files on a real disk that notes the order of what is done, and fails at a chosen moment. */
final class FaultyDisk implements LedgerFile.FileOpener {
  /** What goes wrong. */
  enum DiskFault {
    /** Nothing is done. */
    IO_ERROR,
    /** Half of it is written, then the error. */
    SHORT_WRITE,
    /** From here on there is no room, until {@link #makeRoom}. */
    DISK_FULL,
  }

  final List<String> done = Collections.synchronizedList(new ArrayList<>());
  private final DiskFault fault;
  private long countdown;
  private boolean full;
  boolean struck;

  /** How many files are open. */
  final AtomicInteger open = new AtomicInteger();

  /** So many bytes are written or read at a time. */
  int most = Integer.MAX_VALUE;

  /** Fails at the n-th change of a file. */
  FaultyDisk(DiskFault fault, long nth) {
    this.fault = fault;
    this.countdown = nth;
  }

  /** Never fails. */
  FaultyDisk() {
    this(DiskFault.IO_ERROR, Long.MAX_VALUE);
  }

  void makeRoom() {
    full = false;
    countdown = Long.MAX_VALUE;
  }

  @Override
  public FileChannel open(Path path, OpenOption... options) throws IOException {
    String name = Files.isDirectory(path) ? "folder" : String.valueOf(path.getFileName());
    FileChannel file = FileChannel.open(path, options);
    open.incrementAndGet();
    return new FaultyChannel(file, name);
  }

  private boolean strikes() {
    if (full) {
      return true;
    }
    if (--countdown != 0) {
      return false;
    }
    struck = true;
    full = fault == DiskFault.DISK_FULL;
    return true;
  }

  private final class FaultyChannel extends FileChannel {
    private final FileChannel file;
    private final String name;

    FaultyChannel(FileChannel file, String name) {
      this.file = file;
      this.name = name;
    }

    @Override
    public int write(ByteBuffer bytes, long position) throws IOException {
      if (strikes()) {
        if (fault == DiskFault.SHORT_WRITE) {
          file.write(bytes.slice(bytes.position(), bytes.remaining() / 2), position);
        }
        throw new IOException(full ? "No space left on device" : "Input/output error");
      }
      done.add("write " + name);
      ByteBuffer some = bytes.slice(bytes.position(), Math.min(most, bytes.remaining()));
      int count = file.write(some, position);
      bytes.position(bytes.position() + count);
      return count;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      if (strikes()) {
        throw new IOException("Input/output error");
      }
      done.add("sync " + name);
      file.force(metaData);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      // Where it fails, too, nobody can take anything back: tried by the loops that fail for good.
      if (file.size() > size) {
        done.add("truncate " + name);
      }
      file.truncate(size);
      return this;
    }

    @Override
    public int read(ByteBuffer bytes, long position) throws IOException {
      ByteBuffer some = bytes.slice(bytes.position(), Math.min(most, bytes.remaining()));
      int count = file.read(some, position);
      bytes.position(bytes.position() + Math.max(0, count));
      return count;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return file.lock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      open.decrementAndGet();
      file.close();
    }

    // not used by a ledger

    @Override
    public int read(ByteBuffer bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] bytes, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] bytes, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }
  }
}
