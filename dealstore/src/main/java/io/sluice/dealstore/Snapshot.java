package io.sluice.dealstore;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.protocol.ipld.Node;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that a start needs of the journal up to a record: machines that live, payments, documents. It
 * lets old segments go, and a lost database be made anew without them.
 *
 * <p>The file is one CBOR array of byte strings: the position, then each item, then the count, so
 * that a cut-off file is noticed. It is replaced whole or not at all.
 */
final class Snapshot {
  private static final CBORFactory CBOR = new CBORFactory();

  private final long position;
  private final List<Node> items;

  private Snapshot(long position, List<Node> items) {
    this.position = position;
    this.items = items;
  }

  long position() {
    return position;
  }

  static Snapshot of(Connection connection) throws SQLException {
    List<Node> items = new ArrayList<>();
    for (StoredMachine machine : MachineTable.notEnded(connection)) {
      items.add(Node.map().put("Machine", machine(machine)).build());
    }
    PaymentTable.rows(connection).forEach(row -> items.add(Node.map().put("Payment", row).build()));
    DocumentTable.all(connection)
        .forEach(row -> items.add(Node.map().put("Document", row.toNode()).build()));
    return new Snapshot(DealStore.positionOf(connection), items);
  }

  /** Puts all of it into empty tables. */
  void load(Connection connection) throws SQLException {
    for (Node item : items) {
      Optional<Node> machine = item.find("Machine");
      Optional<Node> payment = item.find("Payment");
      if (machine.isPresent()) {
        MachineTable.put(connection, machine(machine.get()));
      } else if (payment.isPresent()) {
        PaymentTable.put(connection, payment.get());
      } else {
        DocumentTable.put(connection, Document.of(item.get("Document")));
      }
    }
  }

  void write(Path path) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try (FileChannel file =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      OutputStream bytes = new BufferedOutputStream(Channels.newOutputStream(file));
      CBORGenerator out = CBOR.createGenerator(bytes);
      out.disable(com.fasterxml.jackson.core.JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      out.writeStartArray();
      out.writeNumber(position);
      for (Node item : items) {
        out.writeBinary(Nodes.write(item));
      }
      out.writeNumber(items.size());
      out.writeEndArray();
      out.close();
      bytes.flush();
      file.force(true);
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder =
        FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  static Optional<Snapshot> read(Path path) throws IOException {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(path));
        JsonParser in = CBOR.createParser(bytes)) {
      expect(path, in.nextToken() == JsonToken.START_ARRAY);
      expect(path, in.nextToken() == JsonToken.VALUE_NUMBER_INT);
      long position = in.getLongValue();
      List<Node> items = new ArrayList<>();
      while (in.nextToken() == JsonToken.VALUE_EMBEDDED_OBJECT) {
        items.add(Nodes.read(in.getBinaryValue()));
      }
      expect(path, in.currentToken() == JsonToken.VALUE_NUMBER_INT);
      expect(path, in.getLongValue() == items.size());
      return Optional.of(new Snapshot(position, items));
    }
  }

  private static void expect(Path path, boolean holds) throws IOException {
    if (!holds) {
      throw new IOException(path + " is not a whole snapshot");
    }
  }

  private static Node machine(StoredMachine machine) {
    return Node.map()
        .put("ID", machine.id().value())
        .put("Table", machine.table())
        .put("Version", machine.version())
        .put("State", machine.state())
        .put("Data", machine.data())
        .put("Sequence", machine.sequence())
        .put("Head", machine.head().bytes())
        .put("Changed", machine.changed().toEpochMilli())
        .build();
  }

  private static StoredMachine machine(Node node) {
    return new StoredMachine(
        new MachineId(node.get("ID").asText()),
        node.get("Table").asText(),
        node.get("Version").asInt(),
        node.get("State").asText(),
        false,
        node.get("Data"),
        node.get("Sequence").asLong(),
        EntryHash.of(node.get("Head").asByteArray()),
        Instant.ofEpochMilli(node.get("Changed").asLong()));
  }
}
