package io.sluice.payments.ledger.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.ChannelLedgerContract;
import io.sluice.payments.ledger.Cursor;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.Outcome;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedLedgerTest extends ChannelLedgerContract {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2025-06-01T00:00:00Z"), ZoneOffset.UTC);

  @TempDir Path directory;
  private EmbeddedLedger embedded;

  private Path file() {
    return directory.resolve("ledger");
  }

  private EmbeddedLedger reopen() throws IOException {
    return EmbeddedLedger.open(file(), CLOCK, new SecureRandom());
  }

  @Override
  protected ChannelLedger ledger(TokenAmount funds) throws IOException {
    embedded = reopen();
    embedded.faucet(new IntentId("gift"), COIN, PAYER.address(), funds);
    return embedded;
  }

  @Override
  protected void advance(Duration by) throws IOException {
    embedded.advance(by);
  }

  @Test
  void openedAgain_theSameLedger() throws IOException {
    Bytes32 id = opened(1, 10);
    included(redeeming(voucher(id, 2, 1, 4)));
    advance(Duration.ofDays(3));

    try (EmbeddedLedger again = reopen()) {
      assertEquals(ledger.domain(), again.domain());
      assertEquals(ledger.channel(id), again.channel(id));
      assertEquals(ledger.head(), again.head());
      assertEquals(amount(4), again.redeemed(id, 2));
      assertEquals(ledger.events(Cursor.START, 100), again.events(Cursor.START, 100));
    }
  }

  /** Whoever asks first, and whatever for, hears what another process has appended. */
  @Test
  void writtenByAnother_heardByWhateverIsAsked() throws IOException {
    EvmAddress payee = PAYEE.address();
    try (EmbeddedLedger other = reopen()) {
      Intent.Open open = opening(1, 10);
      included(open);
      Bytes32 id = open.channel(ledger.domain());
      assertEquals(amount(10), other.channel(id).orElseThrow().deposit());
      included(topUp(id, 5));
      assertEquals(amount(15), other.channel(id, 99).orElseThrow().deposit());
      included(redeeming(voucher(id, 2, 1, 4)));
      assertEquals(amount(4), other.redeemed(id, 2));
      included(redeeming(voucher(id, 2, 2, 6)));
      assertEquals(amount(6), other.credit(COIN, payee));
      included(new Intent.Withdraw(id(), payee, COIN, payee, amount(6)));
      assertEquals(amount(6), other.balance(COIN, payee));
      Intent more = topUp(id, 1);
      included(more);
      assertEquals(ledger.outcome(more.id()), other.outcome(more.id()));
      included(topUp(id, 1));
      assertEquals(ledger.end(), other.end());
      included(topUp(id, 1));
      assertEquals(
          ledger.events(Cursor.START, 99).events(), other.events(Cursor.START, 99).events());
      advance(Duration.ofSeconds(7));
      assertEquals(ledger.head(), other.head());
    }
  }

  /** Two that write in turn: each builds on what the other has done, and takes nothing away. */
  @Test
  void writersInTurn_nothingIsLost() throws IOException {
    try (EmbeddedLedger other = reopen()) {
      Intent.Open open = opening(1, 10);
      Bytes32 id = open.channel(ledger.domain());
      included(open);
      assertInstanceOf(Outcome.Included.class, other.submit(topUp(id, 5)));
      included(topUp(id, 5));
      other.faucet(new IntentId("more"), COIN, PAYEE.address(), amount(3));
      embedded.faucet(new IntentId("more"), COIN, PAYEE.address(), amount(3));
      other.advance(Duration.ofSeconds(5));
      embedded.advance(Duration.ofSeconds(5));
      other.advance(Duration.ofSeconds(5));
      included(topUp(id, 5));

      for (EmbeddedLedger each : List.of(embedded, other)) {
        assertEquals(amount(25), each.channel(id).orElseThrow().deposit());
        assertEquals(amount(3), each.balance(COIN, PAYEE.address()), "given once");
        assertEquals(CLOCK.instant().plusSeconds(15), each.head().time());
      }
    }
    try (EmbeddedLedger again = reopen()) {
      assertEquals(ledger.events(Cursor.START, 99), again.events(Cursor.START, 99));
    }
  }

  private Intent topUp(Bytes32 channel, long units) {
    return new Intent.TopUp(id(), PAYER.address(), channel, amount(units));
  }

  /** A second a height, from 1 on; what it was advanced by comes on top of everybody's clock. */
  @Test
  void heights_aSecondEach() throws IOException {
    assertEquals(1, ledger.head().height());
    advance(Duration.ofSeconds(10));
    assertEquals(11, ledger.head().height());
    Clock tomorrow = Clock.offset(CLOCK, Duration.ofDays(1));
    try (EmbeddedLedger later = EmbeddedLedger.open(file(), tomorrow, new SecureRandom())) {
      assertEquals(86_400 + 11, later.head().height());
      assertEquals(tomorrow.instant().plusSeconds(10), later.head().time());
    }
  }

  @Test
  void deposits_toTheLargestAmountThereIs() throws IOException {
    TokenAmount most = new TokenAmount(BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE));
    EvmAddress rich = STRANGER.address();
    embedded.faucet(new IntentId("much"), COIN, rich, most);
    Intent.Open open =
        new Intent.Open(
            id(), rich, PAYEE.address(), rich, COIN, CHALLENGE, salt(1), most.minus(amount(5)));
    included(open);
    Bytes32 id = open.channel(ledger.domain());

    refused(LedgerError.AMOUNT_OUT_OF_RANGE, topUp(id, 6));
    included(new Intent.TopUp(id(), rich, id, amount(5)));

    assertEquals(most, ledger.channel(id).orElseThrow().deposit());
  }

  @Test
  void closed_saysNothingMore() throws IOException {
    EmbeddedLedger other = reopen();
    other.close();

    assertThrows(ClosedChannelException.class, other::head);
    other.close();
    assertEquals("embedded ledger " + file().toRealPath(), other.toString());
  }

  @Test
  void twoLedgers_twoContracts() throws IOException {
    try (EmbeddedLedger other =
        EmbeddedLedger.open(directory.resolve("other"), CLOCK, new SecureRandom())) {
      assertNotEquals(ledger.domain().contract(), other.domain().contract());
      assertEquals(EmbeddedLedger.CHAIN_ID, other.domain().chainId());
    }
  }

  @Test
  void sameGiftAgain_givenOnce() throws IOException {
    embedded.faucet(new IntentId("gift"), COIN, PAYER.address(), amount(1000));

    assertEquals(amount(1000), ledger.balance(COIN, PAYER.address()));
    assertThrows(
        IllegalArgumentException.class,
        () -> embedded.faucet(new IntentId("gift"), COIN, PAYEE.address(), amount(1000)));
  }

  @Test
  void time_neverBackwards() throws IOException {
    Instant before = ledger.head().time();
    advance(Duration.ofHours(1));
    assertEquals(before.plusSeconds(3600), ledger.head().time());
    assertThrows(IllegalArgumentException.class, () -> advance(Duration.ofSeconds(-1)));
    Clock late = Clock.offset(CLOCK, Duration.ofDays(-3));
    try (EmbeddedLedger elsewhere = EmbeddedLedger.open(file(), late, new SecureRandom())) {
      assertEquals(before.plusSeconds(3600), elsewhere.head().time());
    }
  }

  /** A writer killed in the middle leaves any beginning of its record. */
  @Test
  void cutAnywhereInTheLastRecord_readWithoutItAndWrittenOver() throws IOException {
    opened(1, 10);
    long whole = Files.size(file());
    Bytes32 lost = opened(2, 20);
    byte[] bytes = Files.readAllBytes(file());
    for (int length = (int) whole; length < bytes.length; length += 7) {
      Path cut = directory.resolve("cut" + length);
      Files.write(cut, Arrays.copyOf(bytes, length));
      try (EmbeddedLedger ledger = EmbeddedLedger.open(cut, CLOCK, new SecureRandom())) {
        assertEquals(java.util.Optional.empty(), ledger.channel(lost));
        ledger.advance(Duration.ofSeconds(5));
      }
      try (EmbeddedLedger ledger = EmbeddedLedger.open(cut, CLOCK, new SecureRandom())) {
        assertEquals(CLOCK.instant().plusSeconds(5), ledger.head().time());
      }
    }
  }

  @Test
  void headerCutAnywhere_madeAnew() throws IOException {
    byte[] bytes = Files.readAllBytes(file());
    for (int length = 0; length < 60; length += 5) {
      Path cut = directory.resolve("header" + length);
      Files.write(cut, Arrays.copyOf(bytes, length));
      try (EmbeddedLedger ledger = EmbeddedLedger.open(cut, CLOCK, new SecureRandom())) {
        assertEquals(amount(0), ledger.balance(COIN, PAYER.address()));
      }
    }
  }

  @Test
  void grownWithZeros_readAsFarAsItWasWritten() throws IOException {
    Bytes32 id = opened(1, 10);
    byte[] bytes = Files.readAllBytes(file());
    Path grown = directory.resolve("grown");
    Files.write(grown, Arrays.copyOf(bytes, bytes.length + 4096));

    try (EmbeddedLedger ledger = EmbeddedLedger.open(grown, CLOCK, new SecureRandom())) {
      assertEquals(amount(10), ledger.channel(id).orElseThrow().deposit());
      ledger.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void anyBitInTheMiddleChanged_notReadPast() throws IOException {
    long start = Files.size(file());
    opened(1, 10);
    long end = Files.size(file());
    opened(2, 20);
    opened(3, 20);
    byte[] good = Files.readAllBytes(file());
    for (int at = (int) start; at < end; at += 3) {
      byte[] bad = good.clone();
      bad[at] ^= 0x10;
      Path damaged = directory.resolve("damaged" + at);
      Files.write(damaged, bad);
      assertThrows(
          LedgerDamagedException.class,
          () -> EmbeddedLedger.open(damaged, CLOCK, new SecureRandom()),
          "byte " + at);
    }
  }

  @Test
  void interruptedThreads_doWhatTheyAskedForAndHarmNobody() throws Exception {
    EvmAddress account = EvmAddress.of(new byte[20]);
    Thread.currentThread().interrupt();
    embedded.faucet(IntentId.random(new SecureRandom()), EvmAddress.ZERO, account, amount(1));
    assertTrue(Thread.interrupted());

    Thread hasty =
        Thread.ofVirtual()
            .unstarted(
                () -> {
                  for (int gift = 0; gift < 50; gift++) {
                    try {
                      embedded.faucet(
                          IntentId.random(new SecureRandom()), EvmAddress.ZERO, account, amount(1));
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }
                });
    hasty.start();
    while (hasty.isAlive()) {
      hasty.interrupt();
      Thread.onSpinWait();
    }

    assertEquals(amount(51), embedded.balance(EvmAddress.ZERO, account));
    try (EmbeddedLedger again = reopen()) {
      assertEquals(amount(51), again.balance(EvmAddress.ZERO, account));
    }
  }

  @Test
  void anotherKindOfFile_refused() throws IOException {
    Path other = directory.resolve("other");
    Files.writeString(other, "x".repeat(200));

    assertThrows(
        LedgerDamagedException.class, () -> EmbeddedLedger.open(other, CLOCK, new SecureRandom()));
  }
}
