package io.sluice.cli.books;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.Reports;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sheet of the books, to the byte. */
class BookSheetTest {
  private static final Tokens TOKENS = new Tokens(new Token("PLAY", EvmAddress.ZERO, 4), List.of());
  private static final String OTHER = "0x00000000000000000000000000000000000000aa";

  private static Reports.BookEntryReport row(
      String time, String peer, long amount, Optional<String> token) {
    return new Reports.BookEntryReport(
        Optional.of(time).filter(it -> !it.isEmpty()),
        Optional.of("c-1"),
        "client",
        peer,
        1_048_576,
        TokenAmount.of(amount),
        token,
        "0x12",
        Optional.empty());
  }

  private static Reports.BookEntryReport row(String time, long amount) {
    return row(time, "12D3", amount, Optional.of(EvmAddress.ZERO.toString()));
  }

  private static String csv(Optional<String> rates, Reports.BookEntryReport... rows) {
    return new BookSheet(TOKENS, rates.map(FiatRates::parse)).csv(List.of(rows));
  }

  @Test
  void amountsAreExactDecimals() {
    assertEquals(
        List.of(
            "date,deal,role,peer,bytes,amount,token,channel,transaction",
            "2026-11-28T23:59:59Z,c-1,client,12D3,1048576,1.0001,PLAY,0x12,",
            ""),
        List.of(csv(Optional.empty(), row("2026-11-28T23:59:59Z", 10_001)).split("\r\n", -1)));
  }

  /** What it is worth in PLAY is not known, so nothing claims it. */
  @Test
  void givenUnknownToken_thenItsBaseUnitsAndAddress() {
    String line =
        csv(
                Optional.of("2026-11-28,PLAY,2,EUR"),
                row("2026-11-28T00:00:00Z", "p", 7, Optional.of(OTHER)))
            .lines()
            .toList()
            .getLast();
    assertTrue(line.contains(",7," + OTHER + ",") && line.endsWith(",,"), line);
  }

  /** A peer names itself: nothing of that may be calculated, or end a cell or a line. */
  @Test
  void givenPeersText_thenItIsTextInOneCell() {
    Map.of(
            "=1+1", "'=1+1",
            "+1", "'+1",
            "-1", "'-1",
            "@SUM(A1)", "'@SUM(A1)",
            "a,b", "\"a,b\"",
            "a\"b", "\"a\"\"b\"",
            "=\"a\"", "\"'=\"\"a\"\"\"",
            "\t=1", "'\t=1",
            "plain", "plain")
        .forEach((text, cell) -> assertEquals("x," + cell + "\r\n", Csv.line(List.of("x", text))));
  }

  @Test
  void givenLineEndInACell_thenItStandsInQuotes() {
    assertEquals("\"a\r\nb\"\r\n", Csv.line(List.of("a\r\nb")));
  }

  /** Exact, by the day in UTC; of a day without a rate nothing is said. */
  @Test
  void givenRates_thenWhatItWasWorthOnTheDay() {
    List<String> lines =
        csv(
                Optional.of("date,token,rate,currency\n\n2026-11-28,play,3.333333333333,EUR\n"),
                row("2026-11-28T23:59:59Z", 10_001),
                row("2026-11-29T00:00:00Z", 10_001))
            .lines()
            .toList();

    assertTrue(lines.get(0).endsWith(",value,currency"), lines::toString);
    assertTrue(lines.get(1).endsWith(",3.3336666666663333,EUR"), lines::toString);
    assertTrue(lines.get(2).endsWith(",,"), lines::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2026-11-28,PLAY,2 | 3 cells",
        "2026-02-30,PLAY,2,EUR | 2026-02-30",
        "28.11.2026,PLAY,2,EUR | 28.11.2026",
        "2026-11-28,,2,EUR | no token",
        "2026-11-28,PLAY,-2,EUR | not a rate",
        "2026-11-28,PLAY,2e3,EUR | not a rate",
        "2026-11-28,PLAY,2,=EUR | not a currency",
        "2026-11-27,play,3,EUR | a second rate"
      })
  void givenBadRates_thenTheLineIsNamed(String line, String why) {
    Exception refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> FiatRates.parse("2026-11-27,PLAY,2,EUR\n" + line));
    String said = String.valueOf(refused.getMessage());
    assertTrue(said.startsWith("line 2: ") && said.contains(why), said);
  }

  @Test
  void daysAreBothIncluded() {
    List<Reports.BookEntryReport> rows =
        List.of(
            row("2026-11-27T23:59:59Z", 1),
            row("2026-11-28T00:00:00Z", 2),
            row("2026-11-29T23:59:59Z", 3),
            row("2026-11-30T00:00:00Z", 4),
            row("", 5));
    LocalDate from = LocalDate.parse("2026-11-28");
    LocalDate to = LocalDate.parse("2026-11-29");

    assertEquals(rows.subList(1, 3), BookSheet.between(rows, Optional.of(from), Optional.of(to)));
    assertEquals(rows, BookSheet.between(rows, Optional.empty(), Optional.empty()));
  }
}
