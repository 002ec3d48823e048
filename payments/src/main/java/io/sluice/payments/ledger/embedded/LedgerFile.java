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
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
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
 *
 *   PATH.lock   the ledger's id  8 bytes: so far it is durable  CRC-32C
 * </pre>
 *
 * <p>Who writes holds the lock: reads what others have appended, decides, appends, syncs. A crash
 * in the middle leaves a record that is short, or has sectors that were never written: a torn one,
 * which the next writer cuts off. That is only so behind what is known to be durable: what ends
 * before, is missing, or is damaged in any other way was there once and is not torn. Nothing is
 * read past it, and nothing is begun anew in its place.
 *
 * <p>So far the file is durable, the mark beside it says. It is written after each sync and never
 * synced itself, hence never too large; after a power loss it may be too small, or unreadable,
 * which only means that the file has to be synced once more before anybody relies on its end.
 *
 * <p>The lock is on that file beside, since some systems drop a process's locks on a file when any
 * of its descriptors of that file is closed, also one that only read.
 *
 * <p>All work on either file is done by a thread of its own, see {@link UninterruptedThread}.
 */
final class LedgerFile implements Closeable {
  static final int MAX_RECORD = 1 << 20;

  private static final byte[] MAGIC = "SLUICE LEDGER 1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int ID_LENGTH = Bytes32.LENGTH;
  private static final int HEADER = MAGIC.length + ID_LENGTH + Long.BYTES + Integer.BYTES;
  private static final int FRAME = 3 * Integer.BYTES;
  private static final int MARK = ID_LENGTH + Long.BYTES + Integer.BYTES;

  /** What a disk writes whole or not at all. */
  private static final int SECTOR = 512;

  /** File locks hold between processes only; these between the threads of this one. */
  private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

  /** What a record is handed to, in order. */
  interface RecordReader {
    void record(ByteBuffer payload) throws IOException;
  }

  /** How files and folders are opened; tests stand in for disks that fail. */
  @FunctionalInterface
  interface FileOpener {
    FileChannel open(Path path, OpenOption... options) throws IOException;
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
  static LedgerFile open(FileOpener opener, Path path, Header fresh) throws IOException {
    UninterruptedThread thread = new UninterruptedThread();
    try {
      return thread.run(() -> open(thread, opener, path, fresh));
    } catch (IOException | RuntimeException e) {
      thread.close();
      throw e;
    }
  }

