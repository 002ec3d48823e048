package io.sluice.dealstore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** A file system for H2 whose writes and syncs a test sees, and makes fail. */
public final class FaultyTables extends FilePathWrapper {
  static final String SCHEME = "faulty";
  static final String FILES = SCHEME + ":";

  /** What H2 is about to do; throws {@link IOException} to have it fail. */
  @FunctionalInterface
  interface TablesWatch {
    void before(String change) throws IOException;
  }

  private static volatile TablesWatch watch = change -> {};

  static void watchedBy(TablesWatch by) {
    FilePath.register(new FaultyTables());
    watch = by;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new WatchedFile(getBase().open(mode));
  }

  private static final class WatchedFile extends FileChannel {
    private final FileChannel file;

    WatchedFile(FileChannel file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      watch.before("write");
      return file.write(bytes);
    }

    @Override
    public int write(ByteBuffer bytes, long position) throws IOException {
      watch.before("write");
      return file.write(bytes, position);
    }

    @Override
    public long write(ByteBuffer[] bytes, int offset, int length) throws IOException {
      watch.before("write");
      return file.write(bytes, offset, length);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      watch.before("truncate");
      return file.truncate(size);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      watch.before("force");
      file.force(metaData);
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
      return file.read(bytes);
    }

    @Override
    public long read(ByteBuffer[] bytes, int offset, int length) throws IOException {
      return file.read(bytes, offset, length);
    }

    @Override
    public int read(ByteBuffer bytes, long position) throws IOException {
      return file.read(bytes, position);
    }

    @Override
    public long position() throws IOException {
      return file.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      return file.position(position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
        throws IOException {
      return file.transferTo(position, count, target);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
        throws IOException {
      return file.transferFrom(source, position, count);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return file.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return file.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }
  }
}
