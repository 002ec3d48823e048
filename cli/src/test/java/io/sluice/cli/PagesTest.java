package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.cli.chain.LocalChain;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every command of the tutorial and the how-tos in the order of the page, and looks for what
 * the page says it prints. Ids, times and names of files may differ; in the tutorial, which brings
 * all it needs, figures may not. What a page shows of a situation that its commands do not lead to,
 * a full disk say, is named here line by line.
 */
@Timeout(300)
class PagesTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern COMMAND = Pattern.compile("(?:\\./)?sluice (\\S.*)");

  @TempDir Path folder;
  private final Map<String, String> words = new TreeMap<>();
  private final List<String> printed = new ArrayList<>();
  private final Map<Thread, String> nodes = new HashMap<>();
  private TestShell shell;

  @BeforeEach
  void shell() {
    shell = new TestShell(folder);
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Map.Entry<Thread, String> node : nodes.entrySet()) {
      if (node.getKey().isAlive()) {
        shell.run("--home", node.getValue(), "stop"); // where the page did not come to that
      }
      node.getKey().join();
    }
  }

  // ---- pages

  /** Blocks of code as they stand: commands, or what they print. */
  private static List<List<String>> blocks(String page) throws IOException {
    List<List<String>> blocks = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(DOCS.resolve(page))) {
      boolean code = line.startsWith("    ");
      if (code && !inside) {
        blocks.add(new ArrayList<>());
      }
      if (code) {
        blocks.getLast().add(line.strip());
      }
      inside = code;
    }
    return blocks;
  }

  /** What a line says apart from ids, times and, unless they are to be compared, figures. */
  private static String shape(String line, boolean figures) {
    String shape =
        line.replaceAll("\\btoken-[0-9a-f]{64}\\b", "HOLDER")
            .replaceAll("^token [\\w-]{43}$", "TOKEN")
            .replaceAll("/ip[46]/[^ ]+|MULTIADDR\\S*", "ADDR")
            .replaceAll("http://[^ ]+", "URL")
            .replaceAll("\\b(baf[a-z2-7]{20,}|CID)\\b", "CID")
            .replaceAll("\\b(12D3\\w+|PEERID)\\b", "PEER")
            .replaceAll("\\b0x[0-9a-f]+", "HEX")
            .replaceAll("(?<![\\w])/[\\w./-]+", "PATH")
            .replaceAll("\\b[\\w-]+\\.(bin|car|deal|json)\\b", "PATH")
            .replaceAll("\\b[cpt]-[\\w-]+", "DEAL")
            .replaceAll("[0-9.]+ (s|ms)\\b", "TIME")
            .replaceAll("in [0-9]+ vouchers?", "in VOUCHERS");
    if (!figures) {
      shape =
          shape.replaceAll("[0-9][0-9.,]*( [KMG]iB| B)?", "#").replaceAll("(block|entr)\\w*", "$1");
    }
    return shape.replaceAll("\\s+", " ").strip();
  }

  private void told(String page, List<String> elsewhere, boolean figures) throws IOException {
    List<String> shapes = printed.stream().map(line -> shape(line, figures)).toList();
    List<String> missing = new ArrayList<>();
    for (List<String> block : blocks(page)) {
      for (String line : block) {
        boolean command = block.stream().anyMatch(one -> COMMAND.matcher(one).matches());
        boolean known = elsewhere.stream().anyMatch(line::startsWith);
        if (!command && !known && !shapes.contains(shape(line, figures))) {
          missing.add(line);
        }
      }
    }
    assertEquals(List.of(), missing, () -> String.join("\n", printed));
  }

  /** Runs the commands of a page that come before a text, or all that are left. */
  private final class Reader {
    private final List<String> commands = new ArrayList<>();
    private final String home;

    Reader(String page, String home) throws IOException {
      this.home = home;
      for (List<String> block : blocks(page)) {
        for (String line : block) {
          Matcher command = COMMAND.matcher(line);
          if (command.matches()) {
            commands.add(command.group(1).replaceFirst("\\s+# .*", "").strip());
          }
        }
      }
    }

    void upTo(String next) throws Exception {
      while (!commands.isEmpty() && !commands.getFirst().startsWith(next)) {
        run(home, commands.removeFirst());
      }
      assertTrue(next.isEmpty() || !commands.isEmpty(), "the page has no command " + next);
    }

    void rest() throws Exception {
      while (!commands.isEmpty()) {
        run(home, commands.removeFirst());
      }
    }

    void skip(String command) {
      assertEquals(command, commands.removeFirst());
    }
  }

  private void run(String home, String command) throws Exception {
    List<String> arguments = new ArrayList<>();
    if (!command.startsWith("--home ")) {
      arguments.addAll(List.of("--home", home));
    }
    for (String word : command.replaceAll("[\\[\\]]", "").split("\\s+")) {
      String filled = word;
      for (Map.Entry<String, String> entry : words.entrySet()) {
        filled =
            filled.replaceAll(Pattern.quote(entry.getKey()) + "(?![a-zA-Z0-9])", entry.getValue());
      }
      arguments.add(filled);
    }
    if (arguments.contains("run")) {
      start(arguments);
      return;
    }
    TestShell.Ran ran = shell.run(arguments.toArray(String[]::new));
    assertEquals(0, ran.exit(), () -> command + " as " + arguments + ": " + ran.err());
    printed.addAll(ran.out());
    printed.addAll(ran.err());
  }

  private void fails(int exit, String home, String... arguments) {
    List<String> line = new ArrayList<>(List.of("--home", home));
    line.addAll(List.of(arguments));
    TestShell.Ran ran = shell.run(line.toArray(String[]::new));
    assertEquals(exit, ran.exit(), ran.err()::toString);
    printed.addAll(ran.err());
  }

  /** A node in the foreground of a thread of its own, which the page's or the test's stop ends. */
  private void start(List<String> arguments) throws Exception {
    TestShell.Background node = shell.start(arguments.toArray(String[]::new));
    nodes.put(node.thread(), arguments.get(1));
    List<String> said = node.until("ready");
    printed.addAll(said);
    String address = said.getFirst().substring("listening ".length());
    words.put("ADDR", address);
    words.put("ADDR1", address);
    words.put("PEERID", address.substring(address.lastIndexOf('/') + 1));
    said.stream()
        .filter(line -> line.startsWith("dsync "))
        .forEach(line -> words.put("URL", line.substring("dsync ".length())));
  }

  private String account(String home) {
    return shell.ok("--home", home, "id", "--json").json().get("paymentAddress").asText();
  }

  private String made(String name, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(name.hashCode()).nextBytes(content);
    Files.createDirectories(folder.resolve(name).getParent());
    Files.write(folder.resolve(name), content);
    return name;
  }

  /** The CID that a line printed last begins with. */
  private String lastCid() {
    return printed.reversed().stream()
        .filter(line -> line.startsWith("baf"))
        .map(line -> line.split(" ")[0])
        .findFirst()
        .orElseThrow();
  }

  /** A token that may do all that dsync knows of. */
  private String granted(String home) {
    return shell
        .ok("--home", home, "grants", "add", "token", "--push", "--read", "--remove", "--json")
        .json()
        .get("token")
        .asText();
  }

  private String imported(String home, String name) {
    return shell.ok("--home", home, "import", name, "--json").json().at("/items/0/cid").asText();
  }

  /** A provider that sells, and a client with money. */
  private void market() throws Exception {
    shell.ok("--home", "provider", "init");
    shell.ok("--home", "client", "init");
    shell.ok("--home", "client", "faucet", account("client"), "10PLAY");
    words.put("CID", imported("provider", made("film.bin", 3_000_000)));
    shell.ok(
        "--home", "provider", "ask", "set", "--price-per-gib", "0.5PLAY", "--fee", "0.0001PLAY");
    start(List.of("--home", "provider", "run", "--listen", "/ip4/127.0.0.1/tcp/0"));
  }

  /** Waits until the provider has redeemed so much, which it does by itself once no deal runs. */
  private void awaitRedeemed(String amount) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!shell
        .ok("--home", "provider", "books", "--json")
        .json()
        .get("redeemed")
        .asText()
        .equals(amount)) {
      assertTrue(System.nanoTime() < end, "the provider does not redeem");
      LockSupport.parkNanos(20_000_000);
    }
  }

  // ---- what they say

  @Test
  void tutorial() throws Exception {
    String page = "tutorial/first-paid-retrieval.md";
    made("film.bin", 20_000_000); // the page asks head(1) for it
    words.put("/ip4/127.0.0.1/tcp/4701", "/ip4/127.0.0.1/tcp/0");
    Reader reader = new Reader(page, "");
    reader.upTo("--home provider run");
    words.put("CID", lastCid());
    reader.upTo("--home client faucet");
    words.put("/ip4/127.0.0.1/tcp/0/p2p/PEERID", words.get("ADDR"));
    words.put("/ip4/127.0.0.1/tcp/4701/p2p/PEERID", words.get("ADDR"));
    words.remove("/ip4/127.0.0.1/tcp/4701");
    words.remove("PEERID");
    words.put("ACCOUNT", account("client"));
    reader.upTo("--home client channels settle");
    assertEquals(-1, Files.mismatch(folder.resolve("film.bin"), folder.resolve("bought.bin")));
    words.put(
        "CHANNEL",
        shell.ok("--home", "client", "channels", "ls", "--json").json().at("/items/0/id").asText());
    awaitRedeemed("18630046397447587"); // a reader's next command is not that quick, nor is a day
    reader.upTo("--home provider receive allow");
    made("notes.bin", 3_000_000); // the page asks head(1) for it
    words.put("CLIENT", shell.ok("--home", "client", "id", "--json").json().get("peerId").asText());
    reader.upTo("--home client push");
    words.put("NOTES", lastCid());
    reader.rest();

    told(page, List.of("head ", "cmp "), true);
    assertTrue(
        printed.stream().anyMatch(line -> line.contains("  0.981369953602552413 PLAY  ")),
        printed::toString);
    assertTrue(
        printed.stream().anyMatch(line -> line.contains("  0.018630046397447587 PLAY  ")),
        printed::toString);
  }

  @Test
  void buyContent() throws Exception {
    String page = "how-to/buy-content.md";
    market();
    String address = words.get("ADDR");
    String cid = words.get("CID");
    Files.delete(folder.resolve("film.bin")); // the provider's, which is imported
    Reader reader = new Reader(page, "client");
    reader.upTo("retrieve CID --provider ADDR1");
    fails(3, "client", "retrieve", other(), "--provider", address, "--max-price-per-mib", "10");
    fails(3, "client", "retrieve", other(), "--provider", address, "--max-total", "10");
    Files.write(
        folder.resolve("selector"),
        blocks(page).stream()
            .flatMap(List::stream)
            .filter(line -> line.startsWith("{\"R\""))
            .toList());
    TestShell buyer = shell.with("SLUICE_HOME", "client");
    TestShell.Ran part =
        buyer.ok(
            "retrieve",
            other(),
            "--provider",
            address,
            "--selector=selector",
            "-o",
            "part.car",
            "--json");
    assertEquals(9, part.json().get("blocks").asInt());
    run("client", "retrieve " + cid + " --provider " + address + " -o again.bin");
    Files.delete(folder.resolve("film.bin"));
    words.put("ADDR2", address);
    reader.rest();
    shell.ok("--home", "provider", "stop");

    told(
        page,
        List.of(
            "{\"R\"", // a selector
            "buying: 0.139726",
            "bafybeicr734",
            "143.1 MiB", // a provider that vanishes
            "[##...",
            "sluice: interrupted"),
        false);
  }

  private String other() throws IOException {
    made("other.bin", 2_000_000);
    return imported("provider", "other.bin");
  }

  @Test
  void sellContent() throws Exception {
    String page = "how-to/sell-content.md";
    shell.ok("--home", "seller", "init");
    shell.ok("--home", "maker", "init");
    made("film.bin", 2_000_000);
    String archived = imported("maker", made("archived.bin", 400_000));
    shell.ok("--home", "maker", "export", archived, "--car", "-o", "archive.car");
    String inPlace = imported("maker", made("archive/there.bin", 500_000));
    shell.ok("--home", "maker", "export", inPlace, "--car", "-o", "archive/film.car");
    words.put("/archive/film.car", folder.resolve("archive/film.car").toString());
    words.put("/ip4/0.0.0.0/tcp/4150", "/ip4/127.0.0.1/tcp/0");
    Reader reader = new Reader(page, "seller");
    reader.upTo("ask set");
    words.put("CID", imported("seller", "film.bin"));
    reader.upTo("peers ping");
    reader.skip("peers ping /ip4/192.0.2.1/tcp/4150/p2p/PEERID");
    run("maker", "peers ping ADDR");
    reader.rest();
    Files.delete(folder.resolve("archive/film.car"));
    shell.ok("--home", "seller", "stop");
    fails(6, "seller", "verify");

    told(page, List.of("lassie "), false);
  }

  @Test
  void push() throws Exception {
    String page = "how-to/push.md";
    shell.ok("--home", "taker", "init");
    shell.ok("--home", "giver", "init");
    words.put("CID", imported("giver", made("film.bin", 2_000_000)));
    words.put("SENDER", shell.ok("--home", "giver", "id", "--json").json().get("peerId").asText());
    made("voucher.json", 1);
    Files.writeString(folder.resolve("voucher.json"), "{\"id\":\"deal-1\"}");
    words.put("voucher.json", folder.resolve("voucher.json").toString());
    Files.writeString(folder.resolve("taker/sluice.yaml"), "content.listen: 127.0.0.1:0\n");
    Files.writeString(folder.resolve("token.txt"), granted("taker"));
    words.put("token.txt", folder.resolve("token.txt").toString());
    start(List.of("--home", "taker", "run", "--listen", "/ip4/127.0.0.1/tcp/0"));
    Reader taker = new Reader(page, "taker");
    taker.upTo("push");
    Reader giver = new Reader(page, "giver");
    giver.skip("receive allow SENDER --max 1GiB --pin");
    giver.upTo("transfers voucher");
    String voucher = giver.commands.removeFirst();
    giver.upTo("transfers show");
    words.put(
        "ID",
        shell.ok("--home", "giver", "transfers", "ls", "--json").json().at("/items/0/id").asText());
    giver.rest();
    // A peer of Sluice's own wants none, so what can be tried is that it is read, and why it is not
    // sent.
    AssertionError ended = assertThrows(AssertionError.class, () -> run("giver", voucher));
    assertTrue(String.valueOf(ended.getMessage()).contains("has ended already"), ended::toString);

    told(page, List.of(), false);
  }

  @Test
  void fleet() throws Exception {
    String page = "how-to/run-a-fleet.md";
    for (int port : new int[] {4701, 4702, 4703}) {
      words.put("/ip4/127.0.0.1/tcp/" + port, "/ip4/127.0.0.1/tcp/0");
    }
    made("film.bin", 2_000_000);
    Reader reader = new Reader(page, "");
    reader.upTo("--home two run");
    named("FIRST", "PEER1");
    reader.upTo("--home three run");
    named("SECOND", "PEER2");
    reader.upTo("--home two grants add");
    named("THIRD", "PEER3");
    reader.upTo("--home two sync ls");
    words.put("CID", lastCid());
    awaitInSync("two");
    awaitInSync("three");
    reader.upTo("--home two rm");
    reader.upTo("--home three init");
    delete(folder.resolve("three"));
    reader.upTo("--home one grants add");
    named("THIRD", "PEER3");
    String film = imported("one", "film.bin");
    reader.upTo("--home three sync ls");
    awaitInSync("three");
    reader.upTo("--home three sync add film");
    assertTrue(shell.ok("--home", "three", "ls").out().toString().contains(film));
    reader.rest();

    told(page, List.of(), false);
  }

  /** What the page calls the node that was started last. */
  private void named(String address, String peer) {
    words.put(address, words.remove("ADDR"));
    words.put(peer, words.remove("PEERID"));
    words.remove("ADDR1");
  }

  private void awaitInSync(String home) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    boolean inSync = false;
    while (!inSync) {
      assertTrue(System.nanoTime() < end, "the node is not in step");
      inSync = true;
      for (JsonNode each : shell.ok("--home", home, "sync", "ls", "--json").json().get("items")) {
        inSync &= each.get("state").asText().equals("IN_SYNC");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static void delete(Path home) throws IOException {
    try (Stream<Path> all = Files.walk(home)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Test
  void money() throws Exception {
    String page = "how-to/money.md";
    market();
    Reader reader = new Reader(page, "client");
    words.put("ADDRESS", account("client"));
    reader.upTo("wallet export");
    words.put("ADDRESS", printed.getLast().split(" ")[0]); // the new key's
    Files.copy(folder.resolve("client/secrets/passphrase"), folder.resolve("FILE"));
    reader.upTo("wallet default");
    reader.skip("wallet default ADDRESS"); // the channels of this page are of the first account
    reader.upTo("channels top-up");
    String opened = channel("client");
    words.put("0x82ee6676", opened.substring(0, 10));
    reader.upTo("channels settle");
    run("client", "retrieve CID --provider ADDR -o bought.bin");
    words.put("0xd9694bb8", opened.substring(0, 10));
    reader.upTo("channels collect");
    run("client", "ledger advance 25h");
    reader.upTo("channels redeem");
    Reader payee = new Reader(page, "provider");
    payee.commands.removeIf(
        command ->
            !command.matches("channels (redeem|close).*|.*withdraw \\[N\\]|autopilot.*|books.*"));
    run("client", "channels open --provider ADDR --deposit 0.05PLAY");
    words.put("CID", other());
    run("client", "retrieve CID --provider ADDR -o second.bin");
    words.put("0x82ee6676", channel("provider"));
    words.put("N", "1");
    payee.rest();
    fails(5, "client", "channels", "open", "--provider", words.get("ADDR"), "--deposit=500PLAY");
    shell.ok("--home", "provider", "stop");

    told(
        page,
        List.of("# sluice.yaml", "keys:", "remote: ", "remote-account: ", "remote-time: "),
        false);
  }

  /** Where there is no Node.js for a chain it is skipped, aloud. */
  @Test
  void chain() throws Exception {
    try (LocalChain local = localChain("how-to/chain.md", Duration.ofSeconds(1))) {
      shell.ok("--home", "payer", "init");
      local.give(EvmAddress.parse(account("payer")), TokenAmount.parse("1000000000000000000"));
      shell =
          shell
              .with("SLUICE_LEDGER_RPC", local.url().toString())
              .with("SLUICE_LEDGER_CHAIN_ID", "31415926");
      String page = "how-to/chain.md";
      Reader reader = new Reader(page, "payer");
      shell =
          shell
              .with("SLUICE_LEDGER_KIND", "evm")
              .with("SLUICE_LEDGER_CONTRACT", local.domain().contract().toString());
      reader.upTo("channels deploy-contract");
      shell = shell.without("SLUICE_LEDGER_CONTRACT").with("SLUICE_LEDGER_KIND", "embedded");
      reader.rest();

      String deployed =
          printed.stream().filter(line -> line.startsWith("contract")).toList().getLast();
      assertFalse(deployed.endsWith(local.domain().contract().toString()), "another one");
      told(
          page,
          List.of(
              "ledger:",
              "kind:",
              "rpc:",
              "chain-id:",
              "contract:",
              "token:",
              "symbol:",
              "confirmations:"),
          false);
    }
  }

  /** A chain of this machine; skipped, aloud, where none can be. */
  private LocalChain localChain(String page, Duration blockTime) throws Exception {
    Map<String, String> machine =
        Map.of(
            "PATH", System.getenv("PATH"),
            "XDG_CACHE_HOME", Path.of("target", "cache").toAbsolutePath().toString());
    try {
      return LocalChain.start(new LocalChain.Settings(0, 31415926, blockTime), machine, text -> {});
    } catch (ServiceException e) {
      if (e.code() == ErrorCode.NODE_JS_NEEDED) {
        System.err.println("SKIPPED: " + page + " needs Node 20 or newer with npm");
      }
      Assumptions.assumeFalse(e.code() == ErrorCode.NODE_JS_NEEDED, "no Node 20 or newer");
      throw e;
    }
  }

  /** Both pages in one market, each command where the other page has come that far. */
  @Test
  void sellAndBuyOnAChain() throws Exception {
    String selling = "how-to/sell-on-a-chain.md";
    String buying = "how-to/buy-on-a-chain.md";
    try (LocalChain local = localChain(selling, Duration.ZERO)) {
      TokenAmount plenty = TokenAmount.parse("10000000000000000000");
      shell =
          shell
              .with("SLUICE_LEDGER_RPC", local.url().toString())
              .with("SLUICE_LEDGER_CHAIN_ID", "31415926")
              .with("SLUICE_LEDGER_SYMBOL", "FIL")
              .with("SLUICE_LEDGER_CONFIRMATIONS", "1");
      Reader seller = new Reader(selling, "seller");
      seller.upTo("channels deploy-contract");
      local.give(EvmAddress.parse(account("seller")), plenty);
      seller.upTo("ledger show");
      String deployed =
          printed.stream().filter(line -> line.startsWith("contract")).toList().getLast();
      shell =
          shell
              .with("SLUICE_LEDGER_KIND", "evm")
              .with("SLUICE_LEDGER_CONTRACT", deployed.substring(deployed.indexOf("0x")))
              .with("SLUICE_PAYMENTS_MIN_DEPOSIT", "0.5 FIL")
              .with("SLUICE_CLIENT_MAX_PRICE_PER_MIB", "0.0001 FIL");
      String token = OwnChain.over(local).newToken();
      shell =
          shell
              .with("SLUICE_LEDGER_TOKEN", "native," + token)
              .with("SLUICE_TOKENS", "USDC:" + token + ":6");
      made("film.bin", 300_000);
      words.put("/ip4/0.0.0.0/tcp/4150", "/ip4/127.0.0.1/tcp/0");
      seller.upTo("run");
      words.put("CID", lastCid());
      seller.upTo("status");
      Reader buyer = new Reader(buying, "buyer");
      buyer.upTo("ledger show");
      local.give(EvmAddress.parse(account("buyer")), plenty);
      Files.delete(folder.resolve("film.bin")); // the seller's, which is imported
      buyer.upTo("channels open");
      words.put("ID", channel("buyer"));
      buyer.upTo("channels close");
      seller.rest();
      buyer.upTo("channels settle");
      words.put("ID", channel("buyer")); // the one that was opened by hand
      buyer.upTo("channels collect");
      advance(local.url(), Duration.ofDays(1));
      buyer.rest();
      shell.ok("--home", "seller", "stop");

      assertTrue(shell.ok("--home", "buyer", "channels", "ls").out().toString().contains("closed"));
      List<String> configuration =
          List.of(
              "ledger:",
              "rpc:",
              "chain-id:",
              "symbol:",
              "kind:",
              "contract:",
              "payments:",
              "min-deposit:",
              "min-challenge:",
              "max-unredeemed:",
              "token:",
              "tokens:",
              "minimum-redemption:",
              "payout:",
              "to:",
              "above:",
              "client:",
              "max-price-per-mib:");
      told(selling, configuration, false);
      told(buying, configuration, false);
    }
  }

  private static void advance(URI chain, Duration by) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String call :
          List.of(
              "\"evm_increaseTime\",\"params\":[%d]".formatted(by.toSeconds()),
              "\"evm_mine\",\"params\":[]")) {
        HttpRequest request =
            HttpRequest.newBuilder(chain)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":%s}".formatted(call)))
                .build();
        assertEquals(
            200, client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
      }
    }
  }

  @Test
  void lostKeys() throws Exception {
    String page = "how-to/lost-keys.md";
    shell.ok("--home", "HOME", "init");
    shell.ok("--home", "fresh", "init");
    String lost = account("HOME");
    shell.ok("--home", "HOME", "faucet", lost, "2PLAY");
    Files.copy(folder.resolve("HOME/secrets/passphrase"), folder.resolve("FILE"));
    words.put("ADDRESS", lost);
    Reader old = new Reader(page, "HOME");
    old.upTo("wallet import");
    Reader fresh = new Reader(page, "fresh");
    fresh.skip("wallet export ADDRESS -o key.json");
    fresh.rest();

    assertTrue(
        printed.stream().anyMatch(line -> line.contains(lost) && line.contains("2 PLAY")),
        printed::toString);
    told(page, List.of("tar "), false);
  }

  private String channel(String home) {
    return shell
        .ok("--home", home, "channels", "ls", "--json")
        .json()
        .get("items")
        .valueStream()
        .filter(channel -> channel.get("state").asText().equals("open"))
        .findFirst()
        .orElseThrow()
        .get("id")
        .asText();
  }

  @Test
  void operate() throws Exception {
    String page = "how-to/operate.md";
    shell.ok("--home", "HOME", "init");
    words.put("CID", imported("HOME", made("film.bin", 2_000_000)));
    Reader reader = new Reader(page, "HOME");
    start(
        List.of(
            "--home", "HOME", "run", "--listen", "/ip4/127.0.0.1/tcp/0", "--http", "127.0.0.1:0"));
    reader.upTo("stop");
    shell.ok("--home", "HOME", "stop");
    Path secrets = folder.resolve("HOME/secrets/passphrase");
    Files.move(secrets, folder.resolve("mine"));
    fails(2, "HOME", "run");
    Files.move(folder.resolve("mine"), secrets);
    run("HOME", "verify");

    told(
        page,
        List.of(
            "curl ",
            "dpkg ",
            "sudo ",
            "tar ",
            "sluice: /srv/small/h has", // a full disk
            "sluice: rm failed: the journal failed",
            "sluice: /new/place/HOME/keys is open"),
        false);
  }

  @Test
  void replayDeals() throws Exception {
    String page = "how-to/replay-deals.md";
    market();
    run("client", "retrieve CID --provider ADDR -o bought.bin");
    words.put("c-7", "c-1");
    new Reader(page, "client").rest();
    shell.ok("--home", "provider", "stop");

    told(page, List.of("sluice: /home/me/bad.deal", "sluice: /home/me/cut.deal"), false);
  }
}
