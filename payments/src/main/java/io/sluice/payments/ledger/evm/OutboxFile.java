package io.sluice.payments.ledger.evm;

import static io.sluice.protocol.ipld.NodeCodec.LONG;

import io.sluice.payments.ledger.evm.contract.ContractCode.Bounds;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The outbox on the disk: an append-only file of one home and one contract, in which the newest
 * record about a row counts.
 *
 * <pre>
 *   header   "SLUICE OUTBOX 1\n"
 *   record   4 bytes: length   4 bytes: CRC-32C of length and payload   payload: dag-cbor
 *   the first record says which contract, and what is known of it; each other one is a row
 * </pre>
 *
 * <p>What is written is durable when {@link #write} returns. A crash may leave a torn record at the
 * end, which nobody acted upon; it is cut off. Damage anywhere else is not read past. The home's
 * lock keeps other processes away. Not thread-safe.
 */
final class OutboxFile implements Closeable {
  static final int MAX_RECORD = 1 << 20;

  private static final byte[] MAGIC = "SLUICE OUTBOX 1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAME = 2 * Integer.BYTES;

  /** With more bytes, and most of them of old records, the file is written anew. */
  private static final long COMPACT_BYTES = 1 << 20;

  private static final int COMPACT_RECORDS_PER_ROW = 3;

  /** What the first record says. */
  private record About(Domain domain, long minChallenge, long maxChallenge) {
    private static final MapCodec<About> CODEC =
        MapCodec.of(
            f ->
                new About(
                    f.among(Domain.CODEC, About::domain),
                    f.get("MinChallenge", LONG, About::minChallenge),
                    f.get("MaxChallenge", LONG, About::maxChallenge)));
  }

  private final Path path;
  private final Map<String, OutboxRow> rows = new LinkedHashMap<>();
  private RandomAccessFile file;
  private Optional<Bounds> bounds = Optional.empty();
  private long end;
  private long records;

  private OutboxFile(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Opens the file, and makes one if there is none.
   *
   * @throws IOException also if it is damaged, or of another contract
   */
  static OutboxFile open(Path path, Domain domain) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("not a file: " + path);
    }
    Files.createDirectories(folder);
    // Not a channel: those close when a thread that uses them is interrupted.
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    OutboxFile outbox = new OutboxFile(path, file);
    try {
      outbox.readAll(domain);
      outbox.compact(domain);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    return outbox;
  }

  private void readAll(Domain domain) throws IOException {
    if (file.length() < MAGIC.length) {
      // Never finished, so nobody has used it.
      file.setLength(0);
      file.write(MAGIC);
      file.getFD().sync();
      syncFolder();
      end = MAGIC.length;
      return;
    }
    byte[] magic = new byte[MAGIC.length];
    file.seek(0);
    file.readFully(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException(path + " is no outbox of this version");
    }
    end = MAGIC.length;
    Optional<byte[]> payload = next();
    while (payload.isPresent()) {
      apply(payload.get(), domain);
      end += FRAME + payload.get().length;
      payload = next();
    }
    if (file.length() != end) {
      file.setLength(end);
      file.getFD().sync();
    }
  }

  /** The next whole record; empty at the end, and at a torn record that is the last. */
  private Optional<byte[]> next() throws IOException {
    long left = file.length() - end;
    if (left < FRAME) {
      return Optional.empty();
    }
    file.seek(end);
    int length = file.readInt();
    int crc = file.readInt();
    if (length <= 0 || length > MAX_RECORD) {
      return torn(left, length == 0);
    }
    if (left < FRAME + length) {
      return Optional.empty();
    }
    byte[] payload = new byte[length];
    file.readFully(payload);
    return crc == crc(payload) ? Optional.of(payload) : torn(left, left == FRAME + length);
  }

  private Optional<byte[]> torn(long left, boolean isLast) throws IOException {
    if (!isLast) {
      throw new IOException(
          "%s is damaged at byte %d, %d before its end; put it back from a copy"
              .formatted(path, end, left));
    }
    return Optional.empty();
  }

  private void apply(byte[] payload, Domain domain) throws IOException {
    try {
      Node node = DagCbor.decodeStrict(ByteBuffer.wrap(payload), Limits.MESSAGE);
      if (node.find("Key").isPresent()) {
        OutboxRow row = OutboxRow.CODEC.decode(node);
        rows.put(row.key(), row);
      } else {
        About about = About.CODEC.decode(node);
        if (!about.domain().equals(domain)) {
          throw new IOException("%s is the outbox of %s".formatted(path, about.domain()));
        }
        bounds = Optional.of(new Bounds(about.minChallenge(), about.maxChallenge()));
      }
      records++;
    } catch (ProtocolException | IllegalArgumentException e) {
      throw new IOException("a record of %s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** What is known of the contract since an endpoint was asked for the first time. */
  Optional<Bounds> bounds() {
    return bounds;
  }

  /** Keeps what was found out about the contract. */
  void keep(Domain domain, Bounds found) throws IOException {
    if (!bounds.equals(Optional.of(found))) {
      append(encode(domain, found));
      bounds = Optional.of(found);
    }
  }

  private static byte[] encode(Domain domain, Bounds bounds) {
    return DagCbor.encode(
        About.CODEC.encode(
            new About(domain, bounds.minChallengeSeconds(), bounds.maxChallengeSeconds())));
  }

  /** All rows, in the order in which they were begun. */
  List<OutboxRow> rows() {
    return new ArrayList<>(rows.values());
  }

  Optional<OutboxRow> find(String key) {
    return Optional.ofNullable(rows.get(key));
  }

  /** Makes the row durable as it is now. */
  void write(OutboxRow row) throws IOException {
    append(DagCbor.encode(OutboxRow.CODEC.encode(row)));
    rows.put(row.key(), row);
  }

  private void append(byte[] payload) throws IOException {
    if (payload.length > MAX_RECORD) {
      throw new IOException("record of " + payload.length + " bytes");
    }
    try {
      file.seek(end);
      file.write(frame(payload));
      file.getFD().sync();
    } catch (IOException e) {
      // What may or may not be durable must not be read later.
      try {
        file.setLength(end);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    end += FRAME + payload.length;
    records++;
  }

  private static byte[] frame(byte[] payload) {
    return ByteBuffer.allocate(FRAME + payload.length)
        .putInt(payload.length)
        .putInt(crc(payload))
        .put(payload)
        .array();
  }

  private static int crc(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, payload.length));
    crc.update(payload, 0, payload.length);
    return (int) crc.getValue();
  }

  /** Writes the newest records alone into a new file, and puts it in the place of the old one. */
  private void compact(Domain domain) throws IOException {
    if (end < COMPACT_BYTES || records < COMPACT_RECORDS_PER_ROW * (rows.size() + 1L)) {
      return;
    }
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try (RandomAccessFile out = new RandomAccessFile(fresh.toFile(), "rw")) {
      out.setLength(0);
      out.write(MAGIC);
      if (bounds.isPresent()) {
        out.write(frame(encode(domain, bounds.get())));
      }
      for (OutboxRow row : rows.values()) {
        out.write(frame(DagCbor.encode(OutboxRow.CODEC.encode(row))));
      }
      out.getFD().sync();
      end = out.getFilePointer();
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder();
    file.close();
    file = new RandomAccessFile(path.toFile(), "rw");
    records = rows.size() + 1L;
  }

  private void syncFolder() throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