  private static LedgerFile open(
      UninterruptedThread thread, FileOpener opener, Path path, Header fresh) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Files.createDirectories(parent(absolute));
    Path real = parent(absolute).toRealPath().resolve(absolute.getFileName());
    ReentrantLock inProcess = IN_PROCESS.computeIfAbsent(real, any -> new ReentrantLock());
    FileChannel lockFile = channel(opener, real.resolveSibling(real.getFileName() + ".lock"));
    try {
      Optional<Mark> mark = Files.notExists(real) ? mark(lockFile) : Optional.empty();
      if (mark.isPresent()) {
        throw damaged(real, "is missing", mark.get().durable());
      }
      FileChannel file = channel(opener, real);
      try {
        Header header =
            locked(inProcess, lockFile, () -> headerOf(opener, real, file, lockFile, fresh));
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

  private static FileChannel channel(FileOpener opener, Path path) throws IOException {
    return opener.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static Header headerOf(
      FileOpener opener, Path path, FileChannel file, FileChannel lockFile, Header fresh)
      throws IOException {
    Optional<Mark> mark = mark(lockFile);
    if (mark.isPresent() && file.size() < mark.get().durable()) {
      throw damaged(path, "has only %d bytes".formatted(file.size()), mark.get().durable());
    }
    if (file.size() < HEADER) {
      // Never finished, so nobody has used it.
      file.truncate(0);
      writeFully(file, encode(fresh), 0);
      file.force(true);
      syncDirectory(opener, parent(path));
      writeMark(lockFile, fresh.id(), HEADER);
    }
    byte[] whole = readFully(file, 0, HEADER);
    ByteBuffer bytes = ByteBuffer.wrap(whole);
    byte[] magic = new byte[MAGIC.length];
    bytes.get(magic);
    byte[] id = new byte[ID_LENGTH];
    bytes.get(id);
    long created = bytes.getLong();
    if (!Arrays.equals(magic, MAGIC) || bytes.getInt() != crc(whole, 0, HEADER - Integer.BYTES)) {
      throw new LedgerDamagedException(
          path + " is not a ledger of this version, or is damaged; put it back from a copy");
    }
    Header header = new Header(Bytes32.of(id), created);
    if (mark.isPresent() && !mark.get().id().equals(header.id())) {
      throw damaged(path, "is another ledger than was here before", mark.get().durable());
    }
    return header;
  }

  /** So far the file of that ledger is durable. */
  private record Mark(Bytes32 id, long durable) {}

  /** Empty if there is none to be relied on. */
  private static Optional<Mark> mark(FileChannel lockFile) throws IOException {
    if (lockFile.size() < MARK) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(readFully(lockFile, 0, MARK));
    byte[] id = new byte[ID_LENGTH];
    bytes.get(id);
    Mark mark = new Mark(Bytes32.of(id), bytes.getLong());
    return bytes.getInt() == crc(bytes.array(), 0, MARK - Integer.BYTES)
        ? Optional.of(mark)
        : Optional.empty();
  }

  private static void writeMark(FileChannel lockFile, Bytes32 id, long durable) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MARK).put(id.bytes()).putLong(durable);
    writeFully(lockFile, bytes.putInt(crc(bytes.array(), 0, MARK - Integer.BYTES)).flip(), 0);
  }

  private static LedgerDamagedException damaged(Path path, String what, long durable) {
    return new LedgerDamagedException(
        "%s %s, but %d bytes of it were durable once; put it back from a copy (to begin a new ledger, delete %s.lock too: what channels on the old one hold is lost then)"
            .formatted(path, what, durable, path));
  }

  private static ByteBuffer encode(Header header) {
    ByteBuffer bytes =
        ByteBuffer.allocate(HEADER).put(MAGIC).put(header.id().bytes()).putLong(header.created());
    return bytes.putInt(crc(bytes.array(), 0, HEADER - Integer.BYTES)).flip();
  }

  private static void syncDirectory(FileOpener opener, Path directory) throws IOException {
    try (FileChannel channel = opener.open(directory, StandardOpenOption.READ)) {
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
        settleEnd();
        return;
      }
      reader.record(ByteBuffer.wrap(payload));
      position += FRAME + payload.length;
    }
  }

  /** Nobody relies on records before they are durable: whoever wrote them may have been killed. */
  private void settleEnd() throws IOException {
    long durable = mark(lockFile).map(Mark::durable).orElse(0L);
    if (position < durable) {
      throw damaged(path, "is damaged at byte " + position, durable);
    }
    if (position > durable) {
      file.force(false);
      writeMark(lockFile, header.id(), position);
    }
  }

  private byte @Nullable [] next() throws IOException {
    long left = file.size() - position;
    if (left < 0) {
      throw damaged(path, "has only %d bytes".formatted(file.size()), position);
    }
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
    // Sectors reach the disk in any order: the last record may be there with holes.
    return left == FRAME + length && hasHole(payload, position + FRAME)
        ? null
        : torn(left, "checksum");
  }

  /** Whether a sector's share of these bytes was never written: that, a file shows as zeros. */
  private static boolean hasHole(byte[] bytes, long at) {
    int from = 0;
    while (from < bytes.length) {
      int to = (int) Math.min(bytes.length, from + SECTOR - (at + from) % SECTOR);
      if (Arrays.equals(bytes, from, to, new byte[to - from], 0, to - from)) {
        return true;
      }
      from = to;
    }
    return false;
  }

  /** Zeros to the end are a file that grew before its bytes arrived; anything else is damage. */
  private byte @Nullable [] torn(long left, String what) throws IOException {
    byte[] rest = readFully(file, position, (int) Math.min(left, FRAME + MAX_RECORD));
    for (byte value : rest) {
      if (value != 0) {
        throw new LedgerDamagedException(
            "%s is damaged at byte %d (%s); put it back from a copy"
                .formatted(path, position, what));
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
    try {
      writeFully(file, record, position);
      file.force(false);
    } catch (IOException e) {
      // A record that may or may not be durable is worse than none: nobody must read it later.
      takeBack(e);
      throw e;
    }
    writeMark(lockFile, header.id(), position + FRAME + payload.length);
    position += FRAME + payload.length;
  }

  private void takeBack(IOException cause) {
    try {
      file.truncate(position);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
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
