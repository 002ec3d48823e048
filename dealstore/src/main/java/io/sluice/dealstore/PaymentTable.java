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

  static void add(Connection connection, long position, long part, String kind, Node value)
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
  static List<PaymentRow> rows(Connection connection) throws SQLException {
    return Rows.query(
        connection,
        "SELECT position, part, kind, record FROM payment ORDER BY position, part",
        row ->
            new PaymentRow(
                row.getLong(1), row.getLong(2), row.getString(3), Nodes.read(row.getBytes(4))));
  }

  static void put(Connection connection, PaymentRow row) throws SQLException {
    add(connection, row.position(), row.part(), row.kind(), row.record());
  }
}
