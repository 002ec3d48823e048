package io.sluice.dealstore;

import io.sluice.payments.PaymentRecord;
import io.sluice.protocol.ipld.Node;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * The payment records in the order in which they became durable. Their figures are absolute, so of
 * a deal's vouchers only the last one given and the last one taken are kept.
 */
final class PaymentTable {
  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS payment (
        position BIGINT NOT NULL,
        part INT NOT NULL,
        kind VARCHAR NOT NULL,
        deal VARCHAR NOT NULL,
        record BLOB NOT NULL,
        PRIMARY KEY (position, part));
      CREATE INDEX IF NOT EXISTS payment_deal ON payment (deal, kind)
      """;

  private static final Set<String> SUPERSEDED_BY_THE_NEXT =
      Set.of("voucher-given", "voucher-taken");

  private PaymentTable() {}

  static void add(Connection connection, long position, int part, String kind, Node value)
      throws SQLException {
    String deal = value.find("Deal").map(Node::asText).orElse("");
    if (SUPERSEDED_BY_THE_NEXT.contains(kind)) {
      Rows.update(connection, "DELETE FROM payment WHERE deal = ? AND kind = ?", deal, kind);
    }
    Rows.update(
        connection,
        "MERGE INTO payment KEY (position, part) VALUES (?, ?, ?, ?, ?)",
        position,
        part,
        kind,
        deal,
        Nodes.write(value));
  }

  static List<PaymentRecord> all(Connection connection) throws SQLException {
    return Rows.query(
        connection,
        "SELECT kind, record FROM payment ORDER BY position, part",
        row -> PaymentRecord.of(row.getString(1), Nodes.read(row.getBytes(2))));
  }

  /** Every row, for a snapshot. */
  static List<Node> rows(Connection connection) throws SQLException {
    return Rows.query(
        connection,
        "SELECT position, part, kind, record FROM payment ORDER BY position, part",
        row ->
            Node.map()
                .put("Position", row.getLong(1))
                .put("Part", row.getInt(2))
                .put("Kind", row.getString(3))
                .put("Record", Nodes.read(row.getBytes(4)))
                .build());
  }

  static void put(Connection connection, Node row) throws SQLException {
    add(
        connection,
        row.get("Position").asLong(),
        row.get("Part").asInt(),
        row.get("Kind").asText(),
        row.get("Record"));
  }
}
