package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.Samples;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.evm.contract.ContractCode.Bounds;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxFileTest {
  private static final Bounds BOUNDS = new Bounds(1, 100);

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void place() {
    path = directory.resolve("home").resolve("outbox");
  }

  private static OutboxRow row(String key, int size) {
    Fees fees = new Fees(BigInteger.TEN, BigInteger.ONE);
    return OutboxRow.signed(
        key,
        Optional.of(new Intent.Settle(new IntentId(key), Samples.PAYER.address(), Samples.CHANNEL)),
        new Transaction(
            Samples.PAYER.address(),
            Samples.DOMAIN.contract(),
            TokenAmount.ZERO,
            RawBytes.of(new byte[size])),
        4,
        50_000,
        SignedTransaction.of(new byte[size], fees));
  }

  private OutboxFile open() throws IOException {
    return OutboxFile.open(path, Samples.DOMAIN);
  }

  @Test
  void openedAgain_theNewestOfEachRow_inTheOrderOfTheFirst() throws IOException {
    OutboxRow first = row("a", 10);
    OutboxRow second = row("b", 10).broadcast(9);
    try (OutboxFile file = open()) {
      file.keep(Samples.DOMAIN, BOUNDS);
      file.write(first);
      file.write(second);
      first = first.broadcast(8);
      first = first.included(new OutboxRow.Mined(first.newest().hash(), 12, Samples.hash(3), true));
      file.write(first);
    }

    try (OutboxFile file = open()) {
      assertEquals(List.of(first, second), file.rows());
      assertEquals(Optional.of(BOUNDS), file.bounds());
      assertEquals(Optional.of(second), file.find("b"));
    }
  }

  /** A node may say that it was any sum: it can have been no more than was allowed. */
  @Test
  void whatGasHasCost_isKept_andBounded() throws IOException {
    OutboxRow.Mined mined =
        new OutboxRow.Mined(row("a", 10).newest().hash(), 12, Samples.hash(3), true);
    OutboxRow first =
        row("a", 10).begun(Samples.NOW, TokenAmount.of(7)).included(mined).costing(BigInteger.ONE);
    try (OutboxFile file = open()) {
      file.write(first);
    }

    try (OutboxFile file = open()) {
      assertEquals(List.of(first), file.rows());
      assertEquals(TokenAmount.of(8), first.cost().sum());
      assertEquals(Optional.of(Samples.NOW), first.begun());
      assertEquals(
          TokenAmount.of(7 + 10 * 50_000),
          first.costing(BigInteger.ONE.shiftLeft(200)).cost().sum());
      assertEquals(first, first.costing(BigInteger.ZERO), "a node that does not say");
    }
  }

  /** As it was kept before anybody asked for its cost. */
  @Test
  void rowWithoutCostAndTime_isRead() throws IOException {
    Node.MapBuilder without = Node.map();
    OutboxRow.CODEC.encode(row("a", 10)).asMap().entries().stream()
        .filter(entry -> !entry.getKey().string().equals("Cost"))
        .forEach(entry -> without.put(entry.getKey(), entry.getValue()));

    assertEquals(row("a", 10), OutboxRow.CODEC.decode(without.build()));
  }

  /** Whoever is killed while writing leaves any beginning of the record. */
  @Test
  void cutAnywhereInTheLastRecord_asBeforeIt_andWrittenOver() throws IOException {
    long whole;
    try (OutboxFile file = open()) {
      file.write(row("a", 10));
      whole = Files.size(path);
      file.write(row("b", 10));
    }
    byte[] bytes = Files.readAllBytes(path);
    for (int length = 0; length < bytes.length; length += 5) {
      Files.write(path, Arrays.copyOf(bytes, length));
      try (OutboxFile file = open()) {
        assertEquals(length < whole ? 0 : 1, file.rows().size(), "cut at " + length);
        file.write(row("c", 10));
      }
      try (OutboxFile file = open()) {
        assertTrue(file.find("c").isPresent());
      }
    }
  }

  @Test
  void grownWithZeros_readAsFarAsItWasWritten() throws IOException {
    try (OutboxFile file = open()) {
      file.write(row("a", 10));
    }
    Files.write(path, Arrays.copyOf(Files.readAllBytes(path), (int) Files.size(path) + 4096));

    try (OutboxFile file = open()) {
      assertEquals(1, file.rows().size());
    }
  }

  @Test
  void anyBitInTheMiddleChanged_notReadPast() throws IOException {
    long start;
    long end;
    try (OutboxFile file = open()) {
      start = Files.size(path);
      file.write(row("a", 10));
      end = Files.size(path);
      file.write(row("b", 10));
    }
    byte[] good = Files.readAllBytes(path);
    for (int at = (int) start + 4; at < end; at += 3) {
      byte[] bad = good.clone();
      bad[at] ^= 0x10;
      Files.write(path, bad);
      assertThrows(IOException.class, this::open, "byte " + at);
    }
  }

  @Test
  void ofAnotherContract_orNoOutboxAtAll_refused() throws IOException {
    try (OutboxFile file = open()) {
      file.keep(Samples.DOMAIN, BOUNDS);
    }
    Domain other = new Domain(8, Samples.DOMAIN.contract());
    assertThrows(IOException.class, () -> OutboxFile.open(path, other));
    Files.writeString(path, "x".repeat(200));
    assertThrows(IOException.class, this::open);
  }

  @Test
  void manyOldRecords_writtenAnewWithoutThem() throws IOException {
    try (OutboxFile file = open()) {
      file.keep(Samples.DOMAIN, BOUNDS);
      for (int i = 0; i < 12; i++) {
        file.write(row("a", 60_000));
      }
      file.write(row("b", 10).broadcast(3));
    }
    long before = Files.size(path);

    try (OutboxFile file = open()) {
      assertTrue(Files.size(path) < before / 5);
      file.write(row("c", 10));
    }
    try (OutboxFile file = open()) {
      assertEquals(List.of(row("a", 60_000), row("b", 10).broadcast(3), row("c", 10)), file.rows());
      assertEquals(Optional.of(BOUNDS), file.bounds());
    }
  }
}
