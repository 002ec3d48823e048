package io.sluice.payments.ledger.embedded;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.payments.ledger.Cursor;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

/** A ledger's file with anything in it: a ledger, or one that is said to be damaged. */
class LedgerFuzzTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
  private static final LedgerFile.Header HEADER =
      new LedgerFile.Header(Bytes32.of(new byte[32]), CLOCK.instant().getEpochSecond());

  /** Where files need no disk, if there is such a place. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private interface FileMaker {
    void make(Path path) throws IOException;
  }

  private static void opened(FileMaker maker) throws IOException {
    Path folder =
        Files.isDirectory(MEMORY)
            ? Files.createTempDirectory(MEMORY, "ledger")
            : Files.createTempDirectory("ledger");
    Path path = folder.resolve("ledger");
    try {
      maker.make(path);
      try (EmbeddedLedger ledger = EmbeddedLedger.open(path, CLOCK, new SecureRandom())) {
        ledger.events(Cursor.START, 100);
        ledger.head();
        ledger.balance(EvmAddress.ZERO, EvmAddress.ZERO);
      }
    } catch (LedgerDamagedException e) {
      // said
    } finally {
      Files.deleteIfExists(path);
      Files.deleteIfExists(path.resolveSibling("ledger.lock"));
      Files.delete(folder);
    }
  }

  @FuzzTest
  void file(byte[] bytes) throws IOException {
    opened(path -> Files.write(path, bytes));
  }

  /** Records whose frames are right, each behind its length in two bytes. */
  @FuzzTest
  void records(byte[] bytes) throws IOException {
    opened(
        path -> {
          ByteBuffer rest = ByteBuffer.wrap(bytes);
          try (LedgerFile file = LedgerFile.open(FileChannel::open, path, HEADER)) {
            while (rest.remaining() > Short.BYTES) {
              int length = Math.min(rest.getShort() & 0xffff, rest.remaining());
              byte[] payload = new byte[Math.max(1, length)];
              rest.get(payload, 0, length);
              boolean unused =
                  file.locked(
                      () -> {
                        file.append(payload);
                        return true;
                      });
            }
          }
        });
  }
}
