package io.sluice.payments.ledger.embedded;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.embedded.FaultyDisk.DiskFault;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A ledger on disks that fail, and on files that were damaged after they were durable. */
class LedgerFaultsTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2025-06-01T00:00:00Z"), ZoneOffset.UTC);
  private static final EvmAddress PAYER = LedgerWorkload.payer().address();
  private static final int TOP_UPS = 2;

  /** Between the bytes that are lost: each field of a record is longer, or right beside. */
  private static final int STRIDE = 5;

  @TempDir Path directory;
  private Path path;
  private int copies;

  @BeforeEach
  void choosePath() {
    path = directory.resolve("ledger");
  }

  private static EmbeddedLedger open(FaultyDisk disk, Path path) throws IOException {
    return EmbeddedLedger.open(disk, path, CLOCK, new SecureRandom());
  }

  private static Path lockOf(Path path) {
    return path.resolveSibling(path.getFileName() + ".lock");
  }

  private void whole() throws IOException {
    try (EmbeddedLedger ledger = open(new FaultyDisk(), path)) {
      work(ledger);
    }
  }

  /** All of it under fixed ids: done again, it changes nothing. */
  private static void work(EmbeddedLedger ledger) throws IOException {
    ledger.faucet(new IntentId("gift"), EvmAddress.ZERO, PAYER, TokenAmount.of(100));
    assertInstanceOf(Outcome.Included.class, ledger.submit(LedgerWorkload.opening()));
    for (int at = 0; at < TOP_UPS; at++) {
      topUp(ledger, at);
    }
  }

  private static void topUp(EmbeddedLedger ledger, int at) throws IOException {
    Intent topUp =
        new Intent.TopUp(
            new IntentId("top-up-" + at),
            PAYER,
            LedgerWorkload.opening().channel(ledger.domain()),
            TokenAmount.of(10));
    assertInstanceOf(Outcome.Included.class, ledger.submit(topUp));
  }

  private static void assertExact(EmbeddedLedger ledger) throws IOException {
    Channel channel =
        ledger.channel(LedgerWorkload.opening().channel(ledger.domain())).orElseThrow();
    assertEquals(TokenAmount.of(1 + 10 * TOP_UPS), channel.deposit());
    assertEquals(TokenAmount.of(100 - 1 - 10 * TOP_UPS), ledger.balance(EvmAddress.ZERO, PAYER));
  }

  /** A copy of the ledger and what is known of it, as it is, in a folder of its own. */
  private Path copy(byte[] file, byte[] lock) throws IOException {
    Path copy = Files.createDirectory(directory.resolve("copy" + copies++)).resolve("ledger");
    Files.write(copy, file);
    Files.write(lockOf(copy), lock);
    return copy;
  }

  // order

  @Test
  void everything_durableBeforeItIsSaid() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    try (EmbeddedLedger ledger = open(disk, path)) {
      assertEquals(
          List.of("write ledger", "sync ledger", "sync folder", "write ledger.lock"), disk.done);
      disk.done.clear();

      ledger.faucet(new IntentId("gift"), EvmAddress.ZERO, PAYER, TokenAmount.of(100));
      disk.done.add("said");
      ledger.submit(LedgerWorkload.opening());
      disk.done.add("said");
      ledger.advance(Duration.ofSeconds(1));
      disk.done.add("said");
    }
    List<String> one = List.of("write ledger", "sync ledger", "write ledger.lock", "said");
    assertEquals(
        java.util.stream.Stream.of(one, one, one).flatMap(List::stream).toList(), disk.done);
  }

  /** Its writer may have been killed between write and sync: nobody may rely on it before. */
  @Test
  void recordNobodyVouchesFor_syncedBeforeItIsRead() throws IOException {
    whole();
    Files.write(lockOf(path), new byte[0]);
    FaultyDisk disk = new FaultyDisk();

    try (EmbeddedLedger ledger = open(disk, path)) {
      assertEquals(List.of("sync ledger", "write ledger.lock"), disk.done);
      assertExact(ledger);
    }
    FaultyDisk again = new FaultyDisk();
    open(again, path).close();
    assertEquals(List.of(), again.done);
  }

  // faults

  /** Once, at the n-th change for every n: whoever asks again gets everything exactly once. */
  @ParameterizedTest
  @EnumSource(DiskFault.class)
  void faultAtTheNthChange_exactInTheEnd(DiskFault fault) throws IOException {
    int nth = 1;
    while (true) {
      Path file = Files.createDirectory(directory.resolve("" + nth)).resolve("ledger");
      FaultyDisk disk = new FaultyDisk(fault, nth);
      goOnWithTheSame(disk, file);
      try (EmbeddedLedger after = open(new FaultyDisk(), file)) {
        work(after);
        assertExact(after);
      }
      try (EmbeddedLedger after = open(new FaultyDisk(), file)) {
        assertExact(after);
      }
      if (!disk.struck) {
        break;
      }
      nth++;
    }
    assertTrue(nth > 4 + 3 * (2 + TOP_UPS), "struck at each change, not only %d".formatted(nth));
  }

  private static void goOnWithTheSame(FaultyDisk disk, Path file) throws IOException {
    Optional<EmbeddedLedger> opened = Optional.empty();
    try {
      opened = Optional.of(open(disk, file));
      work(opened.get());
    } catch (IOException e) {
      assertTrue(disk.struck, e.toString());
      disk.makeRoom();
    }
    if (opened.isPresent()) {
      try (EmbeddedLedger ledger = opened.get()) {
        work(ledger);
        assertExact(ledger);
      }
    }
  }

  /** What was said stays: killed at the fault, and started again on a disk that works. */
  @ParameterizedTest
  @EnumSource(DiskFault.class)
  void killedAtTheNthChange_nothingSaidIsLost(DiskFault fault) throws IOException {
    for (int nth = 1; ; nth++) {
      Path file = Files.createDirectory(directory.resolve("" + nth)).resolve("ledger");
      FaultyDisk disk = new FaultyDisk(fault, nth);
      int said = 0;
      try (EmbeddedLedger ledger = open(disk, file)) {
        ledger.faucet(new IntentId("gift"), EvmAddress.ZERO, PAYER, TokenAmount.of(100));
        ledger.submit(LedgerWorkload.opening());
        said = 1;
        for (int at = 0; at < TOP_UPS; at++) {
          topUp(ledger, at);
          said += 10;
        }
      } catch (IOException e) {
        assertTrue(disk.struck, e.toString());
      }
      try (EmbeddedLedger after = open(new FaultyDisk(), file)) {
        long deposit =
            after
                .channel(LedgerWorkload.opening().channel(after.domain()))
                .map(channel -> channel.deposit().value().longValue())
                .orElse(0L);
        assertTrue(deposit >= said, "%d said, %d there".formatted(said, deposit));
        work(after);
        assertExact(after);
      }
      if (!disk.struck) {
        return;
      }
    }
  }

  /** Whoever is told that it failed may do something else instead: nobody else may read it. */
  @Test
  void syncFails_theRecordIsTakenBackAtOnce() throws IOException {
    int syncOfTheFirstRecord = 6;
    FaultyDisk disk = new FaultyDisk(DiskFault.IO_ERROR, syncOfTheFirstRecord);
    try (EmbeddedLedger ledger = open(disk, path)) {
      long before = Files.size(path);

      assertThrows(
          IOException.class,
          () -> ledger.faucet(new IntentId("gift"), EvmAddress.ZERO, PAYER, TokenAmount.of(100)));

      assertTrue(disk.struck);
      assertEquals(before, Files.size(path));
    }
  }

  /** A disk may take and give as little as it likes at a time. */
  @Test
  void fewBytesAtATime_theSame() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    disk.most = 7;
    try (EmbeddedLedger ledger = open(disk, path)) {
      work(ledger);
      assertExact(ledger);
    }
    try (EmbeddedLedger again = open(disk, path)) {
      assertExact(again);
    }
  }

  @Test
  void closedOrNotOpenedAfterAll_nothingIsLeftOpen() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    EmbeddedLedger ledger = open(disk, path);
    work(ledger);
    assertEquals(2, disk.open.get());
    ledger.close();
    assertEquals(0, disk.open.get());
    byte[] good = Files.readAllBytes(path);
    byte[] lock = Files.readAllBytes(lockOf(path));
    for (int at : List.of(0, 100)) { // in the header, in a record
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Path copy = copy(bad, lock);

      assertThrows(LedgerDamagedException.class, () -> open(disk, copy), "byte " + at);

      assertEquals(0, disk.open.get(), "byte " + at);
    }
  }

  // damage

  @Test
  void oneBitOfAnyByteFlipped_refused() throws IOException {
    whole();
    byte[] file = Files.readAllBytes(path);
    byte[] lock = Files.readAllBytes(lockOf(path));
    for (int at = 0; at < file.length; at += at < 200 ? 1 : STRIDE) {
      byte[] bad = file.clone();
      bad[at] ^= (byte) (1 << at % 8);
      assertDamaged(copy(bad, lock), "byte " + at);
    }
  }

  @Test
  void anyByteCutOut_orAnyEndCutOff_refused() throws IOException {
    whole();
    byte[] file = Files.readAllBytes(path);
    byte[] lock = Files.readAllBytes(lockOf(path));
    for (int at = 0; at < file.length; at += STRIDE) {
      byte[] bad = Arrays.copyOf(file, file.length - 1);
      System.arraycopy(file, at + 1, bad, at, bad.length - at);
      assertDamaged(copy(bad, lock), "without byte " + at);
      assertDamaged(copy(Arrays.copyOf(file, at), lock), "cut at " + at);
    }
  }

  private static void assertDamaged(Path path, String how) {
    assertThrows(LedgerDamagedException.class, () -> open(new FaultyDisk(), path).close(), how);
  }

  @Test
  void markDamagedInAnyWay_harmless() throws IOException {
    whole();
    byte[] file = Files.readAllBytes(path);
    byte[] lock = Files.readAllBytes(lockOf(path));
    for (int at = 0; at < lock.length; at++) {
      byte[] bad = lock.clone();
      bad[at] ^= (byte) (1 << at % 8);
      assertOpens(copy(file, bad));
      assertOpens(copy(file, Arrays.copyOf(lock, at)));
    }
  }

  private static void assertOpens(Path path) throws IOException {
    try (EmbeddedLedger ledger = open(new FaultyDisk(), path)) {
      assertExact(ledger);
    }
  }

  /** Also where nothing is known of it: a crash leaves no single wrong bit. */
  @Test
  void lastRecordOfFullLengthDamaged_notTakenForTorn() throws IOException {
    whole();
    byte[] file = Files.readAllBytes(path);
    for (int at = file.length - 60; at < file.length; at++) {
      byte[] bad = file.clone();
      bad[at] ^= (byte) (1 << at % 8);
      assertDamaged(copy(bad, new byte[0]), "byte " + at);
    }
  }

  @Test
  void lastRecordWithAHole_tornUnlessItWasDurable() throws IOException {
    whole();
    long before;
    byte[] file;
    try (EmbeddedLedger ledger = open(new FaultyDisk(), path)) {
      do {
        before = Files.size(path);
        ledger.advance(Duration.ofSeconds(1));
        file = Files.readAllBytes(path);
      } while (before / 512 == (file.length - 1) / 512 || file.length % 512 < 3);
    }
    byte[] lock = Files.readAllBytes(lockOf(path));
    byte[] torn = file.clone();
    Arrays.fill(torn, (int) ((before / 512 + 1) * 512), torn.length, (byte) 0);

    assertDamaged(copy(torn, lock), "it was durable");
    Path crashed = copy(torn, new byte[0]);
    assertDoesNotThrow(() -> open(new FaultyDisk(), crashed).close());
  }

  @Test
  void missingOrAnother_refusedUntilSomebodyDecides() throws IOException {
    whole();
    Path other = directory.resolve("other");
    open(new FaultyDisk(), other).close();
    Files.move(path, directory.resolve("gone"));

    LedgerDamagedException missing =
        assertThrows(LedgerDamagedException.class, () -> open(new FaultyDisk(), path));
    assertTrue(String.valueOf(missing.getMessage()).contains("put it back"), missing.toString());
    assertTrue(Files.notExists(path), "nothing is begun in its place");
    Files.copy(other, path, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertDamaged(path, "another ledger");
    Files.copy(directory.resolve("gone"), path, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertOpens(path);
    Files.delete(path);
    Files.delete(lockOf(path));
    open(new FaultyDisk(), path).close();
  }
}
