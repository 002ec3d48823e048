package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Content that other programs make and that is not quite what one would make oneself: it is taken
 * in and comes out, or what cannot be done is said in words that help.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class OddContentTest {
  @TempDir static Path folder;
  private TestShell shell;
  private int made;
  private String out = "";

  @BeforeAll
  void home() {
    shell = new TestShell(folder).with("SLUICE_HOME", folder.resolve("home").toString());
    shell.ok("init");
    shell.ok("ask", "set", "--price-per-mib", "10");
  }

  @BeforeEach
  void nextOut() {
    out = "out" + made++;
  }

  private String odd(String name) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/odd/" + name)) {
      Path copy = folder.resolve(name);
      if (in != null && !Files.exists(copy)) {
        Files.copy(in, copy);
      }
      return copy.toString();
    }
  }

  private TestShell.Ran importCar(String name) throws IOException {
    return shell.run("import", "--car", odd(name), "--json");
  }

  private String file(int bytes) throws IOException {
    Files.write(folder.resolve("file" + made), new byte[bytes]);
    return shell.ok("import", "file" + made, "--json").json().at("/items/0/cid").asText();
  }

  // ---- CARs of which something is missing

  @ParameterizedTest
  @CsvSource({
    "block-missing.car, blocks are missing",
    "root-missing.car, the root itself is missing"
  })
  void givenCarWithoutAllBlocks_whenImported_thenSaidAndNotOffered(String car, String why)
      throws IOException {
    JsonNode item = importCar(car).json().at("/items/0");
    TestShell.Ran plain = shell.ok("import", "--car", odd(car));

    assertFalse(item.get("complete").asBoolean());
    assertFalse(item.get("offered").asBoolean());
    assertEquals(1, plain.err().size(), plain.err()::toString);
    assertTrue(plain.err().getFirst().startsWith("incomplete: " + why), plain.err()::toString);
    assertFalse(plain.err().getFirst().contains("--price-per-mib"), plain.err()::toString);
    JsonNode listed = shell.ok("stat", item.get("cid").asText(), "--json").json();
    assertFalse(listed.get("complete").asBoolean());
    assertFalse(listed.has("terms"), listed::toString);
  }

  @Test
  void givenCarWithoutRoots_whenImported_thenRefused() throws IOException {
    TestShell.Ran ran = importCar("no-roots.car");

    assertEquals("BAD_CAR", ran.json().at("/error/code").asText());
    assertTrue(ran.json().at("/error/message").asText().contains("no roots"));
  }

  @Test
  void givenPartOfAContent_whenTheRestIsImported_thenItIsWholeAndOffered() throws IOException {
    byte[] content = new byte[600_000];
    new java.util.Random(8).nextBytes(content);
    Files.write(folder.resolve("later"), content);
    String cid = shell.ok("import", "later", "--json").json().at("/items/0/cid").asText();
    shell.ok("export", cid, "--car", "-o", "later.car");
    shell.ok("rm", cid);
    shell.ok("gc");
    byte[] whole = Files.readAllBytes(folder.resolve("later.car"));
    // The root is the first block; the last of the three leaves is left away.
    Files.write(
        folder.resolve("begin.car"), java.util.Arrays.copyOf(whole, whole.length - lastSection()));
    JsonNode part = shell.ok("import", "--car", "begin.car", "--json").json().at("/items/0");
    assertFalse(part.get("complete").asBoolean());

    shell.ok("import", "later");

    JsonNode item = shell.ok("stat", cid, "--json").json();
    assertTrue(item.get("complete").asBoolean());
    assertTrue(item.has("terms"));
    assertTrue(
        shell.ok("ls", "--json").out().getLast().contains(cid), "what was completed is listed");
  }

  /**
   * 600,000 bytes in chunks of 256 KiB leave 75,712; a section has a length of 3 and a CID of 36.
   */
  private static int lastSection() {
    return 600_000 - 2 * (256 << 10) + 36 + 3;
  }

  // ---- keys of other makers

  @Test
  void givenKeyWhoseIvLostAByte_whenImported_thenTheFileIsBlamedOrItOpens() throws IOException {
    Files.writeString(folder.resolve("pw"), "testpassword");

    TestShell.Ran ran =
        shell.run(
            "wallet", "import", odd("iv-one-byte-short.json"), "--file-passphrase-file", "pw");

    assertTrue(
        ran.exit() == 0 || ran.err().getFirst().matches(".*(iv|malformed|cannot be read).*"),
        ran.err()::toString);
  }

  @Test
  void givenPassphraseWithBlanksAtItsEnds_whenImported_thenTheyCount() throws IOException {
    Files.writeString(folder.resolve("pw-blanks"), " lead and trail ");

    shell.ok(
        "wallet",
        "import",
        odd("passphrase-with-blanks.json"),
        "--file-passphrase-file",
        "pw-blanks");
  }

  // ---- files and folders

  @Test
  void givenLinkThatLeadsOut_whenExported_thenItIsSaidToBeLeftOut() throws IOException {
    String cid = importCar("link-leading-out.car").json().at("/items/0/cid").asText();

    TestShell.Ran plain = shell.ok("export", cid, "-o", out);
    JsonNode json = shell.ok("export", cid, "-o", out + "b", "--json").json();

    assertFalse(Files.exists(folder.resolve(out).resolve("ln")));
    assertTrue(plain.out().get(1).startsWith("left out: ln -> "), plain.out()::toString);
    assertTrue(json.at("/leftOut/0").asText().startsWith("ln -> "), json::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "links-without-sizes.car, '', 0",
    "name-with-backslash.car, 'a\\b.txt', 0",
    "two-entries-of-one-name.car, x, 1"
  })
  void givenContentThatOtherProgramsRead_whenExported_thenWritten(
      String car, String within, int leftOut) throws IOException {
    String cid = importCar(car).json().at("/items/0/cid").asText();

    JsonNode exported = shell.ok("export", cid, "-o", out, "--json").json();

    assertTrue(Files.isRegularFile(folder.resolve(out).resolve(within)), exported::toString);
    assertEquals(leftOut, exported.at("/leftOut").size(), exported::toString);
  }

  @ParameterizedTest
  @CsvSource({"twenty-roots.car, 20", "zeros-after-the-end.car, 1"})
  void givenCarAsOtherProgramsWriteIt_whenImported_thenEachRoot(String car, int roots)
      throws IOException {
    assertEquals(roots, importCar(car).json().at("/items").size());
  }

  @Test
  void givenDevice_whenExportedOnto_thenItIsWrittenIntoAndStays() throws Exception {
    String cid = file(1000);
    Path pipe = folder.resolve(out);
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Process reader =
        new ProcessBuilder("cat", pipe.toString())
            .redirectOutput(folder.resolve(out + "read").toFile())
            .start();

    shell.ok("export", cid, "-o", out, "--force");

    assertEquals(0, reader.waitFor());
    assertEquals(1000, Files.size(folder.resolve(out + "read")));
    assertFalse(Files.isRegularFile(pipe));
  }

  @Test
  void givenFileBesideTheOutput_whenCarIsWritten_thenItIsNotTouched() throws IOException {
    String cid = file(1000);
    Files.writeString(folder.resolve(out + ".part"), "precious");

    shell.ok("export", cid, "--car", "-o", out);

    assertEquals("precious", Files.readString(folder.resolve(out + ".part")));
  }

  @Test
  void givenNameAsLongAsNamesCanBe_whenWritten_thenWritten() throws IOException {
    String cid = file(1000);
    String longest = "n".repeat(251) + ".car";

    shell.ok("export", cid, "--car", "-o", longest);

    assertTrue(Files.exists(folder.resolve(longest)));
  }

  // ---- standard input and output

  @Test
  void givenStandardInput_whenImported_thenListedByItsName() {
    TestShell typing = shell.reading("hello".getBytes(StandardCharsets.UTF_8));

    JsonNode item = typing.ok("import", "-", "--name", "greeting", "--json").json().at("/items/0");
    JsonNode listed = shell.ok("stat", item.get("cid").asText(), "--json").json();

    assertEquals("-", item.get("path").asText());
    assertEquals("greeting", listed.get("name").asText());
    assertEquals(List.of("hello"), shell.ok("export", item.get("cid").asText(), "-o", "-").out());
    assertEquals(
        "USAGE", typing.run("import", "-", "x", "--json").json().at("/error/code").asText());
  }

  @Test
  void givenFolder_whenExportedToAStream_thenTheWayOutIsSaid() throws IOException {
    String cid = importCar("link-leading-out.car").json().at("/items/0/cid").asText();

    TestShell.Ran ran = shell.run("export", cid, "-o", "-");

    assertEquals(2, ran.exit());
    assertTrue(ran.err().getFirst().contains("--car"), ran.err()::toString);
    assertTrue(shell.ok("export", cid, "-o", "-", "--car").bytes().length > 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/stdout", "/dev/fd/1", "-"})
  void givenNameOfStandardOutput_whenExported_thenItGoesThere(String name) throws IOException {
    assertEquals(1000, shell.ok("export", file(1000), "-o", name).bytes().length);
  }

  // ---- homes

  @Test
  void givenHomeWithASemicolon_whenUsed_thenItIsAHomeOrRefusedAtOnce() {
    TestShell odd = shell.with("SLUICE_HOME", folder.resolve("a;b").toString());

    assertTrue(odd.run("init").exit() != 0 || odd.run("ls").exit() == 0);
    assertFalse(Files.exists(folder.resolve("a.mv.db")));
  }

  @Test
  void givenHomeInTheEnvironment_whenNothingElseIsSaid_thenHomeAndLedgerAreBeneathIt() {
    String elsewhere = folder.resolve("me").toString();
    TestShell other = new TestShell(folder).without("SLUICE_LEDGER").with("HOME", elsewhere);

    other.ok("init");

    assertEquals(elsewhere + "/.sluice", other.ok("id", "--json").json().get("home").asText());
    assertEquals(
        elsewhere + "/.local/share/sluice/ledger",
        other.ok("ledger", "show", "--json").json().get("path").asText());
  }
}
