package io.sluice.payments.ledger.embedded;

import io.sluice.protocol.retrieval.Bytes32;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An append-only file of checksummed records that several processes share.
 *
 * <pre>
 *   header   "SLUICE LEDGER 1\n"  32 bytes: a random id  8 bytes: seconds since 1970  CRC-32C
 *   record   4 bytes: length  its CRC-32C  the payload's CRC-32C  payload
 * </pre>
 *
 * <p>Who writes holds the lock: reads what others have appended, decides, appends, syncs. So a
 * record that is whole is durable or about to be, and only the last one can be torn; the next
 * writer cuts a torn one off. A damaged record with others behind it is no torn one: nothing is
 * read past it.
 *
 * <p>The lock is on a file beside, since some systems drop a process's locks on a file when any of
 * its descriptors of that file is closed, also one that only read.
 *
 * <p>All work on either file is done by a thread of its own, see {@link UninterruptedThread}.
 */
final class LedgerFile implements Closeable {
  static final int MAX_RECORD = 1 << 20;

  private static final byte[] MAGIC = "SLUICE LEDGER 1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int ID_LENGTH = Bytes32.LENGTH;
  private static final int HEADER = MAGIC.length + ID_LENGTH + Long.BYTES + Integer.BYTES;
  private static final int FRAME = 3 * Integer.BYTES;

  /** File locks hold between processes only; these between the threads of this one. */
  private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

  /** What a record is handed to, in order. */
  interface RecordReader {
    void record(ByteBuffer payload) throws IOException;
  }

  /** What is done under the lock. */
  interface LockedWork<T> {
    T run() throws IOException;
  }

  /** What makes the file one of its kind, and when it was made. */
  record Header(Bytes32 id, long created) {}

  private final UninterruptedThread thread;
  private final Path path;
  private final ReentrantLock inProcess;
  private final FileChannel file;
  private final FileChannel lockFile;
  private final Header header;
  private long position;

  private LedgerFile(
      UninterruptedThread thread,
      Path path,
      ReentrantLock inProcess,
      FileChannel file,
      FileChannel lockFile,
      Header header) {
    this.thread = thread;
    this.path = path;
    this.inProcess = inProcess;
    this.file = file;
    this.lockFile = lockFile;
    this.header = header;
    this.position = HEADER;
  }

  /** Opens the file, and makes it with this header if there is none or an unfinished one. */
  static LedgerFile open(Path path, Header fresh) throws IOException {
    UninterruptedThread thread = new UninterruptedThread();
    try {
      return thread.run(() -> open(thread, path, fresh));
    } catch (IOException | RuntimeException e) {
      thread.close();
      throw e;
    }
  }

