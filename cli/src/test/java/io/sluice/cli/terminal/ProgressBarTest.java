package io.sluice.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.Reports;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressBarTest {
  private static final long GIB = 1L << 30;
  private static final TokenAmount HUGE =
      TokenAmount.parse("340282366920938463463374607431768211455");

  private static String paid(Reports.ProgressReport progress) {
    return progress.paid().toString();
  }

  private static Reports.ProgressReport at(long bytes, long total, TokenAmount paid) {
    return new Reports.ProgressReport(
        "receiving", bytes, Optional.of(total), paid, Optional.empty(), "");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 39, 40, 79, 200})
  void givenAnyWindow_whenShown_thenTheLineFitsIt(int columns) {
    for (TokenAmount paid : new TokenAmount[] {TokenAmount.ZERO, TokenAmount.of(28_716), HUGE}) {
      String line =
          ProgressBar.line(
              at(1_022 * GIB, 1_023 * GIB, paid), ProgressBarTest::paid, 1.0, columns - 1);
      assertTrue(line.length() < columns, line);
      assertTrue(line.contains("99 %  1022 GiB"), line);
    }
  }

  @Test
  void givenRoom_whenShown_thenEverythingIsThere() {
    assertEquals(
        "[############............] 50 %  1 GiB  paid 7  512 MiB/s  0:02 left",
        ProgressBar.line(
            at(GIB, 2 * GIB, TokenAmount.of(7)), ProgressBarTest::paid, GIB / 2.0, 79));
    assertEquals(
        "[###....] 50 %  1 GiB  paid 7",
        ProgressBar.line(
            at(GIB, 2 * GIB, TokenAmount.of(7)), ProgressBarTest::paid, GIB / 2.0, 29));
  }

  @Test
  void givenLongNote_whenShown_thenCut() {
    Reports.ProgressReport parked =
        new Reports.ProgressReport("parked", 0, Optional.empty(), "x".repeat(99));

    assertEquals(39, ProgressBar.line(parked, ProgressBarTest::paid, 0, 39).length());
  }

  private static String said(int columns, boolean quiet) {
    StringWriter err = new StringWriter();
    try (ProgressBar bar =
        new ProgressBar(new PrintWriter(err), columns, quiet, ProgressBarTest::paid)) {
      bar.show(at(0, 100, TokenAmount.ZERO));
      bar.show(at(10, 100, TokenAmount.ZERO));
      bar.show(at(20, 100, TokenAmount.ZERO));
    }
    return err.toString();
  }

  @Test
  void givenNoTerminal_whenShown_thenALineAPhaseAndNoFrames() {
    assertEquals("receiving" + System.lineSeparator(), said(0, false));
    assertTrue(said(80, false).contains("\r"));
    assertFalse(said(0, false).contains("\r"));
  }

  @Test
  void givenQuiet_whenShown_thenNothing() {
    assertEquals("", said(80, true));
    assertEquals("", said(0, true));
  }
}
