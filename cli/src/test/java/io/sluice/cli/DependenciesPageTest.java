package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of libraries and licences names what is on the class path, and nothing else. */
class DependenciesPageTest {
  private static final Pattern ROW = Pattern.compile("\\| `[^:`]+:([^`]+)` \\| ([^|]+) \\|.*");
  private static final Pattern ONLY_FOR_TESTS =
      Pattern.compile(
          "junit-.*|opentest4j|apiguardian-api|mockito-.*|byte-buddy.*|objenesis|archunit.*|surefire-.*"
              + "|error_prone_annotations");
  private static final Pattern LICENCE =
      Pattern.compile("(Apache|MIT|EPL|LGPL|GPL|MPL|BSD|CC0)[-0-9.A-Za-z]*");

  @Test
  void thePageNamesEveryLibraryOfTheDistribution() throws IOException {
    // In Maven's local repository a jar lies in ARTIFACT/VERSION/.
    Set<String> used =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar"))
            .map(Path::of)
            // Our own, whether from a module's target folder or the local repository.
            .filter(jar -> !jar.getFileName().toString().startsWith("sluice-"))
            .map(jar -> jar.getParent().getParent().getFileName().toString())
            .filter(artifact -> !ONLY_FOR_TESTS.matcher(artifact).matches())
            .collect(Collectors.toCollection(TreeSet::new));
    assertTrue(used.size() > 50, used::toString);

    Set<String> named = new TreeSet<>();
    List<String> page = Files.readAllLines(Path.of("..", "docs", "reference", "dependencies.md"));
    for (String line : page) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        named.add(row.group(1));
        for (String licence : row.group(2).split(" or ")) {
          assertTrue(LICENCE.matcher(licence.strip()).matches(), line);
        }
      }
    }

    assertEquals(used, named);
  }
}
