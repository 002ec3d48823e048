package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that need no peer, on a home of their own. */
@Timeout(120)
class CommandLineTest {
  private static final String ELSEWHERE =
      "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

  @TempDir Path folder;
  private TestShell shell;

  @BeforeEach
  void home() {
    shell = new TestShell(folder).with("SLUICE_HOME", folder.resolve("home").toString());
    shell.ok("init");
  }

  private static List<String> members(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void initKeepsSecretsToItsOwner() throws IOException {
    for (String name : List.of("keys/identity", "keys/default", "secrets/passphrase")) {
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(folder.resolve("home").resolve(name))));
    }
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("home"))));
  }

  @Test
  void givenHomeOpenToOthers_whenOpened_thenRefused() throws IOException {
    Path secret = folder.resolve("home/secrets/passphrase");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));

    TestShell.Ran ran = shell.run("--json", "id");

    assertEquals("BAD_PERMISSIONS", ran.json().at("/error/code").asText());
  }

  @Test
  void givenFolderOrKeyOpenToOthers_whenOpened_thenRefusedWithTheCommandToMendIt()
      throws IOException {
    Path home = folder.resolve("home");
    Path key;
    try (Stream<Path> keys = Files.list(home.resolve("keys/accounts"))) {
      key = keys.findFirst().orElseThrow();
    }
    for (Path open : List.of(home, key, home.resolve("keys/identity"))) {
      Set<PosixFilePermission> before = Files.getPosixFilePermissions(open);
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));

      TestShell.Ran ran = shell.run("--json", "id");

      assertEquals("BAD_PERMISSIONS", ran.json().at("/error/code").asText());
      String message = ran.json().at("/error/message").asText();
      assertTrue(message.contains("chmod go= " + open), message);
      Files.setPosixFilePermissions(open, before);
    }
    assertEquals(0, shell.run("id").exit());
  }

  @Test
  void givenDefaultAccountWithoutKey_whenUsed_thenRefusedAndAnotherCanBeNamed() throws IOException {
    Path file = folder.resolve("home/keys/default");
    String mine = Files.readString(file).strip();
    Files.writeString(file, "0x" + "1".repeat(40) + "\n");

    TestShell.Ran ran = shell.run("--json", "wallet", "ls");

    assertEquals("STORE_CORRUPT", ran.json().at("/error/code").asText());
    String message = ran.json().at("/error/message").asText();
    assertTrue(message.contains(mine), message);
    assertEquals(0, shell.run("wallet", "default", mine).exit());
    assertEquals(0, shell.run("wallet", "ls").exit());
  }

  /** Emptied, halved, not a text at all, gone. */
  @ParameterizedTest
  @ValueSource(strings = {"", "0x12", "\0\0\0", "MISSING"})
  void givenDefaultAccountDamagedOrGone_whenUsed_thenRefusedWithWhatToDo(String content)
      throws IOException {
    Path file = folder.resolve("home/keys/default");
    String mine = Files.readString(file).strip();
    Files.delete(file);
    if (!content.equals("MISSING")) {
      Files.writeString(file, content);
    }

    for (String command : List.of("id", "wallet ls", "books")) {
      TestShell.Ran ran = shell.run((command + " --json").split(" "));

      assertEquals("STORE_CORRUPT", ran.json().at("/error/code").asText());
      String message = ran.json().at("/error/message").asText();
      assertTrue(message.contains("'sluice wallet default ACCOUNT'"), message);
      assertTrue(message.contains(mine), message);
      assertFalse(message.contains("Exception"), message);
    }
    shell.ok("wallet", "default", mine);
    shell.ok("wallet", "ls");
  }

  @ParameterizedTest
  @ValueSource(strings = {"keys/identity", "keys/accounts"})
  void givenKeysDamagedOrGone_whenUsed_thenRefusedWithWhatToDo(String name) throws IOException {
    Path file = folder.resolve("home").resolve(name);
    if (Files.isDirectory(file)) {
      Files.move(file, file.resolveSibling("elsewhere"));
    } else {
      Files.write(file, new byte[] {1, 2, 3});
    }

    TestShell.Ran ran = shell.run("--json", "id");

    assertEquals("STORE_CORRUPT", ran.json().at("/error/code").asText());
    String message = ran.json().at("/error/message").asText();
    assertTrue(message.contains(file + " is "), message);
    assertTrue(message.contains("copy"), message);
    assertFalse(message.contains("Exception"), message);
  }

  @Test
  void givenDeniedContent_whenListed_thenMarked() throws IOException {
    Files.writeString(folder.resolve("file"), "hello");
    String cid = shell.ok("import", "file", "--json").json().at("/items/0/cid").asText();

    shell.ok("deny", "add", cid);

    assertTrue(shell.ok("ls").out().getLast().endsWith("denied"), shell.ok("ls").out()::toString);
    assertTrue(shell.ok("stat", cid, "--json").json().get("denied").asBoolean());
    shell.ok("deny", "rm", cid);
    assertFalse(shell.ok("stat", cid, "--json").json().get("denied").asBoolean());
  }

  @Test
  void objectsHaveTheMembersOfTheContract() throws IOException {
    Files.writeString(folder.resolve("file"), "hello");

    assertEquals(
        List.of("home", "peerId", "paymentAddress", "addresses"),
        members(shell.ok("id", "--json").json()));
    assertEquals(List.of("version"), members(shell.ok("version", "--json").json()));
    assertEquals(
        List.of(
            "running",
            "peerId",
            "uptimeSeconds",
            "connections",
            "deals",
            "bytesServed",
            "earned",
            "earnedText",
            "spent",
            "spentText",
            "sums"),
        members(shell.ok("--json", "status").json()));
    JsonNode imported = shell.ok("import", "file", "--json").json().at("/items/0");
    assertEquals(
        List.of("path", "cid", "size", "blocks", "offered", "complete"), members(imported));
    assertEquals("5", imported.get("size").textValue());
    shell.ok("ask", "set", "--price-per-mib", "7");
    assertEquals(
        List.of(
            "cid", "size", "blocks", "complete", "terms", "prices", "name", "damaged", "denied"),
        members(shell.ok("ls", "--json").json().at("/items/0")));
    JsonNode ask = shell.ok("ask", "show", "--json").json().at("/items/0");
    assertEquals(
        List.of(
            "cid",
            "token",
            "pricePerMiB",
            "pricePerMiBText",
            "fee",
            "feeText",
            "interval",
            "intervalIncrease",
            "intervalMax"),
        members(ask));
    assertEquals("*", ask.get("cid").asText());
    assertEquals("7", ask.get("pricePerMiB").textValue());
    assertEquals("0.000000000000000007 PLAY", ask.get("pricePerMiBText").textValue());
    assertEquals(
        List.of(
            "earned",
            "earnedText",
            "spent",
            "spentText",
            "owed",
            "owedText",
            "redeemed",
            "redeemedText",
            "outstanding",
            "outstandingText",
            "sound",
            "sums",
            "channels"),
        members(shell.ok("books", "--json").json()));
    assertEquals(
        List.of("address", "default", "balance", "balanceText", "credit", "creditText", "owned"),
        members(shell.ok("wallet", "ls", "--json").json().at("/items/0")));
    assertEquals("{\"items\":[]}", shell.ok("deals", "ls", "--json").out().getLast());
    assertEquals("{\"items\":[]}", shell.ok("transfers", "ls", "--json").out().getLast());
    assertEquals(List.of("no transfers yet"), shell.ok("transfers", "ls").out());
  }

  @Test
  void contentComesOutAsItWentIn() throws IOException {
    byte[] content = new byte[700_000];
    new java.util.Random(4).nextBytes(content);
    Files.write(folder.resolve("file"), content);
    String cid = shell.ok("import", "file", "--json").json().at("/items/0/cid").asText();

    shell.ok("export", cid, "-o", "copy");
    assertArrayEquals(content, Files.readAllBytes(folder.resolve("copy")));
    assertArrayEquals(content, shell.ok("export", cid, "-o", "-").bytes());

    assertEquals(1, shell.run("export", cid, "-o", "copy").exit());
    shell.ok("export", cid, "-o", "copy", "--force");
    shell.ok("export", cid, "--car", "-o", "copy.car");
    shell.ok("rm", cid);
    assertEquals("{\"items\":[]}", shell.ok("ls", "--json").out().getLast());
    assertEquals(
        cid, shell.ok("import", "--car", "copy.car", "--json").json().at("/items/0/cid").asText());
    shell.ok("verify");
    shell.ok("verify", cid);
  }

  @Test
  void aCarHasTheVersionAndTheIndexThatAreAskedFor() throws IOException {
    Files.write(folder.resolve("file"), new byte[700_000]);
    String cid = shell.ok("import", "file", "--json").json().at("/items/0/cid").asText();

    for (Map.Entry<String, Integer> kind :
        Map.of("multihash-sorted", 0x0401, "sorted", 0x0400).entrySet()) {
      String car = kind.getKey() + ".car";
      shell.ok("export", cid, "--car", "--index", kind.getKey(), "-o", car);
      ByteBuffer written =
          ByteBuffer.wrap(Files.readAllBytes(folder.resolve(car))).order(ByteOrder.LITTLE_ENDIAN);
      int index = (int) written.getLong(11 + 32); // behind the pragma: its place in the header
      assertEquals(kind.getValue(), (written.get(index) & 0x7f) | written.get(index + 1) << 7);
    }
    JsonNode bare =
        shell.ok("export", cid, "--car", "--index", "none", "-o", "none.car", "--json").json();
    assertEquals(
        Files.size(folder.resolve("none.car")), Long.parseLong(bare.get("bytes").textValue()));
    shell.ok("rm", cid);
    shell.ok("gc");
    shell.ok("import", "--car", "none.car");
    shell.ok("verify", cid);

    assertEquals(2, shell.run("export", cid, "--index", "sorted", "-o", "x").exit());
    assertEquals(2, shell.run("export", cid, "--car", "--index", "sorted", "-o", "-").exit());
    assertEquals(2, shell.run("export", cid, "--car", "--index", "other", "-o", "x").exit());
  }

  @Test
  void contentHasTheCidOfTheVersionThatIsAskedFor() throws IOException {
    Files.writeString(folder.resolve("file"), "hello\n");

    assertEquals(
        "QmZULkCELmmk5XNfCgTnCyFgAVxBRBXyDHGGMVoLFLiXEN",
        shell
            .ok("import", "file", "--cid-version", "0", "--json")
            .json()
            .at("/items/0/cid")
            .asText());
    assertEquals(2, shell.run("import", "file", "--cid-version", "2").exit());
    assertEquals(2, shell.run("import", "--car", "file", "--cid-version", "0").exit());
  }

  @Test
  void roomOfRemovedContentComesBack() throws IOException {
    Files.write(folder.resolve("file"), new byte[700_000]);
    String cid = shell.ok("import", "file", "--json").json().at("/items/0/cid").asText();
    assertEquals(
        "{\"freedBytes\":\"0\",\"freedBlocks\":\"0\"}", shell.ok("gc", "--json").out().getLast());
    shell.ok("rm", cid);

    JsonNode freed = shell.ok("--json", "gc").json();

    assertEquals(List.of("freedBytes", "freedBlocks"), members(freed));
    assertEquals("3", freed.get("freedBlocks").textValue());
    assertEquals(List.of("freed 0 blocks, 0 B"), shell.ok("gc").out());
  }

  @Test
  void aCarIsServedFromWhereItLies() throws IOException {
    byte[] content = new byte[700_000];
    new java.util.Random(5).nextBytes(content);
    Files.write(folder.resolve("file"), content);
    String cid = shell.ok("import", "file", "--json").json().at("/items/0/cid").asText();
    shell.ok("export", cid, "--car", "-o", "there.car");
    shell.ok("rm", cid);
    shell.ok("gc");

    assertEquals(
        cid,
        shell
            .ok("import", "--car", "--in-place", "there.car", "--json")
            .json()
            .at("/items/0/cid")
            .asText());
    assertArrayEquals(content, shell.ok("export", cid, "-o", "-").bytes());
    shell.ok("verify");

    Files.delete(folder.resolve("there.car"));

    TestShell.Ran lost = shell.run("verify", "--json");
    assertEquals(6, lost.exit());
    assertTrue(
        lost.json().at("/error/message").asText().contains("there.car is gone"),
        lost.err()::toString);
    assertEquals(4, shell.run("export", cid, "-o", "-").exit());
    assertFalse(shell.ok("stat", cid, "--json").json().get("complete").asBoolean());
  }

  @Test
  void moneyOfTheLedgerIsSeen() {
    String account = shell.ok("id", "--json").json().get("paymentAddress").asText();
    shell.ok("faucet", account, "12_345");
    String time = shell.ok("ledger", "show", "--json").json().get("time").asText();

    assertEquals(
        "12345", shell.ok("wallet", "ls", "--json").json().at("/items/0/balance").asText());
    assertTrue(
        shell.ok("ledger", "advance", "1d", "--json").json().get("time").asText().compareTo(time)
            > 0);
    String second = shell.ok("wallet", "new", "--json").json().get("address").asText();
    shell.ok("wallet", "export", second, "-o", "key.json");
    shell.ok("wallet", "import", "key.json");
    shell.ok("wallet", "default", second);
    assertEquals(second, shell.ok("id", "--json").json().get("paymentAddress").asText());
  }

  /** As people write them, and as they read them. */
  @Test
  void amountsHaveSymbols() {
    String account = shell.ok("id", "--json").json().get("paymentAddress").asText();
    assertEquals(
        List.of(account + " now has 2.5 PLAY"), shell.ok("faucet", account, "2.5 play").out());

    JsonNode set =
        shell.ok("ask", "set", "--price-per-gib", "0.01PLAY", "--fee=0.5PLAY", "--json").json();

    assertEquals("9765625000000", set.get("pricePerMiB").asText());
    assertEquals("500000000000000000", set.get("fee").asText());
    assertTrue(
        shell.ok("ask", "show").out().getLast().contains("0.000009765625 PLAY  0.01 PLAY"),
        shell.ok("ask", "show").out()::toString);
    JsonNode refused = shell.run("faucet", account, "1FIL", "--json").json();
    assertEquals("BAD_AMOUNT", refused.at("/error/code").asText());
    assertEquals(
        "no token 'FIL' is known here; known: PLAY", refused.at("/error/message").asText());
  }

  @Test
  void booksOfNothingAreASheetWithoutRows() throws Exception {
    assertEquals(
        "date,deal,role,peer,bytes,amount,token,channel,transaction\r\n",
        new String(
            shell.ok("books", "export", "--csv").bytes(), java.nio.charset.StandardCharsets.UTF_8));
    assertEquals(List.of("nothing was paid"), shell.ok("books", "export").out());
    shell.ok("books", "export", "--csv", "-o", "books.csv");
    assertEquals(
        "OUT_EXISTS",
        shell
            .run("books", "export", "--csv", "-o", "books.csv", "--json")
            .json()
            .at("/error/code")
            .asText());
    shell.ok("books", "export", "--csv", "-o", "books.csv", "--force");
    Files.writeString(folder.resolve("rates"), "2026-11-28,PLAY,1,EUR\nnonsense\n");
    JsonNode refused = shell.run("books", "export", "--csv", "--rates=rates", "--json").json();
    assertEquals("BAD_RATES", refused.at("/error/code").asText());
    assertTrue(refused.at("/error/message").asText().startsWith("rates, line 2: "));
  }

  @ParameterizedTest
  @CsvSource({
    "2, BAD_CID, stat nonsense",
    "4, NOT_FOUND, stat " + ELSEWHERE,
    "4, NOT_FOUND, rm " + ELSEWHERE,
    "4, NO_SUCH_DEAL, deals show c-1",
    "4, NO_SUCH_TRANSFER, transfers show c-1",
    "2, USAGE, transfers",
    "2, USAGE, import --in-place file",
    "4, NO_SUCH_FILE, import --car --in-place nothing",
    "4, NO_SUCH_CHANNEL, channels show 0xabcdef01",
    "4, NO_SUCH_ASK, ask rm",
    "4, NO_SUCH_FILE, import nothing",
    "4, NO_SUCH_FILE, deals replay nothing",
    "4, NO_SUCH_KEY, wallet default 0x00000000000000000000000000000000000000aa",
    "2, BAD_ADDRESS, faucet me 5",
    "2, BAD_AMOUNT, faucet 0x00000000000000000000000000000000000000aa 1.5",
    "2, BAD_AMOUNT, ask set --price-per-gib 1",
    "2, USAGE, ask set --fee 1",
    "2, USAGE, ask set --price-per-mib 1 --price-per-gib 1024",
    "2, USAGE, books export -o sheet",
    "2, BAD_DATE, books export --from yesterday",
    "2, BAD_SIZE, ask set --price-per-mib 1 --interval 12Q",
    "3, INTERVAL_OUT_OF_RANGE, ask set --price-per-mib 1 --interval 1KiB",
    "2, BAD_ADDRESS, peers ping /ip4/nowhere",
    "2, BAD_ADDRESS, peers ping /ip4/127.0.0.1/tcp/1",
    "2, USAGE, retrieve",
    "2, USAGE, dance",
    "2, USAGE, deals",
    "2, USAGE, id --log loud",
    "2, BAD_CONFIG, run --http 1.2.3.4:80",
    "2, BAD_CONFIG, run --listen nonsense",
    "2, NOT_RUNNING, stop",
    "1, HOME_EXISTS, init",
    "2, NO_HOME, ls --home /nowhere"
  })
  void badInputEndsInItsCodeAndOneLine(int exit, String code, String line) {
    TestShell.Ran plain = shell.run(line.split(" "));
    TestShell.Ran json = shell.run((line + " --json").split(" "));

    assertEquals(exit, plain.exit(), plain.err().toString());
    assertEquals(1, plain.err().size(), plain.err().toString());
    assertTrue(plain.err().getFirst().startsWith("sluice: "), plain.err().toString());
    assertEquals(exit, json.exit());
    assertEquals(code, json.json().at("/error/code").asText());
    assertEquals(exit, json.json().at("/error/exit").asInt());
    assertFalse(json.json().at("/error/message").asText().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "Qmfoo, 'it has 5 characters, and with Qm at its beginning 46 are needed'",
    "bafybei0, U+0030 at 6 is not a digit of BASE32",
    "QmYwAPJzv5CZsnA625s1Xf2nemtYgPpHdWEz79ojWnPbd0, U+0030 at 45 is not a digit of BASE58_BTC",
    "nonsense, no multibase has the prefix U+006E"
  })
  void whatIsNoCidIsNamedWithWhatIsWrongAndWhatIsTaken(String typed, String wrong) {
    String said =
        "sluice: '%s' is not a valid CID: %s; expected bafy… or Qm…, alone or as CID/path, ipfs://CID/path or https://host/ipfs/CID/path"
            .formatted(typed, wrong);
    String provider =
        "--provider=/ip4/127.0.0.1/tcp/1/p2p/12D3KooWMxnuWNEF37qbDdF5q6sjdQjBSjJwhRNvEf2V1GLJ3S6H";

    for (List<String> line :
        List.of(
            List.of("retrieve", typed + "/a", provider),
            List.of("query", "ipfs://" + typed, provider),
            List.of("stat", typed),
            List.of("rm", typed),
            List.of("export", "https://host/ipfs/" + typed + "/a"),
            List.of("verify", typed),
            List.of("ask", "set", "--price-per-mib=1", "--cid=" + typed),
            List.of("ask", "rm", "--cid=" + typed))) {
      TestShell.Ran ran = shell.run(line.toArray(String[]::new));
      assertEquals(List.of(said), ran.err());
      assertEquals(2, ran.exit());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "retreive x, retrieve",
    "chanels ls, channels",
    "channels lst, ls",
    "ls --jsn, --json",
    "Qmfoo, sluice retrieve Qmfoo --provider ADDR"
  })
  void whatIsMisspeltIsAnsweredWithWhatIsNear(String line, String meant) {
    TestShell.Ran ran = shell.run(line.split(" "));

    assertEquals(2, ran.exit());
    assertTrue(
        ran.err().getFirst().contains("; did you mean '" + meant + "'?"), ran.err()::toString);
  }

  @Test
  void corruptCarIsRefused() throws IOException {
    Files.write(folder.resolve("bad.car"), new byte[] {10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});

    assertEquals(
        "BAD_CAR",
        shell.run("import", "--car", "bad.car", "--json").json().at("/error/code").asText());
  }

  @Test
  void brokenExportIsRefusedWithoutAHome() throws IOException {
    Files.write(folder.resolve("deal"), new byte[] {1, 2, 3});

    TestShell.Ran ran =
        new TestShell(folder)
            .run("deals", "replay", "deal", "--json", "--home", folder.resolve("none").toString());

    assertEquals("BAD_EXPORT", ran.json().at("/error/code").asText());
  }

  @Test
  void keysOpenWithTheirPassphraseOnly() {
    TestShell locked =
        new TestShell(folder).with("SLUICE_HOME", folder.resolve("locked").toString());
    locked.with("SLUICE_PASSPHRASE", "right").ok("init");
    assertFalse(Files.exists(folder.resolve("locked/secrets/passphrase")));

    assertEquals(
        "NO_PASSPHRASE", locked.run("wallet", "new", "--json").json().at("/error/code").asText());
    assertEquals("NO_PASSPHRASE", locked.run("run", "--json").json().at("/error/code").asText());
    assertEquals(
        "BAD_PASSPHRASE",
        locked
            .with("SLUICE_PASSPHRASE", "wrong")
            .run("wallet", "new", "--json")
            .json()
            .at("/error/code")
            .asText());
    locked.with("SLUICE_PASSPHRASE", "right").ok("wallet", "new");
  }

  /** What only looks at the home needs no passphrase; what reaches peers does, and says so. */
  @Test
  void identityOpensWithItsPassphraseOnly() throws IOException {
    String provider =
        "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWSHj3RRbBjD15g6wekV8y3mm57Pobmps2g2WJm6F67Lay";
    String peer = shell.ok("id", "--json").json().get("peerId").asText();
    String passphrase = Files.readString(folder.resolve("home/secrets/passphrase")).strip();
    Files.delete(folder.resolve("home/secrets/passphrase"));

    assertEquals(peer, shell.ok("id", "--json").json().get("peerId").asText());
    assertEquals(peer, shell.ok("status", "--json").json().get("peerId").asText());
    shell.ok("ls");
    for (String command :
        List.of("peers ping " + provider, "query " + ELSEWHERE + " --provider " + provider)) {
      TestShell.Ran none = shell.run((command + " --json").split(" "));
      assertEquals("NO_PASSPHRASE", none.json().at("/error/code").asText());
      assertEquals(2, none.exit());
      TestShell.Ran wrong =
          shell.with("SLUICE_PASSPHRASE", "wrong").run((command + " --json").split(" "));
      assertEquals("BAD_PASSPHRASE", wrong.json().at("/error/code").asText());
      assertEquals(2, wrong.exit());
      // Nobody listens there.
      assertEquals(7, shell.with("SLUICE_PASSPHRASE", passphrase).run(command.split(" ")).exit());
    }
  }
}
