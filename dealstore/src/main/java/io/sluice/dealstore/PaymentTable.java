package io.sluice.dealstore;

import io.sluice.payments.PaymentRecord;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.ipld.Node;
import java.sql.Connection;
import java.sql.ResultSet;
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
        part BIGINT NOT NULL,
        kind VARCHAR NOT NULL,
        deal VARCHAR NOT NULL,
        record BLOB NOT NULL,
        checksum INT NOT NULL,
        PRIMARY KEY (position, part));
      CREATE INDEX IF NOT EXISTS payment_deal ON payment (deal, kind)
      """;

  static final CheckedTable TABLE =
      CheckedTable.counted("payment", "position", "part", "kind", "deal", "record");

  private static final Set<String> SUPERSEDED_BY_A_BETTER =
      Set.of("voucher-given", "voucher-taken");

  private PaymentTable() {}

  /**
   * Adds a record. Of a deal's vouchers the one worth most stays, whichever became durable last:
   * they come on streams of their own and overtake each other.
   */
  static void add(Connection connection, long position, long part, String kind, Node value)
      throws SQLException {
    String deal = value.find("Deal").map(Node::asText).orElse("");
    if (SUPERSEDED_BY_A_BETTER.contains(kind)) {
      SignedVoucher voucher = SignedVoucher.CODEC.decode(value.get("Voucher"));
      for (PaymentRow other :
          TABLE.select(connection, "WHERE deal = ? AND kind = ?", PaymentTable::read, deal, kind)) {
        SignedVoucher before = SignedVoucher.CODEC.decode(other.record().get("Voucher"));
        if (!isOfOneLane(before.voucher(), voucher.voucher())) {
          continue;
        }
        if (before.amount().compareTo(voucher.amount()) > 0) {
          return;
        }
        TABLE.delete(connection, "position = ? AND part = ?", other.position(), other.part());
      }
    }
    TABLE.insert(connection, position, part, kind, deal, Nodes.write(value));
  }

  private static boolean isOfOneLane(Voucher one, Voucher other) {
    return one.channel().equals(other.channel()) && one.lane() == other.lane();
  }

  static List<PaymentRecord> all(Connection connection) throws SQLException {
    return TABLE.select(
        connection,
        "ORDER BY position, part",
        row -> PaymentRecord.of(row.getString(3), Nodes.read(row.getBytes(5))));
  }

  /** Every row, for a snapshot. */
  static List<PaymentRow> rows(Connection connection) throws SQLException {
    return TABLE.select(connection, "ORDER BY position, part", PaymentTable::read);
  }

  private static PaymentRow read(ResultSet row) throws SQLException {
    return new PaymentRow(
        row.getLong(1), row.getLong(2), row.getString(3), Nodes.read(row.getBytes(5)));
  }

  static void put(Connection connection, PaymentRow row) throws SQLException {
    add(connection, row.position(), row.part(), row.kind(), row.record());
  }
}
