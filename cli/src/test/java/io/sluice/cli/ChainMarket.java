package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.cli.OwnChain.Done;
import io.sluice.cli.OwnChain.Entry;
import io.sluice.cli.OwnChain.Escrow;
import io.sluice.cli.OwnChain.Happening;
import io.sluice.fsm.CrashPoint;
import io.sluice.node.RunningNode;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A provider and a client, each a home of its own, that trade on a chain: as commands and nodes in
 * this process, and as processes of their own where these are to die.
 */
final class ChainMarket implements AutoCloseable {
  /** What each account begins with, for deposits and for gas: ten coins. */
  static final BigInteger FUNDS = BigInteger.TEN.pow(19);

  /** Odd, so that sums show each rounding. A deal of 150 kB is worth many times its redemption. */
  static final BigInteger PRICE = BigInteger.TEN.pow(17).add(BigInteger.valueOf(3));

  static final long CHALLENGE_SECONDS = 86_400;
  private static final BigInteger LIMIT = FUNDS.shiftRight(1);
  private static final long PATIENCE_SECONDS = 120;

  final OwnChain chain;
  final TestShell provider;
  final TestShell client;
  final String seller;
  final String buyer;
  final String address;
  private final Path folder;
  private final String place;
  private final List<Process> processes = new ArrayList<>();
  private int content;

  /** A node in this process. */
  private RunningNode serving;

  /** One that runs until it is told to end. */
  record Alive(Process process, Path log) {
    /** Ends it as a lost power line would. */
    void kill() {
      process.destroyForcibly().onExit().join();
    }
  }

  interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Sets up both homes, with money.
   *
   * @param ofProvider variables of the provider's environment
   */
  ChainMarket(Path folder, OwnChain chain, Map<String, String> ofProvider) throws Exception {
    this.folder = folder;
    this.chain = chain;
    TestShell shell =
        new TestShell(folder)
            .with("SLUICE_LEDGER_KIND", "evm")
            .with("SLUICE_LEDGER_RPC", chain.url().toString())
            .with("SLUICE_LEDGER_CHAIN_ID", Long.toString(chain.id()))
            .with("SLUICE_LEDGER_CONTRACT", chain.contract())
            .with("SLUICE_LEDGER_CONFIRMATIONS", "1");
    TestShell sold = shell.with("SLUICE_HOME", folder.resolve("provider").toString());
    for (Map.Entry<String, String> variable : ofProvider.entrySet()) {
      sold = sold.with(variable.getKey(), variable.getValue());
    }
    provider = sold;
    client = shell.with("SLUICE_HOME", folder.resolve("client").toString());
    provider.ok("init");
    client.ok("init");
    seller = member(provider, "paymentAddress");
    buyer = member(client, "paymentAddress");
    chain.give(seller, FUNDS);
    chain.give(buyer, FUNDS);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      place = "/ip4/127.0.0.1/tcp/" + free.getLocalPort();
    }
    address = place + "/p2p/" + member(provider, "peerId");
    provider.ok("ask", "set", "--price-per-mib", PRICE.toString(), "--interval", "64KiB");
  }

  private static String member(TestShell shell, String name) {
    return shell.ok("id", "--json").json().get(name).asText();
  }

  // ---- nodes in this process

  /** The provider is there for peers. */
  void serve() throws Exception {
    serving = run(provider, place);
  }

  void stopServing() {
    serving.close();
    serving = null;
  }

  boolean isServing() {
    return serving != null;
  }

  /** Runs a node in this process. */
  RunningNode run(TestShell shell, String listen) throws Exception {
    Map<String, String> environment = shell.surroundings().environment();
    Home home = new Home(Path.of(environment.get("SLUICE_HOME")));
    return RunningNode.start(
        home,
        NodeConfig.read(home.directory(), environment, Map.of("listen", List.of(listen))),
        () -> {
          try {
            return Files.readString(home.passphraseFile()).strip();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Where a node listens that nobody has to find. */
  static final String ANYWHERE = "/ip4/127.0.0.1/tcp/0";

  // ---- processes

  /** Starts a command in a process of its own; it dies at that point, unless the point is empty. */
  Alive start(TestShell shell, String point, String... arguments) throws IOException {
    return start(shell, point, ProcessBuilder.Redirect.DISCARD, arguments);
  }

  private Alive start(
      TestShell shell, String point, ProcessBuilder.Redirect out, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Sluice.class.getName()));
    command.addAll(Arrays.asList(arguments));
    Path log = folder.resolve("process" + processes.size() + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out)
            .redirectError(log.toFile());
    builder.environment().putAll(shell.surroundings().environment());
    if (!point.isEmpty()) {
      builder.environment().put(CrashPoint.VARIABLE, point);
    }
    Process process = builder.start();
    processes.add(process);
    return new Alive(process, log);
  }

  /** Starts a node in a process of its own; returns when it is ready, or dead. */
  Alive startNode(TestShell shell, String point, String listen) throws IOException {
    Alive node =
        start(
            shell,
            point,
            ProcessBuilder.Redirect.PIPE,
            "run",
            "--listen",
            listen,
            "--http",
            "127.0.0.1:0");
    BufferedReader out = node.process().inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    while (line != null && !line.startsWith("ready")) {
      line = out.readLine();
    }
    return node;
  }

  Alive startProvider(String point) throws IOException {
    return startNode(provider, point, place);
  }

  /** Waits until it has died, there and of nothing else. */
  static void awaitDeath(Alive dying) throws Exception {
    boolean ended = dying.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    String said = Files.readString(dying.log());
    assertTrue(ended, () -> "the point is not reached: " + said);
    assertEquals(CrashPoint.STATUS, dying.process().exitValue(), said);
  }

  // ---- deals

  /** Something new to buy. */
  String offer(int bytes) throws Exception {
    byte[] made = new byte[bytes];
    new Random(++content).nextBytes(made);
    Path file = folder.resolve("content" + content);
    Files.write(file, made);
    return provider.ok("import", file.toString(), "--json").json().at("/items/0/cid").asText();
  }

  /** Buys it all, and waits until the provider knows that it is paid. */
  void buy(String cid) throws Exception {
    client.ok(purchase(cid));
  }

  TestShell.Ran tryToBuy(String cid) {
    return client.run(purchase(cid));
  }

  /** The command that buys it. */
  String[] purchase(String cid) {
    return new String[] {
      "retrieve", cid, "--provider", address, "-o", "-", "--max-total", LIMIT.toString()
    };
  }

  /** Something new, bought. */
  void trade(int bytes) throws Exception {
    buy(offer(bytes));
    until("both have the same books", () -> spent().equals(earned()));
  }

  // ---- what the books say

  static BigInteger amount(JsonNode report, String name) {
    return new BigInteger(report.get(name).asText());
  }

  BigInteger spent() {
    return amount(client.ok("books", "--json").json(), "spent");
  }

  BigInteger earned() {
    return amount(provider.ok("books", "--json").json(), "earned");
  }

  /** What the provider counts as unpaid. */
  BigInteger owed() {
    return amount(provider.ok("books", "--json").json(), "owed");
  }

  /** The client's newest channel. */
  String newestChannel() {
    JsonNode all = client.ok("channels", "ls", "--json").json().get("items");
    return all.get(all.size() - 1).get("id").asText();
  }

  static void until(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, what);
      LockSupport.parkNanos(20_000_000);
    }
  }

  int count(Happening kind) throws Exception {
    return chain.all(kind).size();
  }

  /**
   * Books, the ledger's view and the chain are equal at both ends; and what one end has signed away
   * the other has.
   *
   * @throws AssertionError saying where
   */
  private void assertAgreed() throws Exception {
    JsonNode bought = client.ok("books", "--json").json();
    JsonNode sold = provider.ok("books", "--json").json();
    assertTrue(bought.get("sound").asBoolean() && sold.get("sound").asBoolean());
    assertEquals(amount(bought, "spent"), amount(sold, "earned"));
    assertAgreed(client, buyer, bought);
    assertAgreed(provider, seller, sold);
  }

  /** Waits until {@link #assertAgreed} holds: running nodes look at the chain now and then. */
  void awaitAgreed() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        assertAgreed();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(100_000_000);
      }
    }
  }

  /** The same of the client alone. */
  void assertClientAgrees() throws Exception {
    assertAgreed(client, buyer, client.ok("books", "--json").json());
  }

  private void assertAgreed(TestShell shell, String account, JsonNode books) throws Exception {
    BigInteger redeemed = BigInteger.ZERO;
    for (JsonNode book : books.get("channels")) {
      String id = book.get("id").asText();
      Escrow escrow = chain.channel(id);
      assertEquals(escrow.deposit(), amount(book, "deposit"), book::toString);
      assertEquals(escrow.redeemed(), amount(book, "redeemed"), book::toString);
      assertEquals(state(escrow), book.get("state").asText(), book::toString);
      BigInteger vouchered = BigInteger.ZERO;
      for (JsonNode lane : book.get("lanes")) {
        BigInteger paid = chain.lane(id, lane.get("lane").asLong());
        assertEquals(paid, amount(lane, "redeemed"), book::toString);
        assertTrue(paid.compareTo(amount(lane, "amount")) <= 0, book::toString);
        vouchered = vouchered.add(amount(lane, "amount"));
      }
      assertEquals(vouchered, amount(book, "vouchered"), book::toString);
      assertTrue(escrow.redeemed().compareTo(vouchered) <= 0, book::toString);
      redeemed = redeemed.add(escrow.redeemed());
    }
    if (account.equals(seller)) {
      assertEquals(redeemed, amount(books, "redeemed"), books::toString);
      assertEquals(
          amount(books, "earned").subtract(redeemed),
          amount(books, "outstanding"),
          books::toString);
    }
    JsonNode key = shell.ok("wallet", "ls", "--json").json().at("/items/0");
    assertEquals(chain.credit(account), amount(key, "credit"), key::toString);
    assertEquals(chain.balance(account), amount(key, "balance"), key::toString);
  }

  private static String state(Escrow escrow) {
    if (escrow.status() == 2) {
      return "closed";
    }
    return escrow.settleAt() == 0 ? "open" : "settling";
  }

  /**
   * All is over: accounts have moved by exactly what was vouchered, the rest came back, and only
   * gas is gone; nothing is left in the contract.
   */
  void assertClearedBy(BigInteger vouchers) throws Exception {
    assertEquals(BigInteger.ZERO, chain.balance(chain.contract()), "left in the contract");
    assertEquals(
        FUNDS.add(vouchers).subtract(fees(seller)), chain.balance(seller), "the provider's");
    assertEquals(
        FUNDS.subtract(vouchers).subtract(fees(buyer)), chain.balance(buyer), "the client's");
  }

  /** What the transactions of an account have cost it, those that came to nothing included. */
  private BigInteger fees(String account) throws Exception {
    return chain.transactions().stream()
        .filter(done -> done.from().equals(account))
        .map(Done::fee)
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** The sum of one word of the data of all logs of a kind. */
  BigInteger sum(Happening kind, int word) throws Exception {
    return chain.all(kind).stream()
        .map((Entry entry) -> entry.words().get(word))
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  @Override
  public void close() {
    if (serving != null) {
      stopServing();
    }
    for (Process process : processes) {
      process.destroyForcibly().onExit().join();
    }
  }
}
