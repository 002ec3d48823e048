package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the documents print can be typed, what they link to is there, and tests they name exist.
 * Placeholders in commands are in capitals.
 */
class DocumentsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern COMMAND = Pattern.compile("^ *(?:\\./)?sluice (\\S.*)$");
  private static final Pattern REMARK = Pattern.compile("\\s+# .*$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)`");

  @TempDir Path folder;

  static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(ROOT.resolve("README.md")),
              docs.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void givenPage_whenItsCommandsAreRead_thenTheyAreThoseOfTheProgram(Path page) throws IOException {
    for (String command : commands(page)) {
      String[] words = words(command);
      assertDoesNotThrow(
          () -> Sluice.line(new TestShell(folder).surroundings()).parseArgs(words), command);
    }
  }

  @Test
  void commandsAreFound() throws IOException {
    assertFalse(commands(ROOT.resolve("README.md")).isEmpty());
  }

  /** Those in blocks of code: indented by four, or fenced. */
  private static List<String> commands(Path page) throws IOException {
    List<String> commands = new ArrayList<>();
    boolean fenced = false;
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("```")) {
        fenced = !fenced;
      } else if (fenced || line.startsWith("    ")) {
        COMMAND.matcher(line).results().map(found -> found.group(1)).forEach(commands::add);
      }
    }
    return commands;
  }

  private static String[] words(String command) {
    return Stream.of(REMARK.matcher(command).replaceFirst("").strip().split("\\s+"))
        .map(word -> word.replaceAll("[\\[\\]]", ""))
        .map(word -> word.equals("N") ? "1" : word)
        .toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void givenPage_whenItsLinksAreFollowed_thenSomethingIsThere(Path page) throws IOException {
    Path here = page.toAbsolutePath().normalize().getParent();

    assertEquals(
        List.of(),
        LINK.matcher(Files.readString(page))
            .results()
            .map(link -> link.group(1))
            .filter(link -> here == null || !Files.exists(here.resolve(link)))
            .toList());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void givenPage_whenItNamesTests_thenTheyExist(Path page) throws IOException {
    Set<String> known;
    try (Stream<Path> files =
        Files.find(ROOT, 16, (file, what) -> file.toString().endsWith("Test.java"))) {
      known =
          files
              .map(file -> file.getFileName().toString().replace(".java", ""))
              .collect(Collectors.toSet());
    }

    assertEquals(
        List.of(),
        TEST.matcher(Files.readString(page))
            .results()
            .map((MatchResult found) -> found.group(1))
            .filter(name -> !known.contains(name))
            .toList());
  }
}
