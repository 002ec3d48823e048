package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.WrongLedgerException;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Homes do not trade on a ledger that does not have their channels. */
class WrongLedgerTest {
  /** A ledger's header: what makes it that one, without anything that was done on it. */
  private static final int HEADER = 60;

  @TempDir Path directory;
  private Market market;

  @BeforeEach
  void dealPaid() throws Exception {
    market = new Market(directory);
    market.deal(1, 5000);
    market.give(1, market.client.pay("c-1", 900));
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private EmbeddedLedger ledger(String name) throws IOException {
    return EmbeddedLedger.open(directory.resolve(name), market.clock, new SecureRandom());
  }

  private void start(int seed, ChannelLedger ledger, List<PaymentRecord> records)
      throws IOException {
    new Home(seed, ledger, market.clock, 1_000_000, 0, 1).start(records);
  }

  private void assertRefused(ChannelLedger ledger, String why) {
    for (Home home : List.of(market.client, market.provider)) {
      WrongLedgerException refused =
          assertThrows(
              WrongLedgerException.class,
              () -> start(home == market.client ? 1 : 2, ledger, home.journal));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains(why), message);
      assertTrue(message.contains("ledger.path"), message);
    }
  }

  @Test
  void anotherLedger_refusedByBothEnds() throws IOException {
    try (EmbeddedLedger other = ledger("other")) {
      assertRefused(other, "is on ledger " + market.ledger.domain());
    }
  }

  @Test
  void theSameLedgerWithoutTheChannel_refusedByBothEnds() throws IOException {
    byte[] file = Files.readAllBytes(directory.resolve("ledger"));
    Files.write(directory.resolve("empty"), Arrays.copyOf(file, HEADER));
    try (EmbeddedLedger empty = ledger("empty")) {
      assertEquals(market.ledger.domain(), empty.domain());
      assertRefused(empty, "has lost channel");
    }
  }

  /** The intent is durable before the ledger hears of it: it is tried now. */
  @Test
  void channelThatWasNeverOpened_notMissed() throws IOException {
    List<PaymentRecord> planned =
        market.client.journal.stream()
            .filter(PaymentRecord.IntentPlanned.class::isInstance)
            .limit(1)
            .toList();
    byte[] file = Files.readAllBytes(directory.resolve("ledger"));
    Files.write(directory.resolve("empty"), Arrays.copyOf(file, HEADER));
    try (EmbeddedLedger empty = ledger("empty")) {
      start(1, empty, planned);
    }
  }

  @Test
  void ledgerOutOfReach_noReasonToRefuse() throws IOException {
    BrokenLine line = new BrokenLine(market.ledger);
    line.down = true;

    start(1, line.ledger, market.client.journal);
  }

  @Test
  void ledgersOfRecords_thoseOfChannels() {
    assertEquals(Set.of(), Payments.ledgersOf(List.of()));
    assertEquals(Set.of(market.ledger.domain()), Payments.ledgersOf(market.client.journal));
    assertEquals(Set.of(market.ledger.domain()), Payments.ledgersOf(market.provider.journal));
  }
}
