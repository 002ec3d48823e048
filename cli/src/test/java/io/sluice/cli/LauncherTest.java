package io.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the launcher hands to Java: it is run in a checkout of its own, with a Java that tells. */
class LauncherTest {
  @TempDir Path folder;
  private Path jdk = Path.of("");

  @BeforeEach
  void checkout() throws IOException {
    Files.copy(Path.of("..", "sluice"), folder.resolve("sluice"));
    Files.writeString(folder.resolve("pom.xml"), "");
    for (String place : List.of("cli/src/main", "cli/target/sluice/lib", "jdk/bin")) {
      Files.createDirectories(folder.resolve(place));
    }
    Files.writeString(folder.resolve("cli/pom.xml"), "");
    for (String kind : List.of("trade", "questions")) {
      Files.writeString(folder.resolve("cli/target/sluice").resolve(kind + ".aot"), "");
    }
    jdk = folder.resolve("jdk");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25\"\n");
    program("java", "#!/bin/sh\necho \"LC_ALL=$LC_ALL\"\nprintf '%s\\n' \"$@\"\n");
    program("javac", "#!/bin/sh\n");
    // Last, so that nothing is newer and nothing is built.
    Files.writeString(folder.resolve("cli/target/sluice/lib/sluice-cli.jar"), "");
    Files.writeString(folder.resolve("cli/target/sluice/built"), "");
  }

  private void program(String name, String text) throws IOException {
    Path file = Files.writeString(jdk.resolve("bin").resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> handedOver(Map<String, String> environment, String... arguments)
      throws Exception {
    ProcessBuilder launcher = new ProcessBuilder("bash", folder.resolve("sluice").toString());
    launcher.command().addAll(List.of(arguments));
    launcher.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    launcher.environment().putAll(new HashMap<>(environment));
    launcher.environment().put("JAVA_HOME", jdk.toString());
    launcher.redirectErrorStream(true);
    Process process = launcher.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said.lines().toList();
  }

  /** The shell itself may complain of the locale before. */
  private String locale(Map<String, String> environment) throws Exception {
    return handedOver(environment, "version").stream()
        .filter(line -> line.startsWith("LC_ALL="))
        .findFirst()
        .orElse("");
  }

  @ParameterizedTest
  @CsvSource({"LANG, xx_XX.UTF-8", "LC_ALL, xx_XX.UTF-8", "LC_CTYPE, POSIX", "OTHER, C"})
  void givenLocaleThatIsNotThereOrHasNoUtf8_whenStarted_thenOneThatHas(String name, String value)
      throws Exception {
    assertEquals("LC_ALL=C.UTF-8", locale(Map.of(name, value)));
  }

  @Test
  void givenLocaleWithUtf8_whenStarted_thenItStays() throws Exception {
    assertEquals("LC_ALL=", locale(Map.of("LANG", "C.UTF-8")));
  }

  @ParameterizedTest
  @CsvSource({"run, 1", "--home x run, 1", "ls, 0", "import runner, 0"})
  void givenNodeInTheForeground_whenOutOfMemory_thenItEnds(String line, int times)
      throws Exception {
    assertEquals(
        times,
        handedOver(Map.of(), line.split(" ")).stream()
            .filter("-XX:+ExitOnOutOfMemoryError"::equals)
            .count());
  }

  /** The environment of a machine with so many cores. */
  private Map<String, String> machine(int cores, String options) throws Exception {
    Path programs = Files.createDirectory(folder.resolve("programs"));
    Path nproc = Files.writeString(programs.resolve("nproc"), "#!/bin/sh\necho " + cores + "\n");
    assertTrue(nproc.toFile().setExecutable(true));
    return Map.of("PATH", programs + ":" + System.getenv("PATH"), "SLUICE_JAVA_OPTS", options);
  }

  /** Only what runs for days is worth optimizing, and only beside cores that serve meanwhile. */
  @ParameterizedTest
  @CsvSource({
    "version, 64, 1",
    "--home run id, 64, 1",
    "--help, 64, 1",
    "--json retrieve x, 64, 1",
    "import x, 64, 1",
    "run, 5, 0",
    "run, 4, 1",
    "demo, 2, 0"
  })
  void givenCommandThatEnds_whenStarted_thenCompiledInHaste(String line, int cores, int times)
      throws Exception {
    assertEquals(
        times,
        handedOver(machine(cores, ""), line.split(" ")).stream()
            .filter("-XX:TieredStopAtLevel=1"::equals)
            .count());
  }

  /** Nor where the user says how large the heap is, or how it is kept: that may be against it. */
  @ParameterizedTest
  @CsvSource({
    "retrieve x, 64, '', 1",
    "id, 64, '', 0",
    "run, 5, '', 0",
    "run, 4, '', 1",
    "retrieve x, 64, -Xmx48m, 0",
    "run, 4, -XX:+UseZGC, 0"
  })
  void givenCommandThatMovesContent_whenStarted_thenItsHeapStaysSmall(
      String line, int cores, String options, int times) throws Exception {
    assertEquals(
        times,
        handedOver(machine(cores, options), line.split(" ")).stream()
            .filter("-Xmn64m"::equals)
            .count());
  }

  /** A JVM that is told of two does not start. */
  @ParameterizedTest
  @CsvSource({"version", "retrieve x", "run"})
  void givenCollectorOfTheUsers_whenStarted_thenNoOtherIsNamed(String line) throws Exception {
    List<String> given = handedOver(machine(2, "-XX:+UseZGC"), line.split(" "));

    assertEquals(
        List.of("-XX:+UseZGC"), given.stream().filter(it -> it.matches("-XX:.Use.*GC")).toList());
  }

  /**
   * As it lies in an archive: the jars beside it, nothing to build with, and its folder read-only.
   */
  @Test
  void givenAnArchive_whenStarted_thenItRunsOnARuntimeAndWritesNothingThere() throws Exception {
    Files.delete(jdk.resolve("bin/javac"));
    Files.delete(folder.resolve("pom.xml"));
    Files.createDirectory(folder.resolve("lib"));
    Files.writeString(folder.resolve("lib/sluice-cli.jar"), "");
    Files.writeString(folder.resolve("lib/sluice-node.jar"), "before");
    Path caches = Files.createDirectory(folder.resolve("caches"));
    Path learnt = learntOfTheJars(caches);

    List<String> given = handedOver(Map.of("XDG_CACHE_HOME", caches.toString()), "version");

    assertEquals("version", given.getLast());
    assertTrue(given.contains(folder.resolve("lib/sluice-cli.jar").toString()), given.toString());
    assertTrue(given.contains("-XX:AOTCache=" + learnt), given.toString());
    assertFalse(Files.exists(folder.resolve("cli/target/build-started")));

    // Java would take the old classes of that jar from there: it compares the first jar alone.
    Files.writeString(folder.resolve("lib/sluice-node.jar"), "replaced");
    List<String> replaced = handedOver(Map.of("XDG_CACHE_HOME", caches.toString()), "version");
    assertFalse(replaced.contains("-XX:AOTCache=" + learnt), replaced.toString());
  }

  private Path learntOfTheJars(Path caches) throws Exception {
    Process sum =
        new ProcessBuilder("bash", "-c", "ls -ln lib | cksum | tr ' ' -")
            .directory(folder.toFile())
            .start();
    String name = new String(sum.getInputStream().readAllBytes(), UTF_8).strip();
    Path learnt =
        Files.createDirectories(caches.resolve("sluice").resolve(name)).resolve("questions.aot");
    Files.writeString(learnt, "learnt");
    return learnt;
  }
}
