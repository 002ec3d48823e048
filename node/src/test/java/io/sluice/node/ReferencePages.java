package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares a generated page with the committed one; {@code -Dpages=write} writes it instead. */
public final class ReferencePages {
  private ReferencePages() {}

  public static void check(String name, String page) throws IOException {
    Path file = Path.of("..", "docs", "reference", name);
    if ("write".equals(System.getProperty("pages"))) {
      Files.writeString(file, page);
    }
    assertEquals(
        page, Files.exists(file) ? Files.readString(file) : "", name + " is stale; -Dpages=write");
  }
}
