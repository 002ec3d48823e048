package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.replay.ReplayReport;
import io.sluice.fsm.transfer.TransferTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.zip.CRC32C;

/** Files that a store reads, with anything in them: what they hold, or what is wrong with them. */
class StoredFilesFuzzTest {
  private static final KnownTables TABLES =
      KnownTables.of(ClientDeals.TABLE, ProviderDeals.TABLE, TransferTable.TABLE);

  @FuzzTest
  void snapshot(byte[] bytes) throws IOException {
    read(bytes);
  }

  /** What is behind the checksum, with a right one. */
  @FuzzTest
  void checkedSnapshot(byte[] bytes) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    DataOutputStream out = new DataOutputStream(whole);
    out.write(bytes);
    out.writeInt((int) crc.getValue());
    read(whole.toByteArray());
  }

  private static void read(byte[] bytes) throws IOException {
    try {
      Snapshot.read(new ByteArrayInputStream(bytes), "snapshot");
    } catch (Snapshot.SnapshotDamaged e) {
      // said
    }
  }

  /** An export file; its entries are all the store's records of a deal. */
  @FuzzTest
  void exportFile(byte[] bytes) {
    ReplayReport report = ExportFile.replay(new ByteArrayInputStream(bytes), TABLES);
    assertFalse(report.same() && report.entries() > bytes.length, "entries out of nothing");
  }
}