  private static LedgerFile open(UninterruptedThread thread, Path path, Header fresh)
      throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Files.createDirectories(parent(absolute));
    Path real = parent(absolute).toRealPath().resolve(absolute.getFileName());
    ReentrantLock inProcess = IN_PROCESS.computeIfAbsent(real, any -> new ReentrantLock());
    FileChannel lockFile = channel(real.resolveSibling(real.getFileName() + ".lock"));
    try {
      FileChannel file = channel(real);
      try {
        Header header = locked(inProcess, lockFile, () -> headerOf(real, file, fresh));
        return new LedgerFile(thread, real, inProcess, file, lockFile, header);
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  private static Path parent(Path absolute) throws IOException {
    Path parent = absolute.getParent();
    if (parent == null) {
      throw new IOException("not a file: " + absolute);
    }
    return parent;
  }

  private static FileChannel channel(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static Header headerOf(Path path, FileChannel file, Header fresh) throws IOException {
    if (file.size() < HEADER) {
      // Never finished, so nobody has used it.
      file.truncate(0);
      writeFully(file, encode(fresh), 0);
      file.force(true);
      syncDirectory(parent(path));
    }
    byte[] whole = readFully(file, 0, HEADER);
    ByteBuffer bytes = ByteBuffer.wrap(whole);
    byte[] magic = new byte[MAGIC.length];
    bytes.get(magic);
    byte[] id = new byte[ID_LENGTH];
    bytes.get(id);
    long created = bytes.getLong();
    if (!Arrays.equals(magic, MAGIC) || bytes.getInt() != crc(whole, 0, HEADER - Integer.BYTES)) {
      throw new LedgerDamagedException(path + " is not a ledger of this version");
    }
    return new Header(Bytes32.of(id), created);
  }

  private static ByteBuffer encode(Header header) {
    ByteBuffer bytes =
        ByteBuffer.allocate(HEADER).put(MAGIC).put(header.id().bytes()).putLong(header.created());
    return bytes.putInt(crc(bytes.array(), 0, HEADER - Integer.BYTES)).flip();
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  Header header() {
    return header;
  }

  /** Does the work, on another thread, while nobody else reads or writes. */
  <T> T locked(LockedWork<T> work) throws IOException {
    return thread.run(() -> locked(inProcess, lockFile, work));
  }

  private static <T> T locked(ReentrantLock inProcess, FileChannel lockFile, LockedWork<T> work)
      throws IOException {
    inProcess.lock();
    try {
      FileLock held = lockFile.lock();
      try {
        return work.run();
      } finally {
        held.release();
      }
    } finally {
      inProcess.unlock();
    }
  }

  /** Hands over what was appended since it was last read; takes the lock only if there is any. */
  void catchUp(RecordReader reader) throws IOException {
    boolean unused =
        thread.run(
            () ->
                file.size() != position
                    && locked(
                        inProcess,
                        lockFile,
                        () -> {
                          readOn(reader);
                          return true;
                        }));
  }

  /** Hands over all whole records not yet read. Under the lock. */
  void readOn(RecordReader reader) throws IOException {
    while (true) {
      byte[] payload = next();
      if (payload == null) {
        return;
      }
      reader.record(ByteBuffer.wrap(payload));
      position += FRAME + payload.length;
    }
  }

  private byte @Nullable [] next() throws IOException {
    long left = file.size() - position;
    if (left < FRAME) {
      return null;
    }
    ByteBuffer frame = ByteBuffer.wrap(readFully(file, position, FRAME));
    int length = frame.getInt();
    boolean framed = frame.getInt() == crc(frame.array(), 0, Integer.BYTES);
    int crc = frame.getInt();
    if (!framed || length <= 0 || length > MAX_RECORD) {
      return torn(left, "length " + length);
    }
    if (left < FRAME + length) {
      return null;
    }
    byte[] payload = readFully(file, position + FRAME, length);
    if (crc(payload, 0, length) == crc) {
      return payload;
    }
    // Pages reach the disk in any order: the last record's frame may be there without its payload.
    return left == FRAME + length ? null : torn(left, "checksum");
  }

  /** Zeros to the end are a file that grew before its bytes arrived; anything else is damage. */
  private byte @Nullable [] torn(long left, String what) throws IOException {
    byte[] rest = readFully(file, position, (int) Math.min(left, FRAME + MAX_RECORD));
    for (byte value : rest) {
      if (value != 0) {
        throw new LedgerDamagedException(
            "%s is damaged at byte %d (%s)".formatted(path, position, what));
      }
    }
    return null;
  }

  /** Appends a record durably, in place of a torn one if there is one. Under the lock, all read. */
  void append(byte[] payload) throws IOException {
    if (payload.length == 0 || payload.length > MAX_RECORD) {
      throw new IOException("record of " + payload.length + " bytes");
    }
    if (file.size() != position) {
      file.truncate(position);
    }
    ByteBuffer record =
        ByteBuffer.allocate(FRAME + payload.length)
            .putInt(payload.length)
            .putInt(crc(ByteBuffer.allocate(4).putInt(payload.length).array(), 0, Integer.BYTES))
            .putInt(crc(payload, 0, payload.length))
            .put(payload)
            .flip();
    writeFully(file, record, position);
    file.force(false);
    position += FRAME + payload.length;
  }

  private static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  private static byte[] readFully(FileChannel file, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, from + bytes.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
    return bytes.array();
  }

  private static void writeFully(FileChannel file, ByteBuffer bytes, long at) throws IOException {
    long next = at;
    while (bytes.hasRemaining()) {
      next += file.write(bytes, next);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      boolean unused =
          thread.run(
              () -> {
                file.close();
                lockFile.close();
                return true;
              });
    } catch (ClosedChannelException e) {
      // closed before
    } finally {
      thread.close();
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
