package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.fsm.CrashPoint;
import io.sluice.node.RunningNode;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A paid deal, or a push, for every point at which a process may die: it dies there, a process of
 * its own, and the next one brings the deal to its end. Two homes and one channel see it all.
 */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CrashPointsTest {
  /** Where a buyer dies; the number says how many times the point passes before. */
  private static final List<String> BUYER =
      List.of(
          "INTENT_PLANNED",
          "INTENT_INCLUDED",
          "INTENT_ENDED",
          "DEAL_BEGUN",
          "LANE_TAKEN",
          "PROPOSAL_DUE",
          "BLOCK_WRITTEN:3",
          "BLOCKS_SYNCED:2",
          "VOUCHER_DUE",
          "VOUCHER_SIGNED:2",
          "VOUCHER_KEPT",
          "VOUCHER_SENT",
          "ALL_VERIFIED",
          "LAST_VOUCHER_KEPT",
          "LANE_LEFT",
          "JOURNAL_WRITTEN:4",
          "JOURNAL_SYNCED:7",
          "TABLES_BEHIND");

  /** Where a seller dies. */
  private static final List<String> SELLER =
      List.of(
          "PROPOSAL_KEPT",
          "OPENING_KEPT",
          "BLOCKS_SENT",
          "GATE_CLOSED",
          "VOUCHER_JUDGED:2",
          "VOUCHER_TAKEN",
          "ALL_SENT",
          "DEAL_SETTLED",
          "JOURNAL_WRITTEN:2",
          "JOURNAL_SYNCED:4",
          "TABLES_BEHIND");

  /** Where one who pushes dies. */
  private static final List<String> SENDER =
      List.of("PUSH_BEGUN", "PUSH_OFFERED", "PUSH_SENT:2", "PUSH_ALL_SENT", "JOURNAL_SYNCED:3");

  /** Where one who is pushed to dies. */
  private static final List<String> RECIPIENT =
      List.of(
          "TRANSFER_TAKEN",
          "TRANSFER_ACCEPTED",
          "BLOCK_WRITTEN:2",
          "BLOCKS_SYNCED",
          "PUSH_KEPT",
          "PUSH_COMPLETE");

  /** Where one who pulls for tickets dies. */
  private static final List<String> BEARER =
      List.of(
          "PULL_BEGUN",
          "PULL_ANSWERED",
          "BLOCK_WRITTEN:2",
          "FURTHER_VOUCHER_KEPT",
          "FURTHER_VOUCHER_KEPT:2",
          "PULL_KEPT",
          "JOURNAL_SYNCED:3");

  /** Where one who wants tickets dies. */
  private static final List<String> USHER =
      List.of(
          "TRANSFER_TAKEN",
          "TRANSFER_ACCEPTED",
          "PULL_SENT",
          "LIMIT_REACHED",
          "FURTHER_VOUCHER_TAKEN",
          "TRANSFER_RESUMED",
          "PULL_ALL_SENT",
          "LAST_VOUCHER_DUE",
          "FURTHER_VOUCHER_TAKEN:2",
          "PULL_COMPLETE");

  /** Where one dies who takes a push by dsync, as one archive or block by block. */
  private static final List<String> TAKER =
      List.of(
          "DSYNC_BEGUN",
          "DSYNC_BLOCKS_KEPT",
          "DSYNC_BLOCKS_KEPT:2",
          "BLOCK_WRITTEN:300",
          "DSYNC_LISTED",
          "DSYNC_COMPLETE",
          "DSYNC_ANSWERED",
          "DSYNC_ANSWERED:2");

  /** The same over libp2p, where each block is a request. */
  private static final List<String> TAKER_OF_BLOCKS =
      List.of("DSYNC_BEGUN", "DSYNC_BLOCKS_KEPT:200", "DSYNC_LISTED", "DSYNC_COMPLETE");

  /** Where one dies who pushes or pulls by dsync. */
  private static final List<String> GIVER = List.of("DSYNC_SENT:400");

  private static final List<String> FETCHER =
      List.of("BLOCK_WRITTEN:300", "BLOCKS_SYNCED:2", "DSYNC_PULLED");

  /** What only a store that is filled can reach; tested where the store is. */
  private static final Set<CrashPoint> OF_THE_STORE =
      EnumSet.of(
          CrashPoint.JOURNAL_SEGMENT_MADE,
          CrashPoint.SNAPSHOT_WRITTEN,
          CrashPoint.SEGMENT_FORGOTTEN,
          CrashPoint.BLOCK_FILE_SEALED,
          CrashPoint.BLOCK_LOG_WRITTEN,
          CrashPoint.BLOCK_LOG_SYNCED,
          CrashPoint.BLOCK_LOG_SEGMENT_MADE,
          CrashPoint.BLOCK_LOG_COMPACTED);

  private static final int BYTES = 700_000;
  private static final long PRICE = 1_000_003;

  @TempDir static Path folder;
  private TestShell provider;
  private TestShell client;
  private String place;
  private String address;
  private String url;
  private RunningNode running;
  private Process dying;
  private int content;

  @BeforeAll
  void makeHomes() throws Exception {
    provider = new TestShell(folder).with("SLUICE_HOME", folder.resolve("provider").toString());
    client = new TestShell(folder).with("SLUICE_HOME", folder.resolve("client").toString());
    provider.ok("init");
    client.ok("init");
    client.ok("faucet", member(client, "paymentAddress"), "1000000000000");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket another = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      place = "/ip4/127.0.0.1/tcp/" + free.getLocalPort();
      String content = "127.0.0.1:" + another.getLocalPort();
      provider = provider.with("SLUICE_CONTENT_LISTEN", content);
      url = "http://" + content;
    }
    address = place + "/p2p/" + member(provider, "peerId");
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (running != null) {
      running.close();
      running = null;
    }
    if (dying != null) {
      dying.destroyForcibly().waitFor();
      dying = null;
    }
  }

  private static String member(TestShell shell, String name) {
    return shell.ok("id", "--json").json().get(name).asText();
  }

  // ---- processes

  /** Sells in this process. */
  private void sell() throws Exception {
    Home home = new Home(folder.resolve("provider"));
    running =
        RunningNode.start(
            home,
            NodeConfig.read(
                home.directory(),
                provider.surroundings().environment(),
                Map.of("listen", List.of(place))),
            () -> {
              try {
                return Files.readString(home.passphraseFile()).strip();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
  }

  /** Starts a process that is going to die there. */
  private void startDying(TestShell shell, String point, String... arguments) throws IOException {
    startDying(Sluice.class, shell, point, arguments);
  }

  private void startDying(Class<?> program, TestShell shell, String point, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectError(folder.resolve("dying.err").toFile());
    builder.environment().putAll(shell.surroundings().environment());
    builder.environment().put(CrashPoint.VARIABLE, point);
    dying = builder.start();
  }

  /** Waits until it has died, there and of nothing else. */
  private void awaitDeath() throws Exception {
    boolean ended = dying.waitFor(120, TimeUnit.SECONDS);
    String said = Files.readString(folder.resolve("dying.err"));
    assertTrue(ended, () -> "the point is not reached: " + said);
    assertEquals(CrashPoint.STATUS, dying.exitValue(), said);
  }

  // ---- deals

  /** Something new to buy. */
  private String offer() throws Exception {
    byte[] bytes = new byte[BYTES];
    new Random(++content).nextBytes(bytes);
    Files.write(folder.resolve(name()), bytes);
    String cid = provider.ok("import", name(), "--json").json().at("/items/0/cid").asText();
    provider.ok(
        "ask",
        "set",
        "--cid",
        cid,
        "--price-per-mib",
        Long.toString(PRICE),
        "--interval",
        "64KiB",
        "--interval-increase",
        "0",
        "--interval-max",
        "64KiB");
    return cid;
  }

  private String name() {
    return "content" + content;
  }

  /** What died may have been done but for its last word: then the file is there. */
  private TestShell.Ran buy(String cid) {
    return client.run(
        "--json", "retrieve", cid, "--provider", address, "-o", name() + ".out", "--force");
  }

  private static List<JsonNode> items(TestShell shell, String... command) {
    return StreamSupport.stream(shell.ok(command).json().get("items").spliterator(), false)
        .toList();
  }

  private static List<JsonNode> deals(TestShell shell, String cid) {
    return items(shell, "deals", "ls", "--json").stream()
        .filter(deal -> deal.get("cid").asText().equals(cid))
        .toList();
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void until(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, what);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private void assertDone(String cid, TestShell.Ran bought) throws Exception {
    assertEquals(0, bought.exit(), bought.err().toString());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve(name())),
        Files.readAllBytes(folder.resolve(name() + ".out")));
    until(
        "the provider's deal does not end: " + deals(provider, cid),
        () -> {
          boolean ended = deals(provider, cid).stream().allMatch(deal -> deal.has("ended"));
          if (!ended) { // one that died on the last voucher hears of it at the next contact
            client.ok("retrieve", cid, "--provider", address, "-o", "-");
          }
          return ended;
        });
    long size = provider.ok("stat", cid, "--json").json().get("size").asLong();
    String due = Long.toString((size * PRICE + (1 << 20) - 1) >> 20);
    for (TestShell shell : List.of(client, provider)) {
      List<JsonNode> deals = deals(shell, cid);
      assertEquals(1, deals.size(), deals.toString());
      JsonNode deal = deals.getFirst();
      assertEquals("COMPLETED", deal.get("state").asText(), deal.toString());
      assertEquals(Long.toString(size), deal.get("charged").asText());
      assertEquals(due, deal.get("paid").asText());
    }
    assertEquals(
        deals(client, cid).getFirst().get("nonce"), deals(provider, cid).getFirst().get("nonce"));
    JsonNode spent = client.ok("books", "--json").json();
    JsonNode earned = provider.ok("books", "--json").json();
    assertEquals(spent.get("spent"), earned.get("earned"));
    assertTrue(spent.get("sound").asBoolean() && earned.get("sound").asBoolean());
    Files.delete(folder.resolve(name() + ".out"));
  }

  static List<String> buyer() {
    return BUYER;
  }

  static List<String> seller() {
    return SELLER;
  }

  @Test
  void everyPointIsTried() {
    Set<CrashPoint> tried = EnumSet.copyOf(OF_THE_STORE);
    Stream.of(
            BUYER, SELLER, SENDER, RECIPIENT, BEARER, USHER, TAKER, TAKER_OF_BLOCKS, GIVER, FETCHER)
        .flatMap(List::stream)
        .forEach(point -> tried.add(CrashPoint.valueOf(point.split(":", 2)[0])));

    assertEquals(EnumSet.allOf(CrashPoint.class), tried);
  }

  @ParameterizedTest
  @MethodSource("buyer")
  void buyerDies(String point) throws Exception {
    String cid = offer();
    sell();
    startDying(
        client, point, "retrieve", cid, "--provider", address, "-o", name() + ".out", "--json");
    awaitDeath();

    assertDone(cid, buy(cid));
  }

  @ParameterizedTest
  @MethodSource("seller")
  void sellerDies(String point) throws Exception {
    String cid = offer();
    startDying(provider, point, "run", "--listen", place);
    awaitReadyOrDeath();
    CompletableFuture<TestShell.Ran> buying = CompletableFuture.supplyAsync(() -> buy(cid));
    awaitDeath();
    sell();

    TestShell.Ran bought = buying.get();
    boolean diedBeforeItWasAsked = bought.exit() == 7 && deals(client, cid).isEmpty();
    assertDone(cid, diedBeforeItWasAsked ? buy(cid) : bought);
  }

  // ---- pushes

  static List<String> sender() {
    return SENDER;
  }

  static List<String> recipient() {
    return RECIPIENT;
  }

  /** Something new at the client, which the provider's home takes. */
  private String gift() throws Exception {
    byte[] bytes = new byte[BYTES];
    new Random(++content).nextBytes(bytes);
    Files.write(folder.resolve(name()), bytes);
    provider.ok("receive", "allow", member(client, "peerId"), "--pin");
    return client.ok("import", name(), "--json").json().at("/items/0/cid").asText();
  }

  private TestShell.Ran push(String cid) {
    return client.run("--json", "push", cid, "--to", address);
  }

  private static List<JsonNode> pushes(TestShell shell, String cid) {
    return transfers(shell, "push", cid);
  }

  private static List<JsonNode> transfers(TestShell shell, String direction, String cid) {
    return items(shell, "transfers", "ls", "--json").stream()
        .filter(transfer -> transfer.get("direction").asText().equals(direction))
        .filter(transfer -> transfer.get("root").asText().equals(cid))
        .toList();
  }

  /** It is there as it was, and both ends know of one transfer, which is complete. */
  private void assertPushed(String cid, TestShell.Ran pushed) throws Exception {
    assertEquals(0, pushed.exit(), pushed.err().toString());
    for (TestShell shell : List.of(client, provider)) {
      List<JsonNode> pushes = pushes(shell, cid);
      assertEquals(1, pushes.size(), pushes.toString());
      assertEquals("COMPLETED", pushes.getFirst().get("status").asText(), pushes.toString());
    }
    provider.ok("export", cid, "-o", name() + ".out");
    assertArrayEquals(
        Files.readAllBytes(folder.resolve(name())),
        Files.readAllBytes(folder.resolve(name() + ".out")));
    Files.delete(folder.resolve(name() + ".out"));
  }

  @ParameterizedTest
  @MethodSource("sender")
  void senderDies(String point) throws Exception {
    String cid = gift();
    sell();
    startDying(client, point, "push", cid, "--to", address, "--json");
    awaitDeath();

    assertPushed(cid, push(cid));
  }

  @ParameterizedTest
  @MethodSource("recipient")
  void recipientDies(String point) throws Exception {
    String cid = gift();
    startDying(provider, point, "run", "--listen", place);
    awaitReadyOrDeath();
    CompletableFuture<TestShell.Ran> pushing = CompletableFuture.supplyAsync(() -> push(cid));
    awaitDeath();
    sell();

    assertPushed(cid, pushing.get());
  }

  // ---- pulls that are no deals

  static List<String> bearer() {
    return BEARER;
  }

  static List<String> usher() {
    return USHER;
  }

  /** Something new at the provider, not for sale. */
  private String treasure() throws Exception {
    byte[] bytes = new byte[BYTES];
    new Random(++content).nextBytes(bytes);
    Files.write(folder.resolve(name()), bytes);
    return provider.ok("import", name(), "--json").json().at("/items/0/cid").asText();
  }

  private void giveForTickets() throws Exception {
    running =
        TicketTransfers.start(
            folder.resolve("provider"), place, provider.surroundings().environment());
  }

  private void pullForTickets(String cid) throws Exception {
    TicketTransfers.take(
        folder.resolve("client"), cid, address, client.surroundings().environment());
  }

  /** It is there as it was, and both ends know of one transfer, which is complete. */
  private void assertPulled(String cid) throws Exception {
    for (TestShell shell : List.of(client, provider)) {
      until(
          "the transfer does not end: " + transfers(shell, "pull", cid),
          () -> transfers(shell, "pull", cid).getFirst().has("ended"));
      List<JsonNode> pulls = transfers(shell, "pull", cid);
      assertEquals(1, pulls.size(), pulls.toString());
      assertEquals("COMPLETED", pulls.getFirst().get("status").asText(), pulls.toString());
      assertTrue(pulls.getFirst().get("vouchers").asLong() >= 2, pulls.toString());
    }
    client.ok("export", cid, "-o", name() + ".out");
    assertArrayEquals(
        Files.readAllBytes(folder.resolve(name())),
        Files.readAllBytes(folder.resolve(name() + ".out")));
    Files.delete(folder.resolve(name() + ".out"));
  }

  @ParameterizedTest
  @MethodSource("bearer")
  void bearerDies(String point) throws Exception {
    String cid = treasure();
    giveForTickets();
    String home = folder.resolve("client").toString();
    startDying(TicketTransfers.class, client, point, "take", home, cid, address);
    awaitDeath();

    pullForTickets(cid);

    assertPulled(cid);
  }

  @ParameterizedTest
  @MethodSource("usher")
  void usherDies(String point) throws Exception {
    String cid = treasure();
    String home = folder.resolve("provider").toString();
    startDying(TicketTransfers.class, provider, point, "give", home, place);
    awaitReadyOrDeath();
    CompletableFuture<Void> pulling =
        CompletableFuture.runAsync(
            () -> {
              try {
                pullForTickets(cid);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    awaitDeath();
    giveForTickets();

    pulling.get();
    assertPulled(cid);
  }

  // ---- dsync

  /** So small that a push has two syncs and more. */
  private static final int CHUNK = 1024;

  static List<String> taker() {
    return TAKER;
  }

  static List<String> takerOfBlocks() {
    return TAKER_OF_BLOCKS;
  }

  static List<String> giver() {
    return GIVER;
  }

  static List<String> fetcher() {
    return FETCHER;
  }

  /** Something new with many blocks, at a home. */
  private String many(TestShell shell) throws Exception {
    byte[] bytes = new byte[BYTES];
    new Random(++content).nextBytes(bytes);
    Files.write(folder.resolve(name()), bytes);
    return shell
        .ok("import", name(), "--chunk", Integer.toString(CHUNK), "--json")
        .json()
        .at("/items/0/cid")
        .asText();
  }

  private void grantAll() {
    provider.ok("grants", "add", member(client, "peerId"), "--push", "--read", "--remove");
  }

  /** A file with a token that may do all; the same one each time. */
  private String token() throws IOException {
    Path file = folder.resolve("token");
    if (!Files.exists(file)) {
      String text =
          provider
              .ok("grants", "add", "token", "--push", "--read", "--remove", "--json")
              .json()
              .get("token")
              .asText();
      Files.writeString(file, text);
    }
    return file.toString();
  }

  private TestShell.Ran sync(String command, String cid, String option, String at)
      throws Exception {
    return at.startsWith("/")
        ? client.run("--json", command, cid, option, at)
        : client.run("--json", command, cid, option, at, "--token", token());
  }

  private static int number(TestShell.Ran ran, String name) {
    return Integer.parseInt(ran.json().get(name).asText());
  }

  private static boolean listed(TestShell shell, String cid) {
    return items(shell, "ls", "--json").stream()
        .anyMatch(each -> each.get("cid").asText().equals(cid));
  }

  /** Blocks that came to the node that runs here. */
  private long taken() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      String text =
          http.send(
                  HttpRequest.newBuilder(URI.create(running.http() + "/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return text.lines()
          .filter(line -> line.startsWith("sluice_dsync_blocks_total{direction=\"in\"}"))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
          .findFirst()
          .orElseThrow();
    }
  }

  /**
   * The taker dies, and another process goes on with the same push, which asks for nothing that was
   * durable.
   *
   * @param durable blocks that were durable when it died
   */
  private void takerDies(String point, int durable, String at) throws Exception {
    String cid = many(client);
    grantAll();
    token();
    List<String> run = List.of("run", "--listen", place);
    startDying(provider, point, run.toArray(String[]::new));
    awaitReadyOrDeath();
    CompletableFuture<TestShell.Ran> pushing =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return push(cid, at);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    awaitDeath();
    sell();

    TestShell.Ran pushed = pushing.get();
    if (pushed.exit() != 0) { // it was away for too long: the same command goes on
      pushed = push(cid, at);
    }
    assertEquals(0, pushed.exit(), pushed.err().toString());
    assertTrue(
        taken() <= number(pushed, "nodes") - durable,
        "of %s, of which %d were durable, %d came".formatted(pushed.json(), durable, taken()));
    assertTrue(listed(provider, cid));
    provider.ok("export", cid, "-o", name() + ".out");
    assertArrayEquals(
        Files.readAllBytes(folder.resolve(name())),
        Files.readAllBytes(folder.resolve(name() + ".out")));
    TestShell.Ran again = push(cid, at);
    assertEquals(0, number(again, "missing"), "all of it is there: " + again.json());
  }

  private TestShell.Ran push(String cid, String at) throws Exception {
    return at.startsWith("/")
        ? client.run("--json", "push", cid, "--to", at, "--pin")
        : client.run("--json", "push", cid, "--to", at, "--pin", "--token", token());
  }

  @ParameterizedTest
  @MethodSource("taker")
  void takerOfArchiveDies(String point) throws Exception {
    int durable =
        switch (point) {
          case "DSYNC_BLOCKS_KEPT", "BLOCK_WRITTEN:300" -> 256;
          case "DSYNC_BLOCKS_KEPT:2" -> 512;
          case "DSYNC_LISTED", "DSYNC_COMPLETE", "DSYNC_ANSWERED:2" -> BYTES / CHUNK;
          default -> 0;
        };
    takerDies(point, durable, url);
  }

  @ParameterizedTest
  @MethodSource("takerOfBlocks")
  void takerOfBlocksDies(String point) throws Exception {
    int durable =
        switch (point) {
          case "DSYNC_BLOCKS_KEPT:200" -> 190; // a few are under way at once
          case "DSYNC_LISTED", "DSYNC_COMPLETE" -> BYTES / CHUNK;
          default -> 0;
        };
    takerDies(point, durable, address);
  }

  @ParameterizedTest
  @MethodSource("giver")
  void giverDies(String point) throws Exception {
    for (String at : List.of(url, address)) {
      String cid = many(client);
      grantAll();
      sell();
      List<String> command = new ArrayList<>(List.of("push", cid, "--to", at, "--pin", "--json"));
      if (at.equals(url)) {
        command.addAll(List.of("--token", token()));
      }
      startDying(client, point, command.toArray(String[]::new));
      awaitDeath();

      TestShell.Ran pushed = push(cid, at);

      assertEquals(0, pushed.exit(), pushed.err().toString());
      assertTrue(number(pushed, "missing") < number(pushed, "nodes"), pushed.json()::toString);
      assertEquals(number(pushed, "missing"), number(pushed, "sent"));
      assertTrue(listed(provider, cid));
      stop();
    }
  }

  @ParameterizedTest
  @MethodSource("fetcher")
  void fetcherDies(String point) throws Exception {
    for (String at : List.of(url, address)) {
      String cid = many(provider);
      grantAll();
      sell();
      List<String> command = new ArrayList<>(List.of("pull", cid, "--from", at, "--json"));
      if (at.equals(url)) {
        command.addAll(List.of("--token", token()));
      }
      startDying(client, point, command.toArray(String[]::new));
      awaitDeath();

      TestShell.Ran pulled = sync("pull", cid, "--from", at);

      assertEquals(0, pulled.exit(), pulled.err().toString());
      assertTrue(number(pulled, "missing") < number(pulled, "nodes"), pulled.json()::toString);
      assertEquals(number(pulled, "missing"), number(pulled, "sent"));
      assertTrue(listed(client, cid));
      client.ok("export", cid, "-o", name() + ".out");
      assertArrayEquals(
          Files.readAllBytes(folder.resolve(name())),
          Files.readAllBytes(folder.resolve(name() + ".out")));
      stop();
    }
  }

  private void awaitReadyOrDeath() throws IOException {
    BufferedReader out = dying.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    while (line != null && !line.startsWith("ready")) {
      line = out.readLine();
    }
  }
}
