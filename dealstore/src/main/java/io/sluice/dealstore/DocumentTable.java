package io.sluice.dealstore;

import io.sluice.protocol.ipld.Node;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small records under a name: prices, contents, counters. */
final class DocumentTable {
  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS document (
        collection VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        document BLOB NOT NULL,
        checksum INT NOT NULL,
        PRIMARY KEY (collection, name))
      """;

  static final CheckedTable TABLE =
      CheckedTable.counted("document", "collection", "name", "document");

  private DocumentTable() {}

  static void put(Connection connection, Document document) throws SQLException {
    TABLE.delete(connection, "collection = ? AND name = ?", document.collection(), document.name());
    if (!document.value().isNull()) {
      TABLE.insert(
          connection, document.collection(), document.name(), Nodes.write(document.value()));
    }
  }

  static List<Document> all(Connection connection) throws SQLException {
    return TABLE.select(
        connection,
        "ORDER BY collection, name",
        row -> new Document(row.getString(1), row.getString(2), Nodes.read(row.getBytes(3))));
  }

  static Map<String, Map<String, Node>> byCollection(Connection connection) throws SQLException {
    Map<String, Map<String, Node>> collections = new LinkedHashMap<>();
    for (Document document : all(connection)) {
      collections
          .computeIfAbsent(document.collection(), key -> new LinkedHashMap<>())
          .put(document.name(), document.value());
    }
    return collections;
  }
}
