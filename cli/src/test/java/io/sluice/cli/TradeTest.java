package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.node.RunningNode;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A running provider, and a client's commands against it, each with a home of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class TradeTest {
  private static final String ELSEWHERE =
      "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

  @TempDir static Path folder;
  private TestShell provider;
  private TestShell client;
  private RunningNode running;
  private String address;

  @BeforeAll
  void start() throws Exception {
    provider = new TestShell(folder).with("SLUICE_HOME", folder.resolve("provider").toString());
    client = new TestShell(folder).with("SLUICE_HOME", folder.resolve("client").toString());
    provider.ok("init");
    client.ok("init");
    client.ok("faucet", account(client), "1000000000");
    Home home = new Home(folder.resolve("provider"));
    running =
        RunningNode.start(
            home,
            NodeConfig.read(
                home.directory(),
                provider.surroundings().environment(),
                Map.of("listen", List.of("/ip4/127.0.0.1/tcp/0"))),
            () -> {
              try {
                return Files.readString(home.passphraseFile()).strip();
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    address = running.addresses().getFirst();
  }

  @AfterAll
  void stop() {
    running.close();
  }

  private static String account(TestShell shell) {
    return shell.ok("id", "--json").json().get("paymentAddress").asText();
  }

  /** A file of its own, imported at the provider, which a price makes an offer. */
  private String offer(String name, int bytes, long price) throws Exception {
    byte[] content = new byte[bytes];
    new Random(name.hashCode()).nextBytes(content);
    Files.write(folder.resolve(name), content);
    String cid = provider.ok("import", name, "--json").json().at("/items/0/cid").asText();
    provider.ok("ask", "set", "--cid", cid, "--price-per-mib", Long.toString(price));
    return cid;
  }

  /** Its figures would be taken for this home's. */
  @Test
  void givenAnotherLedger_whenItsFiguresAreAskedFor_thenRefused() throws Exception {
    client.ok("retrieve", offer("on-ledger", 9, 1 << 20), "--provider", address, "-o", "bought");
    Path ledger = folder.resolve("other-ledger");
    provider.with("SLUICE_HOME", "other").with("SLUICE_LEDGER", "" + ledger).ok("init");
    provider.with("SLUICE_HOME", "other").with("SLUICE_LEDGER", "" + ledger).ok("wallet", "ls");

    String faucet = "faucet " + account(client) + " 1";
    for (String command : List.of("wallet ls", "books", "status", "ledger show", faucet)) {
      JsonNode said =
          client.with("SLUICE_LEDGER", "" + ledger).run((command + " --json").split(" ")).json();

      assertEquals("STORE_CORRUPT", said.at("/error/code").asText(), command);
      String message = said.at("/error/message").asText();
      assertTrue(message.contains(ledger + " is another ledger"), message);
    }
  }

  private static JsonNode deal(TestShell shell, String cid) {
    return StreamSupport.stream(
            shell.ok("deals", "ls", "--json").json().get("items").spliterator(), false)
        .filter(deal -> deal.get("cid").asText().equals(cid))
        .findFirst()
        .orElseThrow();
  }

  private JsonNode settled(String cid) throws InterruptedException {
    JsonNode deal = deal(provider, cid);
    for (int tries = 0; tries < 400 && !deal.has("ended"); tries++) {
      Thread.onSpinWait();
      deal = deal(provider, cid);
    }
    return deal;
  }

  @Test
  void givenBlockWithTwoNames_whenAskedByEither_thenOnePrice() throws Exception {
    try (InputStream in = getClass().getResourceAsStream("/odd/one-block-of-two-names.car")) {
      Files.write(folder.resolve("names.car"), in == null ? new byte[0] : in.readAllBytes());
    }
    offer("dear", 1000, 1_000_000);
    String old =
        provider.ok("import", "--car", "names.car", "--json").json().at("/items/0/cid").asText();
    provider.ok("ask", "set", "--cid", old, "--price-per-mib", "0");

    List<String> byOne = client.ok("query", old, "--provider", address).out();
    List<String> byOther =
        client.ok("query", Cid.parse(old).asV1().toString(), "--provider", address).out();

    assertEquals(byOne.subList(1, byOne.size()), byOther.subList(1, byOther.size()));
    assertTrue(byOne.contains("total      0 PLAY"), byOne::toString);
  }

  @Test
  void givenStandardOutput_whenRetrieved_thenContentIsThereAndTheReportBesideIt() throws Exception {
    String cid = offer("streamed", 3_000_000, 10);

    TestShell.Ran bought =
        client.ok("retrieve", "ipfs://" + cid, "--provider", address, "-o", "-", "--json");

    assertArrayEquals(Files.readAllBytes(folder.resolve("streamed")), bought.bytes());
    JsonNode report = TestShell.json(bought.err().getLast());
    assertEquals("-", report.get("out").asText());
    assertEquals("COMPLETED", report.get("state").asText());
    // The provider's node is another process as far as commands know: content comes over its API.
    assertArrayEquals(bought.bytes(), provider.ok("export", cid, "-o", "-").bytes());
    assertArrayEquals(
        provider.ok("export", cid, "-o", "-", "--car").bytes(),
        client.ok("retrieve", cid, "--provider", address, "-o", "-", "--car").bytes());
  }

  @Test
  void givenFolder_whenRetrievedToAStream_thenTheDealIsPutAsideAndTheWayOutIsSaid()
      throws Exception {
    Path tree = Files.createDirectory(folder.resolve("tree"));
    Files.write(tree.resolve("file"), new byte[2_000_000]);
    String cid = provider.ok("import", "tree", "--json").json().at("/items/0/cid").asText();
    provider.ok("ask", "set", "--cid", cid, "--price-per-mib", "0");

    TestShell.Ran ran = client.run("retrieve", cid, "--provider", address, "-o", "-");

    assertEquals(2, ran.exit(), ran.err()::toString);
    assertTrue(ran.err().getLast().contains("--car"), ran.err()::toString);
    assertEquals(0, ran.bytes().length);
    client.ok("retrieve", cid, "--provider", address, "-o", "tree.out");
    assertEquals(2_000_000, Files.size(folder.resolve("tree.out/file")));
  }

  @Test
  void givenPrice_whenRetrieved_thenBothBooksAgree() throws Exception {
    String cid = offer("paid", 5_000_000, 1000);

    JsonNode quote = client.ok("query", cid, "--provider", address, "--json").json();
    JsonNode bought =
        client.ok("--json", "retrieve", cid, "--provider", address, "-o", "paid.out").json();

    assertEquals("available", quote.get("status").asText());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("paid")), Files.readAllBytes(folder.resolve("paid.out")));
    assertEquals("COMPLETED", bought.get("state").asText());
    assertEquals(quote.get("total"), bought.get("totalPaid"));
    JsonNode mine = deal(client, cid);
    JsonNode theirs = settled(cid);
    assertEquals("COMPLETED", theirs.get("state").asText());
    for (String member : List.of("charged", "paid", "nonce", "channel", "lane", "base")) {
      assertEquals(mine.get(member), theirs.get(member), member);
    }
    assertEquals("0", theirs.get("owed").asText());
    assertTrue(provider.ok("books", "--json").json().get("sound").asBoolean());
    assertTrue(client.ok("books", "--json").json().get("sound").asBoolean());

    Path export = folder.resolve("paid.deal");
    client.ok("deals", "export", mine.get("id").asText(), "-o", export.toString());
    JsonNode replayed =
        new TestShell(folder)
            .ok("deals", "replay", export.toString(), "--json", "--home", "/nowhere")
            .json();
    assertTrue(replayed.get("identical").asBoolean());
    assertEquals("COMPLETED", replayed.get("state").asText());
  }

  @Test
  void givenPathInAFolder_whenRetrieved_thenItCostsWhatTheQuerySaid() throws Exception {
    Path album = Files.createDirectories(folder.resolve("album/inner"));
    Random random = new Random(16);
    for (String name : List.of("one", "inner/two", "inner/three")) {
      byte[] content = new byte[700_001];
      random.nextBytes(content);
      Files.write(folder.resolve("album").resolve(name), content);
    }
    String cid = provider.ok("import", "album", "--json").json().at("/items/0/cid").asText();
    provider.ok("ask", "set", "--cid", cid, "--price-per-mib", "100003", "--fee", "7");
    long whole =
        client.ok("query", cid, "--provider", address, "--json").json().get("size").asLong();

    for (String path : List.of(cid + "/inner/two", cid + "/inner")) {
      JsonNode quote = client.ok("query", path, "--provider", address, "--json").json();
      TestShell fresh =
          new TestShell(folder).with("SLUICE_HOME", folder.resolve("h" + path.length()).toString());
      fresh.ok("init");
      fresh.ok("faucet", account(fresh), "1000000000");
      JsonNode bought =
          fresh
              .ok("--json", "retrieve", path, "--provider", address, "-o", "o" + path.length())
              .json();

      assertEquals(path, quote.get("cid").asText());
      assertTrue(quote.get("size").asLong() < whole, quote::toString);
      assertEquals(quote.get("size"), bought.get("bytes"));
      assertEquals(quote.get("size"), deal(fresh, cid).get("charged"));
      assertEquals(quote.get("total"), bought.get("totalPaid"));
    }
    assertEquals(700_001, Files.size(album.resolve("two")));

    String spent = client.ok("books", "--json").json().get("spent").asText();
    for (String end : List.of("none", "inner/none", "inner/two/none")) {
      String where = "there is no 'none' in " + cid + "/" + end;
      TestShell.Ran asked = client.run("query", cid + "/" + end, "--provider", address, "--json");
      assertEquals(4, asked.exit());
      assertEquals("unavailable", asked.json().get("status").asText());
      assertFalse(asked.json().has("terms"), asked.out()::toString);
      assertEquals(
          "NOT_FOUND: " + where.substring(0, where.lastIndexOf('/')),
          asked.json().get("message").asText());
      TestShell.Ran ran =
          client.run("retrieve", cid + "/" + end, "--provider", address, "-o", "none.out");
      assertEquals(4, ran.exit());
      assertTrue(ran.complaints().getFirst().contains("'none'"), ran.err()::toString);
    }
    assertEquals(spent, client.ok("books", "--json").json().get("spent").asText());
    client.ok("retrieve", cid, "--provider", address, "-o", "all.out");
    TestShell.Ran ran =
        client.run("retrieve", cid + "/none", "--provider", address, "-o", "none.out");
    assertEquals(4, ran.exit());
    assertTrue(
        ran.complaints().getFirst().endsWith("; 0 was paid for the blocks that say so"),
        ran.err()::toString);
  }

  @Test
  void givenRemovedRootBeneathAnother_whenRetrieved_thenWhatItCostsIsKnownBefore()
      throws Exception {
    Path shelf = Files.createDirectories(folder.resolve("shelf"));
    byte[] content = new byte[700_003];
    new Random(17).nextBytes(content);
    Files.write(shelf.resolve("book"), content);
    String inner = provider.ok("import", "shelf/book", "--json").json().at("/items/0/cid").asText();
    String outer = provider.ok("import", "shelf", "--json").json().at("/items/0/cid").asText();
    provider.ok("ask", "set", "--cid", outer, "--price-per-mib", "1000");
    provider.ok("rm", inner);

    TestShell.Ran ran =
        client.ok("retrieve", inner, "--provider", address, "-o", "book.out", "--json");

    assertEquals(List.of(), ran.complaints(), ran.err()::toString);
    assertTrue(
        ran.err()
            .contains("buying: " + ran.json().get("totalPaidText").asText() + " for all of it"),
        ran.err()::toString);
  }

  /** A name that no file may have; and names that may be, but make a path that no disk takes. */
  @ParameterizedTest
  @CsvSource({"1, 300, 6", "30, 250, 1"})
  void givenNamesThatNoDiskTakes_whenRetrieved_thenWhatWasPaidIsSaidAndTheWayOutWorks(
      int folders, int length, int exit) throws Exception {
    String name = "n".repeat(length);
    List<Block> blocks = new ArrayList<>();
    blocks.add(Block.of(Codec.RAW, ByteBuffer.wrap(new byte[70_000 + folders])));
    for (int depth = 0; depth < folders; depth++) {
      PbLink link = PbLink.of(name, 70_000, blocks.getFirst().cid());
      ByteBuffer directory = ByteBuffer.wrap(new byte[] {8, 1}); // UnixFS: type 1
      blocks.addFirst(
          Block.of(
              Codec.DAG_PB,
              ByteBuffer.wrap(DagPb.encode(new PbNode(Optional.of(directory), List.of(link))))));
    }
    Path car = folder.resolve("long%d.car".formatted(folders));
    Cid root = blocks.getFirst().cid();
    try (WritableByteChannel out =
            Files.newByteChannel(car, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        CarWriter archive = CarWriter.v1(out, List.of(root))) {
      for (Block block : blocks) {
        archive.write(block);
      }
    }
    String cid =
        provider.ok("import", "--car", car.toString(), "--json").json().at("/items/0/cid").asText();
    provider.ok("ask", "set", "--cid", cid, "--price-per-mib", "1000");
    String price =
        client.ok("query", cid, "--provider", address, "--json").json().get("total").asText();
    Path place = Files.createDirectory(folder.resolve("place" + folders));

    TestShell.Ran ran =
        client.run("retrieve", cid, "--provider", address, "-o", place.resolve("out").toString());

    assertEquals(exit, ran.exit(), ran.err()::toString);
    assertEquals(1, ran.complaints().size(), ran.err()::toString);
    String said = ran.complaints().getFirst();
    assertTrue(said.startsWith("sluice: the content could not be written: "), said);
    assertTrue(
        said.endsWith(
            "; %s was paid and all of it is kept here: 'sluice export %s -o OUT' writes it elsewhere, with --car its blocks as they are"
                .formatted(price, cid)),
        said);
    assertTrue(said.contains(name.substring(0, 250)), said);
    assertEquals(price, deal(client, cid).get("paid").asText());
    try (Stream<Path> left = Files.list(place)) {
      assertEquals(List.of(), left.toList());
    }
    client.ok("export", cid, "-o", place.resolve("out.car").toString(), "--car");
    assertArrayEquals(Files.readAllBytes(car), Files.readAllBytes(place.resolve("out.car")));
  }

  /** A byte costs one: what is paid says which blocks came. */
  @Test
  void givenPartsOfAFolder_whenRetrieved_thenTheyCostWhatTheyTakeAndAreWrittenAsTheirForm()
      throws Exception {
    byte[] content = new byte[1_000_000];
    new Random(15).nextBytes(content);
    Files.createDirectories(folder.resolve("parts/sub"));
    Files.write(folder.resolve("parts/sub/big"), content);
    Files.writeString(folder.resolve("parts/a\nb"), "small");
    String cid = provider.ok("import", "parts", "--json").json().at("/items/0/cid").asText();
    provider.ok("ask", "set", "--cid", cid, "--price-per-mib", Integer.toString(1 << 20));
    int chunk = 256 << 10;

    long listing = quoted(cid, "--dag-scope", "entity");
    long stretch = quoted(cid + "/sub/big", "--bytes", "300000:300009");
    long listed = paid("parts.list", cid, "--dag-scope", "entity");
    String list = Files.readString(folder.resolve("parts.list"));
    long middle = paid("middle", cid + "/sub/big", "--bytes", "300000:300009");
    long again = paid("again", cid + "/sub/big", "--bytes=300010:300010");
    long end = paid("end", cid + "/sub/big", "--bytes=-5:*");
    long block = paid("block.car", cid + "/sub/big", "--dag-scope", "block", "--car");
    long file = paid("file", cid + "/sub/big", "--dag-scope", "entity");

    assertTrue(listed < 1000, "" + listed);
    assertEquals(listing, listed);
    assertEquals(stretch, listed + middle, "the folder's own block is among both");
    assertEquals(2, list.lines().count(), list);
    assertTrue(list.contains("\t5\ta\\u000ab\n"), list);
    assertTrue(middle > chunk && middle < chunk + 1000, "" + middle);
    assertArrayEquals(
        Arrays.copyOfRange(content, 300_000, 300_010),
        Files.readAllBytes(folder.resolve("middle")));
    assertEquals(0, again);
    assertEquals(1, Files.size(folder.resolve("again")));
    assertEquals(1_000_000 - 3 * chunk, end);
    assertArrayEquals(
        Arrays.copyOfRange(content, 999_995, 1_000_000), Files.readAllBytes(folder.resolve("end")));
    assertEquals(0, block);
    try (CarReader car =
        CarReader.open(FileChannel.open(folder.resolve("block.car")), CarLimits.DEFAULT)) {
      assertEquals(List.of(Cid.parse(cid)), car.roots());
      int blocks = 0;
      while (car.next().isPresent()) {
        blocks++;
      }
      assertEquals(3, blocks, "the way there, so that it proves itself");
    }
    assertEquals(2 * chunk, file);
    assertArrayEquals(content, Files.readAllBytes(folder.resolve("file")));
  }

  /** The running node lists it over its own interface, a command by itself. */
  @Test
  void givenFolder_whenListed_thenEveryEntryIsALineAndPathsAreFollowed() throws Exception {
    Files.createDirectories(folder.resolve("listed/sub"));
    Files.writeString(folder.resolve("listed/sub/a\nb"), "small");
    Files.writeString(folder.resolve("listed/file"), "x");
    Files.setPosixFilePermissions(
        folder.resolve("listed/file"), PosixFilePermissions.fromString("rw-r-----"));
    String cid =
        provider
            .ok("import", "listed", "--preserve-mode", "--json")
            .json()
            .at("/items/0/cid")
            .asText();

    JsonNode all = provider.ok("ls", cid, "--long", "--json").json().get("items");
    String sub = provider.ok("ls", cid + "/sub").out().toString();

    assertEquals("file", all.at("/0/name").asText());
    assertEquals("file", all.at("/0/kind").asText());
    assertEquals("0640", all.at("/0/mode").asText());
    assertEquals("directory", all.at("/1/kind").asText());
    assertFalse(all.at("/1").has("mtime"));
    assertEquals(1, sub.lines().count(), sub);
    assertTrue(sub.contains("  a\\u000ab"), sub);
    assertEquals(
        "NO_SUCH_PATH",
        provider.run("ls", cid + "/file", "--json").json().at("/error/code").asText());
  }

  private long quoted(String content, String... part) throws Exception {
    List<String> line = new ArrayList<>(List.of("query", content, "--provider", address, "--json"));
    line.addAll(List.of(part));
    return client.ok(line.toArray(String[]::new)).json().get("total").asLong();
  }

  private long paid(String out, String target, String... more) {
    List<String> line =
        new ArrayList<>(List.of("retrieve", target, "--provider", address, "-o", out, "--json"));
    line.addAll(List.of(more));
    return client.ok(line.toArray(String[]::new)).json().get("totalPaid").asLong();
  }

  @Test
  void givenFree_whenRetrieved_thenNothingIsPaid() throws Exception {
    String cid = offer("free", 300_000, 0);

    TestShell.Ran ran = client.ok("retrieve", cid, "--provider", address, "-o", "-", "--json");

    assertArrayEquals(Files.readAllBytes(folder.resolve("free")), ran.bytes());
    JsonNode report = TestShell.json(ran.err().getLast());
    assertEquals("0", report.get("totalPaid").asText());
  }

  @Test
  void givenTooDear_thenNothingIsPaidOrWritten() throws Exception {
    String cid = offer("dear", 2_000_000, 1000);

    for (String limit : List.of("--max-price-per-mib=999", "--max-total=1900")) {
      TestShell.Ran ran =
          client.run("retrieve", cid, "--provider", address, "-o", "dear.out", limit);
      assertEquals(3, ran.exit(), ran.err().toString());
      assertEquals(1, ran.complaints().size(), ran.err().toString());
    }
    assertFalse(Files.exists(folder.resolve("dear.out")));
  }

  @Test
  void givenNoFunds_thenExit5() throws Exception {
    String cid = offer("poor", 2_000_000, 1000);
    TestShell poor =
        new TestShell(folder).with("SLUICE_HOME", folder.resolve("poor-home").toString());
    poor.ok("init");

    TestShell.Ran ran =
        poor.run("retrieve", cid, "--provider", address, "-o", "poor.out", "--json");

    assertEquals("INSUFFICIENT_FUNDS", ran.json().at("/error/code").asText());
    assertEquals(5, ran.exit());
    String said = ran.json().at("/error/message").asText();
    Matcher next = Pattern.compile("run 'sluice (faucet (0x\\w+) \\S+PLAY)'").matcher(said);
    assertTrue(said.contains("on the embedded ledger (chain 1397511491)") && next.find(), said);
    assertEquals(account(poor), next.group(2));
    poor.ok(next.group(1).split(" "));
    poor.ok("retrieve", cid, "--provider", address, "-o", "poor.out"); // that was all it lacked
  }

  @Test
  void givenFileThere_thenNotTouchedAndNothingPaid() throws Exception {
    String cid = offer("there", 1000, 1000);
    Files.writeString(folder.resolve("there.out"), "mine");

    TestShell.Ran ran =
        client.run("retrieve", cid, "--provider", address, "-o", "there.out", "--json");

    assertEquals("OUT_EXISTS", ran.json().at("/error/code").asText());
    assertEquals("mine", Files.readString(folder.resolve("there.out")));
  }

  @ParameterizedTest
  @CsvSource({
    "4, NOT_FOUND, retrieve " + ELSEWHERE + " --provider ADDRESS -o x",
    "2, BAD_CID, retrieve nonsense --provider ADDRESS -o x",
    "2, BAD_SELECTOR, retrieve " + ELSEWHERE + " --provider ADDRESS -o x --selector bad.json",
    "2, USAGE, retrieve "
        + ELSEWHERE
        + " --provider ADDRESS -o x --selector bad.json --dag-scope all",
    "2, BAD_SCOPE, retrieve " + ELSEWHERE + " --provider ADDRESS -o x --dag-scope tree",
    "2, BAD_SCOPE, query " + ELSEWHERE + " --provider ADDRESS --dag-scope tree",
    "2, BAD_SCOPE, retrieve " + ELSEWHERE + " --provider ADDRESS -o x --dag-scope all --bytes 0:1",
    "2, BAD_RANGE, retrieve " + ELSEWHERE + " --provider ADDRESS -o x --bytes 9:1",
    "7, UNREACHABLE, query " + ELSEWHERE + " --provider /ip4/127.0.0.1/tcp/1/p2p/STRANGER",
    "7, WRONG_PEER, query " + ELSEWHERE + " --provider PLACE/p2p/STRANGER",
    "7, WRONG_PEER, peers ping PLACE/p2p/STRANGER",
  })
  void badInputEndsInItsCodeAndOneLine(int exit, String code, String line) throws Exception {
    Files.writeString(folder.resolve("bad.json"), "{\"R\":");
    String place = address.substring(0, address.indexOf("/p2p/"));
    String[] arguments =
        line.replace("ADDRESS", address)
            .replace("PLACE", place)
            .replace("STRANGER", "12D3KooWMxnuWNEF37qbDdF5q6sjdQjBSjJwhRNvEf2V1GLJ3S6H")
            .concat(" --json")
            .split(" ");

    TestShell.Ran ran = client.run(arguments);

    assertEquals(code, ran.json().at("/error/code").asText(), ran.err().toString());
    assertEquals(exit, ran.exit());
    assertEquals(1, ran.complaints().size(), ran.err().toString());
  }

  @Test
  void givenDeniedPeer_whenItAsks_thenRefusedRatherThanNotFound() throws Exception {
    String cid = offer("denied", 10, 0);
    String peer = client.ok("id", "--json").json().get("peerId").asText();
    provider.ok("deny", "add", peer);

    TestShell.Ran ran = client.run("query", cid, "--provider", address);
    provider.ok("deny", "rm", peer);

    assertEquals(3, ran.exit());
    assertTrue(ran.out().getLast().startsWith("PEER_BLOCKED"), ran.out()::toString);
  }

  @Test
  void unknownContentIsAnAnswerAndExit4() {
    TestShell.Ran ran = client.run("query", ELSEWHERE, "--provider", address, "--json");

    assertEquals(4, ran.exit());
    assertEquals("unavailable", ran.json().get("status").asText());
  }

  @Test
  void secondNodeOnAHomeIsRefused() {
    TestShell.Ran ran = provider.run("run", "--json");

    assertEquals("HOME_IN_USE", ran.json().at("/error/code").asText());
    assertTrue(provider.ok("status", "--json").json().get("running").asBoolean());
  }

  @Test
  void portsInUseAreNamed() throws Exception {
    String taken = address.substring(0, address.indexOf("/p2p/"));
    assertEquals(
        "PORT_IN_USE",
        client.run("run", "--listen", taken, "--json").json().at("/error/code").asText());
    try (ServerSocket socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      assertEquals(
          "PORT_IN_USE",
          client
              .run(
                  "run",
                  "--listen",
                  "/ip4/127.0.0.1/tcp/0",
                  "--http",
                  "127.0.0.1:" + socket.getLocalPort(),
                  "--json")
              .json()
              .at("/error/code")
              .asText());
    }
    client.ok("id"); // its home was let go of
    assertFalse(Files.exists(folder.resolve("client/run/admin.json")));
  }

  @Test
  void adminApiAsksForItsTokenAndShowsMetrics() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> metrics =
          http.send(
              HttpRequest.newBuilder(URI.create(running.http() + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString());
      HttpResponse<String> stranger =
          http.send(
              HttpRequest.newBuilder(URI.create(running.http() + "/api/v1/status"))
                  .POST(HttpRequest.BodyPublishers.ofString("[]"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertTrue(metrics.body().contains("sluice_connections"), metrics.body());
      assertTrue(metrics.body().contains("sluice_earned_total"), metrics.body());
      assertEquals(403, stranger.statusCode());
    }
  }

  @Test
  void peersAnswerPings() {
    JsonNode ping = client.ok("peers", "ping", address, "--json").json();

    assertTrue(address.endsWith(ping.get("peer").asText()));
  }

  @Test
  void channelsOpenAheadAndComeBack() throws Exception {
    String payer = account(client);
    offer("ahead", 1000, 10);
    JsonNode channel =
        client.ok("channels", "open", "--provider", address, "--deposit", "5000", "--json").json();

    assertEquals("payer", channel.get("role").asText());
    String id = channel.get("id").asText();
    client.ok("channels", "top-up", id, "500");
    assertEquals(
        "settling", client.ok("channels", "settle", id, "--json").json().get("state").asText());
    client.ok("ledger", "advance", "30d");
    client.ok("channels", "ls");
    JsonNode closed = client.ok("channels", "show", id, "--json").json();
    assertEquals("closed", closed.get("state").asText());
    assertFalse(closed.has("settleAt"), closed::toString);
    List<String> shown = client.ok("channels", "show", id).out();
    assertFalse(shown.toString().contains("can be collected"), shown::toString);
    assertEquals(payer, account(client));
  }

  /** To the base unit, at both ends; and what was redeemed names its redemption. */
  @Test
  void booksDealByDealAddUpToTheBooks() throws Exception {
    String cid = offer("booked", 300_000, 1_000_003);
    client.ok("retrieve", cid, "--provider", address, "-o", "booked.out");
    String sold = settled(cid).get("id").asText();
    provider.ok("channels", "redeem");
    awaitSum(client, "spent");
    awaitSum(provider, "earned");

    JsonNode row = null;
    for (JsonNode each : provider.ok("books", "export", "--json").json().get("items")) {
      row = each.get("deal").asText().equals(sold) ? each : row;
    }
    assertEquals(32, row.get("transaction").asText().length(), row::toString);
    assertEquals(deal(client, cid).get("paid"), row.get("amount"));
    assertEquals(deal(client, cid).get("charged"), row.get("bytes"));
  }

  /** Deals of other tests may still end, and change both. */
  private static void awaitSum(TestShell shell, String what) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (true) {
      BigDecimal sum =
          shell.ok("books", "export", "--csv").out().stream()
              .skip(1)
              .map(line -> new BigDecimal(line.split(",")[5]))
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      BigDecimal books =
          new BigDecimal(shell.ok("books", "--json").json().get(what).asText()).movePointLeft(18);
      if (sum.compareTo(books) == 0) {
        return;
      }
      assertTrue(System.nanoTime() < end, () -> sum + " and " + books);
    }
  }

  @Test
  void channelsEndAtOnceWithTheProvidersConsent() throws Exception {
    TestShell leaver = client.with("SLUICE_HOME", folder.resolve("leaver").toString());
    leaver.ok("init");
    leaver.ok("faucet", account(leaver), "1000000");
    String cid = offer("leaving", 100_000, 1 << 20);
    leaver.ok("retrieve", cid, "--provider", address, "-o", "leaving.out");
    settled(cid);
    String id = deal(leaver, cid).get("channel").asText();
    JsonNode plan = leaver.ok("autopilot", "show", "--json").json().at("/items/0");
    assertEquals("settle", plan.get("action").asText(), plan::toString);
    assertEquals(id, plan.get("channel").asText());
    JsonNode before = leaver.ok("channels", "show", id, "--json").json();

    JsonNode closed = leaver.ok("channels", "close", id, "--json").json();

    long rest = before.get("deposit").asLong() - before.get("vouchered").asLong();
    assertEquals(Long.toString(rest), closed.get("amount").asText());
    JsonNode after = leaver.ok("channels", "show", id, "--json").json();
    assertEquals("closed", after.get("state").asText());
    JsonNode theirs = provider.ok("channels", "show", id, "--json").json();
    assertEquals("closed", theirs.get("state").asText());
    assertEquals(before.get("vouchered"), theirs.get("redeemed"));
    assertEquals(
        "the channel is closed already",
        leaver.ok("channels", "close", id, "--json").json().get("note").asText());
    leaver.ok("retrieve", cid, "--provider", address, "-o", "leaving.again", "--force");
  }

  @Test
  void channelsOfNoDealEndBySettling() {
    TestShell stranger = client.with("SLUICE_HOME", folder.resolve("no-deal").toString());
    stranger.ok("init");
    stranger.ok("faucet", account(stranger), "1000000");
    String id =
        stranger
            .ok("channels", "open", "--provider", address, "--deposit", "5000", "--json")
            .json()
            .get("id")
            .asText();

    JsonNode error = stranger.run("channels", "close", id, "--json").json().get("error");

    assertEquals("CLOSE_REFUSED", error.get("code").asText());
    assertTrue(error.get("message").asText().contains("channels settle"), error::toString);
  }

  @Test
  void transfersAreShownInProcessAndByTheRunningNode() throws Exception {
    String cid = offer("moved", 1_000_000, 1000);
    client.ok("retrieve", cid, "--provider", address, "-o", "moved.out");
    String bought = deal(client, cid).get("id").asText();
    String sold = settled(cid).get("id").asText();

    for (TestShell shell : List.of(client, provider)) {
      String deal = shell.equals(client) ? bought : sold;
      JsonNode shown = shell.ok("transfers", "show", deal, "--json").json();
      assertEquals(
          List.of(
              "id",
              "role",
              "direction",
              "peer",
              "root",
              "status",
              "sent",
              "received",
              "queued",
              "voucherType",
              "vouchers",
              "results",
              "started",
              "ended",
              "transitions"),
          List.copyOf(
              shown.properties().stream()
                  .map(java.util.Map.Entry::getKey)
                  .filter(name -> !name.equals("message"))
                  .toList()));
      assertEquals(deal + "/transfer", shown.get("id").asText());
      assertEquals(shell.equals(client) ? "initiator" : "responder", shown.get("role").asText());
      assertEquals(deal(shell, cid).get("vouchers"), shown.get("vouchers"));
      assertEquals(
          shown.get("status"),
          shell.ok("deals", "show", deal, "--json").json().at("/transfer/status"));
      assertTrue(
          shell.ok("deals", "show", deal).out().stream()
              .anyMatch(line -> line.startsWith("transfer  " + deal + "/transfer, ")));
      assertTrue(shell.ok("transfers", "ls").out().stream().anyMatch(line -> line.contains(cid)));
      assertTrue(
          shell.ok("transfers", "show", deal).out().stream()
              .anyMatch(line -> line.contains(" ACCEPT")));
    }
  }

  @Test
  void roomIsGivenBackByTheRunningNode() throws Exception {
    String cid = offer("short-lived", 600_000, 1000);
    provider.ok("rm", cid);

    assertEquals("4", provider.ok("gc", "--json").json().get("freedBlocks").asText());
    assertEquals(4, provider.run("stat", cid).exit());
  }
}
