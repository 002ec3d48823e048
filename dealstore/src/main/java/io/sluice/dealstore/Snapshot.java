package io.sluice.dealstore;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * All that a start needs of the journal up to a record: machines that live, payments, documents. It
 * lets old segments go, and a lost database be made anew without them.
 *
 * <p>The file is a list of dag-cbor values, each behind its length in four bytes: first the head
 * with the number of items, then the items, and last the CRC-32C of all before. It is replaced
 * whole or not at all.
 */
final class Snapshot {
  private static final String FORMAT = "sluice-snapshot/3";

  private final long position;
  private final List<SnapshotItem> items;

  private Snapshot(long position, List<SnapshotItem> items) {
    this.position = position;
    this.items = items;
  }

  private record SnapshotHead(String format, long position, long count) {
    static final MapCodec<SnapshotHead> CODEC =
        MapCodec.of(
            f ->
                new SnapshotHead(
                    f.get("Format", TEXT, SnapshotHead::format),
                    f.get("Position", LONG, SnapshotHead::position),
                    f.get("Count", LONG, SnapshotHead::count)));
  }

  private static final MapCodec<StoredMachine> MACHINE =
      MapCodec.of(
          f ->
              new StoredMachine(
                  f.get("ID", TEXT.as(MachineId::new, MachineId::value), StoredMachine::id),
                  f.get("Table", TEXT, StoredMachine::table),
                  f.get(
                      "Version",
                      LONG.as(Math::toIntExact, Integer::longValue),
                      StoredMachine::version),
                  f.get("State", TEXT, StoredMachine::state),
                  false,
                  f.get("Data", ANY, StoredMachine::data),
                  f.get("Sequence", LONG, StoredMachine::sequence),
                  f.get(
                      "Head",
                      NodeCodec.bytes(EntryHash::bytes, EntryHash::of),
                      StoredMachine::head),
                  f.get(
                      "Changed",
                      LONG.as(Instant::ofEpochMilli, Instant::toEpochMilli),
                      StoredMachine::changed)));

  /** One of the three. */
  private record SnapshotItem(
      Optional<StoredMachine> machine, Optional<PaymentRow> payment, Optional<Document> document) {
    static final MapCodec<SnapshotItem> CODEC =
        MapCodec.of(
            f ->
                new SnapshotItem(
                    f.find("Machine", MACHINE, SnapshotItem::machine),
                    f.find("Payment", PaymentRow.CODEC, SnapshotItem::payment),
                    f.find("Document", Document.CODEC, SnapshotItem::document)));

    void put(Connection connection) throws SQLException {
      if (machine.isPresent()) {
        MachineTable.put(connection, machine.get());
      }
      if (payment.isPresent()) {
        PaymentTable.put(connection, payment.get());
      }
      if (document.isPresent()) {
        DocumentTable.put(connection, document.get());
      }
    }
  }

  long position() {
    return position;
  }

  static Snapshot of(Connection connection) throws SQLException {
    Optional<StoredMachine> noMachine = Optional.empty();
    Optional<PaymentRow> noPayment = Optional.empty();
    List<SnapshotItem> items = new ArrayList<>();
    MachineTable.notEnded(connection)
        .forEach(it -> items.add(new SnapshotItem(Optional.of(it), noPayment, Optional.empty())));
    PaymentTable.rows(connection)
        .forEach(it -> items.add(new SnapshotItem(noMachine, Optional.of(it), Optional.empty())));
    DocumentTable.all(connection)
        .forEach(it -> items.add(new SnapshotItem(noMachine, noPayment, Optional.of(it))));
    return new Snapshot(Database.position(connection), items);
  }

  /** Puts all of it into empty tables. */
  void load(Connection connection) throws SQLException {
    for (SnapshotItem item : items) {
      item.put(connection);
    }
  }

  /** Puts it in the place of the one before; durable when this returns. */
  void write(Path path, DiskWatch watch) throws IOException {
    Directories.replace(path, watch, this::write);
  }

  private void write(OutputStream file) throws IOException {
    CheckedOutputStream checked = new CheckedOutputStream(file, new CRC32C());
    DataOutputStream out = new DataOutputStream(checked);
    write(out, SnapshotHead.CODEC.encode(new SnapshotHead(FORMAT, position, items.size())));
    for (SnapshotItem item : items) {
      write(out, SnapshotItem.CODEC.encode(item));
    }
    out.writeInt((int) checked.getChecksum().getValue());
    out.flush();
  }

  private static void write(DataOutputStream out, Node node) throws IOException {
    byte[] bytes = Nodes.write(node);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * Reads one, if there is one.
   *
   * @throws SnapshotDamaged if it is not what was written
   */
  static Optional<Snapshot> read(Path path) throws IOException {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path))) {
      return Optional.of(read(file, path.toString()));
    }
  }

  static Snapshot read(InputStream file, String name) throws IOException {
    CheckedInputStream checked = new CheckedInputStream(file, new CRC32C());
    DataInputStream in = new DataInputStream(checked);
    try {
      SnapshotHead head = SnapshotHead.CODEC.decode(read(in));
      List<SnapshotItem> items = new ArrayList<>();
      while (items.size() < head.count()) {
        items.add(SnapshotItem.CODEC.decode(read(in)));
      }
      int checksum = (int) checked.getChecksum().getValue();
      if (in.readInt() != checksum || in.read() >= 0 || !head.format().equals(FORMAT)) {
        throw new SnapshotDamaged(name + " is not what was written", null);
      }
      return new Snapshot(head.position(), items);
    } catch (EOFException | ProtocolException e) {
      throw new SnapshotDamaged(name + " is not a whole snapshot", e);
    }
  }

  private static Node read(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = in.readNBytes(Math.max(0, length));
    if (bytes.length != length) {
      throw new EOFException("an item of %d bytes, %d are there".formatted(length, bytes.length));
    }
    return Nodes.read(bytes);
  }

  /** A snapshot cannot be trusted. */
  static final class SnapshotDamaged extends IOException {
    private static final long serialVersionUID = 1L;

    private SnapshotDamaged(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
