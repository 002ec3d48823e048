package io.sluice.payments.ledger.embedded;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of every size, and a last one of which sectors never came to the disk. */
class LedgerFileTest {
  private static final LedgerFile.Header FRESH = new LedgerFile.Header(Bytes32.of(new byte[32]), 5);
  private static final int HEADER = 16 + 32 + 8 + 4;
  private static final int FRAME = 12;
  private static final int SECTOR = 512;

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void choosePath() {
    path = directory.resolve("ledger");
  }

  private LedgerFile open() throws IOException {
    return LedgerFile.open(FileChannel::open, path, FRESH);
  }

  private static byte[] payload(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0xa5);
    return bytes;
  }

  private static void append(LedgerFile file, byte[] payload) throws IOException {
    boolean unused =
        file.locked(
            () -> {
              file.append(payload);
              return true;
            });
  }

  private List<byte[]> read() throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (LedgerFile file = open()) {
      file.catchUp(
          record -> {
            byte[] bytes = new byte[record.remaining()];
            record.get(bytes);
            records.add(bytes);
          });
    }
    return records;
  }

  @Test
  void records_fromOneByteToTheLargest() throws IOException {
    try (LedgerFile file = open()) {
      append(file, payload(1));
      append(file, payload(LedgerFile.MAX_RECORD));
      assertThrows(IOException.class, () -> append(file, payload(0)));
      assertThrows(IOException.class, () -> append(file, payload(LedgerFile.MAX_RECORD + 1)));
    }

    List<byte[]> records = read();

    assertEquals(2, records.size());
    assertArrayEquals(payload(1), records.getFirst());
    assertArrayEquals(payload(LedgerFile.MAX_RECORD), records.getLast());
  }

  /** Where nobody vouches for the last record, a sector of it that is all zeros was never there. */
  @Test
  void lastRecord_tornWhereAWholeSectorIsMissingAndDamagedElsewhere() throws IOException {
    try (LedgerFile file = open()) {
      append(file, payload(1));
      append(file, payload(3 * SECTOR));
    }
    byte[] whole = Files.readAllBytes(path);
    int from = HEADER + FRAME + 1 + FRAME;
    assertEquals(from + 3 * SECTOR, whole.length);

    for (int sector = 0; sector * SECTOR < whole.length; sector++) {
      int begin = Math.max(from, sector * SECTOR);
      int end = Math.min(whole.length, (sector + 1) * SECTOR);
      torn(whole, begin, end);
      assertEquals(1, read().size(), "sector " + sector);
      torn(whole, begin + 1, end);
      assertThrows(LedgerDamagedException.class, this::read, "but its first byte, " + sector);
      torn(whole, begin, end - 1);
      assertThrows(LedgerDamagedException.class, this::read, "but its last byte, " + sector);
    }
  }

  private void torn(byte[] whole, int begin, int end) throws IOException {
    byte[] torn = whole.clone();
    Arrays.fill(torn, begin, end, (byte) 0);
    Files.write(path, torn);
    Files.write(path.resolveSibling("ledger.lock"), new byte[0]);
  }
}
