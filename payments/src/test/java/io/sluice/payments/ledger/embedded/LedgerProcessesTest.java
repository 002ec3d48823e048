package io.sluice.payments.ledger.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one ledger, some of them killed. */
@Tag("long") // starts processes
class LedgerProcessesTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void openChannel() throws IOException {
    file = directory.resolve("ledger");
    try (EmbeddedLedger ledger = open()) {
      ledger.faucet(
          new IntentId("gift"),
          EvmAddress.ZERO,
          LedgerWorkload.payer().address(),
          TokenAmount.of(1_000_000));
      assertInstanceOf(Outcome.Included.class, ledger.submit(LedgerWorkload.opening()));
    }
  }

  private EmbeddedLedger open() throws IOException {
    return EmbeddedLedger.open(file, Clock.systemUTC(), new SecureRandom());
  }

  private Process work(String name, int count) throws IOException {
    return work(name, count, ProcessBuilder.Redirect.PIPE);
  }

  private Process work(String name, int count, ProcessBuilder.Redirect out) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            LedgerWorkload.class.getName(),
            file.toString(),
            name,
            Integer.toString(count))
        .redirectOutput(out)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private TokenAmount deposit() throws IOException {
    try (EmbeddedLedger ledger = open()) {
      Bytes32 channel = LedgerWorkload.opening().channel(ledger.domain());
      return ledger.channel(channel).orElseThrow().deposit();
    }
  }

  @Test
  void twoProcessesAndThisOne_nothingLost() throws Exception {
    Process one = work("one", 100);
    Process two = work("two", 100);
    try (EmbeddedLedger ledger = open();
        EmbeddedLedger another = open()) {
      Bytes32 channel = LedgerWorkload.opening().channel(ledger.domain());
      for (int i = 0; i < 50; i++) {
        EmbeddedLedger either = i % 2 == 0 ? ledger : another;
        assertInstanceOf(
            Outcome.Included.class,
            either.submit(
                new io.sluice.payments.ledger.Intent.TopUp(
                    new IntentId("here-" + i),
                    LedgerWorkload.payer().address(),
                    channel,
                    TokenAmount.of(1))));
      }
    }
    lines(one);
    lines(two);

    assertEquals(0, one.waitFor());
    assertEquals(0, two.waitFor());
    assertEquals(TokenAmount.of(251), deposit());
  }

  @Test
  void killedAgainAndAgain_whatWasSaidIsThere() throws Exception {
    List<String> said = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      Path out = directory.resolve("said" + round);
      Process victim = work("round" + round, 100_000, ProcessBuilder.Redirect.to(out.toFile()));
      while (wholeLines(out).size() < 10 + 7 * round) {
        Thread.onSpinWait();
      }
      // SIGKILL, wherever it happens to be.
      victim.destroyForcibly();
      victim.waitFor();
      said.addAll(wholeLines(out));
    }

    try (EmbeddedLedger ledger = open()) {
      for (String id : said) {
        assertInstanceOf(Outcome.Included.class, ledger.outcome(new IntentId(id)), id);
      }
      // The deposit is what was included: said, or killed between including and saying it.
      Bytes32 channel = LedgerWorkload.opening().channel(ledger.domain());
      long deposit = ledger.channel(channel).orElseThrow().deposit().value().longValueExact();
      assertTrue(deposit - 1 >= said.size() && deposit - 1 <= said.size() + 4, "" + deposit);
    }
  }

  /** What a killed process said; the last line may be cut. */
  private static List<String> wholeLines(Path out) throws IOException {
    String text = Files.readString(out);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static List<String> lines(Process process) throws IOException {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      return out.lines().toList();
    }
  }
}
