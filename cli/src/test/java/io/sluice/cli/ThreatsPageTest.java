package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The page of threats leaves none out, and each has a test that plays it or says why it has none.
 */
class ThreatsPageTest {
  private static final Path ROOT = Path.of("..");
  private static final int THREATS = 40;
  private static final int COLUMNS = 6;
  private static final Pattern TEST = Pattern.compile("`([\\w.]+)#(\\w+)`");
  private static final Pattern CODE = Pattern.compile("`([^`]*)`");

  private record Threat(int number, List<String> cells) {
    String tests() {
      return cells.getLast();
    }
  }

  private static List<Threat> threats() throws IOException {
    List<Threat> threats = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/explanation/threats.md"))) {
      if (line.matches("\\| [0-9]+ \\|.*\\|")) {
        List<String> cells =
            Stream.of(line.substring(1, line.length() - 1).split("(?<!\\\\)\\|"))
                .map(String::strip)
                .toList();
        threats.add(new Threat(Integer.parseInt(cells.getFirst()), cells));
      }
    }
    return threats;
  }

  /** The text of each file of tests, by its name without an ending. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> tests = new HashMap<>();
    try (Stream<Path> files =
        Files.find(
            ROOT,
            16,
            (file, what) ->
                file.toString().matches(".*/src/test/java/.*\\.java|.*/contracts/test/.*\\.t\\.sol")
                    && !file.toString().contains("/target/"))) {
      for (Path file : files.toList()) {
        tests.merge(
            file.getFileName().toString().replaceFirst("\\.java$", ""),
            Files.readString(file, StandardCharsets.UTF_8),
            (one, other) -> one + other); // two packages may have a class of the same name
      }
    }
    return tests;
  }

  @Test
  void eachThreatIsThereOnce_withAllThatIsToBeSaidOfIt() throws IOException {
    List<Threat> threats = threats();

    assertEquals(
        IntStream.rangeClosed(1, THREATS).boxed().toList(),
        threats.stream().map(Threat::number).sorted().toList());
    for (Threat threat : threats) {
      assertEquals(COLUMNS, threat.cells().size(), "columns of threat " + threat.number());
      assertFalse(threat.cells().contains(""), "an empty column of threat " + threat.number());
    }
  }

  @Test
  void eachThreatIsPlayedByATestThatIsThere_orSaysWhyNot() throws IOException {
    Map<String, String> tests = tests();
    for (Threat threat : threats()) {
      List<String> named =
          CODE.matcher(threat.tests()).results().map(found -> found.group()).toList();
      assertTrue(
          !named.isEmpty() || threat.tests().matches("None: .{20,}"),
          "threat %d has no test and no reason".formatted(threat.number()));
      for (String name : named) {
        var test = TEST.matcher(name);
        assertTrue(test.matches(), name + " is not the name of a test");
        String text = tests.getOrDefault(test.group(1), "");
        assertTrue(
            Pattern.compile("(void|function) " + test.group(2) + "\\(").matcher(text).find(),
            "threat %d names %s, which is not there".formatted(threat.number(), name));
      }
    }
  }
}
