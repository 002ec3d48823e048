package io.sluice.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {
  private static final String CID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";
  private final Table table =
      new Table("nothing", "CID", "SIZE", "PRICE/MiB", "NAME")
          .figures("SIZE", "PRICE/MiB")
          .row(CID, "19.1 MiB", "1000000000000000000", "a film with a name that is long.bin")
          .row("x", "1 B", "-", "y");

  @Test
  void givenNoRows_whenPrinted_thenThatIsSaid() {
    assertEquals(List.of("nothing"), new Table("nothing", "A").lines(10));
    assertFalse(new Table("nothing", "A").isCut(1));
  }

  @Test
  void givenRoom_whenPrinted_thenWhole() {
    assertFalse(table.isCut(Integer.MAX_VALUE));
    assertTrue(table.lines().get(1).startsWith(CID + "  19.1 MiB  1000000000000000000  a film"));
  }

  @Test
  void givenNarrowWindow_whenPrinted_thenItFitsAndFiguresAreWhole() {
    assertTrue(table.isCut(80));
    for (String line : table.lines(80)) {
      assertTrue(line.length() <= 80, line);
    }
    String row = table.lines(80).get(1);
    assertTrue(row.contains("  19.1 MiB  1000000000000000000  "), row);
    assertTrue(row.matches("bafkrei\\w+…\\w+52zy .*a film.*….*\\.bin"), row);
  }

  @Test
  void givenWindowTooNarrowForFigures_whenPrinted_thenTheyAreWholeStill() {
    assertTrue(table.lines(20).get(1).contains("1000000000000000000"));
  }

  @Test
  void givenWordsAmongFigures_whenPrinted_thenFiguresAreWholeAndTheRestGivesWay() {
    Table words =
        new Table("nothing", "CID", "SIZE", "NAME", "STATE")
            .figures("SIZE", "STATE")
            .row(CID, "1023.9 MiB", "a film with a name that is long.bin", "incomplete")
            .row(CID, "of unknown size", "y", "");

    for (int columns : List.of(60, 50)) {
      for (String line : words.lines(columns)) {
        assertTrue(line.length() <= columns, line);
      }
      String row = words.lines(columns).get(1);
      assertTrue(row.contains("  1023.9 MiB       "), row);
      assertTrue(row.endsWith("  incomplete"), row);
    }
  }

  @ParameterizedTest
  @CsvSource({"'', 24 40, 40", "'', ?, 80", "'', 0 0, 80", "100, 24 40, 100", "wide, 24 40, 40"})
  void givenWhatIsKnownOfAWindow_whenAsked_thenItsWidth(String said, String size, int columns) {
    assertEquals(columns, Terminal.columns(Map.of("COLUMNS", said), size + "\n"));
  }
}
