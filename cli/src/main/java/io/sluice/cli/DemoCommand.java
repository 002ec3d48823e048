package io.sluice.cli;

import io.sluice.cli.terminal.Arguments;
import io.sluice.node.Home;
import io.sluice.node.HomeLock;
import io.sluice.node.LocalNodeService;
import io.sluice.node.SluiceNode;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.config.Quantities;
import io.sluice.node.http.AdminFile;
import io.sluice.node.http.RemoteNodeService;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code sluice demo}: everything on one machine. A provider process sells a file to a client
 * process, each with a home of its own, over a ledger of their own; then both sides' books are
 * compared. Everything is in a folder that goes away in the end.
 */
final class DemoCommand extends NodeCommand {
  private static final long MADE_BYTES = 64L << 20;
  private static final TokenAmount PRICE = TokenAmount.of(1000);
  private static final TokenAmount FUNDS = TokenAmount.parse("1000000000000");
  private static final long SETTLING_MILLIS = 20_000;
  private static final long LOOK_MILLIS = 50;
  private static final int TIMELINE_HEAD = 12;
  private static final int TIMELINE_TAIL = 6;

  private @Nullable Path file;

  @Override
  void declare(Arguments arguments) {
    arguments.maybe("FILE", Path.class, value -> file = value).says("Default: 64 MiB made for it.");
  }

  /** {@code --json}: what was bought, and that both sides agree. */
  record DemoResult(
      String cid,
      long bytes,
      String sha256In,
      String sha256Out,
      TokenAmount totalPaid,
      TokenAmount totalEarned,
      long vouchers,
      long durationMillis) {}

  @Override
  void run(Output output) throws Exception {
    if (file != null && !Files.isRegularFile(Path.of(absolute(file)))) {
      throw new ServiceException(ErrorCode.NO_SUCH_FILE, file + ": no such file");
    }
    Path folder = Files.createTempDirectory("sluice-demo");
    DemoStage stage = new DemoStage(folder);
    Thread cleaner = new Thread(stage::close, "cleaning");
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      play(stage, output);
    } finally {
      stage.close();
      removeHook(cleaner);
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the JVM is on its way out and cleans up by that hook
    }
  }

  private void play(DemoStage stage, Output output) throws Exception {
    Path input = file == null ? stage.make(MADE_BYTES) : Path.of(absolute(file));
    say("setting up a provider and a client");
    stage.provider.init(Optional.empty(), scrypt(stage.provider));
    stage.client.init(Optional.empty(), scrypt(stage.client));

    Reports.ImportReport imported;
    try (NodeService provider = open(stage, stage.provider)) {
      imported =
          provider
              .importContent(
                  new Requests.ImportRequest(
                      List.of(input.toString()), false, false, Optional.empty(), Optional.empty()))
              .getFirst();
      provider.setAsk(
          new Requests.PriceRequest(
              Optional.empty(),
              PRICE,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
    }
    try (NodeService client = open(stage, stage.client)) {
      client.faucet(client.id().paymentAddress(), FUNDS);
    }

    say("the provider starts");
    String address = stage.startProvider();
    say("the client buys " + imported.cid());
    Path written = stage.folder.resolve("output");
    stage.buy(imported.cid(), address, written);

    Reports.DealReport sold;
    Reports.BooksReport earned;
    try (NodeService provider = remote(stage.provider)) {
      sold = settled(provider);
      earned = provider.books();
    }
    Reports.DealReport bought;
    Reports.BooksReport spent;
    try (NodeService client = open(stage, stage.client)) {
      bought = client.deal(client.deals().getFirst().id());
      spent = client.books();
    }
    stage.stopProvider();

    DemoResult result =
        new DemoResult(
            imported.cid(),
            Files.size(written),
            Digests.sha256(input),
            Digests.sha256(written),
            bought.paid(),
            sold.credit(),
            bought.vouchers(),
            Duration.between(
                    Instant.parse(bought.started()),
                    Instant.parse(bought.ended().orElse(bought.started())))
                .toMillis());
    List<String> wrong = differences(result, bought, sold, spent, earned);
    output.object(result, lines(result, bought, sold, spent, earned));
    if (!wrong.isEmpty()) {
      throw new ServiceException(
          DealCode.VERIFICATION_FAILED, "the demo went wrong: " + String.join("; ", wrong));
    }
  }

  private void say(String text) {
    surroundings().err().println("demo: " + text);
    surroundings().err().flush();
  }

  private static int scrypt(Home home) throws Exception {
    return NodeConfig.read(home.directory(), Map.of(), Map.of()).scryptN();
  }

  private static NodeService open(DemoStage stage, Home home) throws Exception {
    HomeLock lock =
        HomeLock.tryTake(home)
            .orElseThrow(
                () -> new ServiceException(ErrorCode.HOME_IN_USE, home + " is still open"));
    return LocalNodeService.of(
        SluiceNode.open(
            home,
            NodeConfig.read(home.directory(), stage.environment(), Map.of()),
            () -> readPassphrase(home),
            lock,
            Clock.systemUTC()));
  }

  private static String readPassphrase(Home home) throws ServiceException {
    try {
      return Files.readString(home.passphraseFile()).strip();
    } catch (IOException e) {
      throw new ServiceException(ErrorCode.NO_PASSPHRASE, "the demo's passphrase is gone", e);
    }
  }

  private static NodeService remote(Home home) throws ServiceException {
    return RemoteNodeService.of(
        AdminFile.read(home.run())
            .orElseThrow(
                () -> new ServiceException(ErrorCode.NOT_RUNNING, "the provider has ended")));
  }

  /** The provider's deal once it has ended: the last voucher may still be on its way. */
  private static Reports.DealReport settled(NodeService provider) throws Exception {
    for (long waited = 0; waited < SETTLING_MILLIS; waited += LOOK_MILLIS) {
      List<Reports.DealReport> deals = provider.deals();
      if (deals.size() == 1 && deals.getFirst().ended().isPresent()) {
        break;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return provider.deal(provider.deals().getFirst().id());
  }

  private static List<String> differences(
      DemoResult result,
      Reports.DealReport bought,
      Reports.DealReport sold,
      Reports.BooksReport spent,
      Reports.BooksReport earned) {
    List<String> wrong = new ArrayList<>();
    differ(wrong, "SHA-256 of input and output", result.sha256In(), result.sha256Out());
    differ(wrong, "the client's deal", bought.state(), "COMPLETED");
    differ(wrong, "the provider's deal", sold.state(), "COMPLETED");
    differ(wrong, "paid and earned", bought.paid(), sold.credit());
    differ(wrong, "bytes charged", bought.charged(), sold.charged());
    differ(wrong, "last nonce", bought.nonce(), sold.nonce());
    differ(wrong, "books, spent and earned", spent.spent(), earned.earned());
    differ(wrong, "sums of the books", spent.sound() && earned.sound(), true);
    if (bought.paid().isZero()) {
      wrong.add("nothing was paid");
    }
    return wrong;
  }

  private static void differ(List<String> wrong, String what, Object one, Object other) {
    if (!one.equals(other)) {
      wrong.add("%s: %s and %s".formatted(what, one, other));
    }
  }

  private static List<String> lines(
      DemoResult result,
      Reports.DealReport bought,
      Reports.DealReport sold,
      Reports.BooksReport spent,
      Reports.BooksReport earned) {
    List<String> lines = new ArrayList<>();
    lines.add("CID       " + result.cid());
    lines.add("price     %s per MiB".formatted(PRICE));
    lines.add("");
    lines.add("client, deal %s".formatted(bought.id()));
    lines.addAll(shortened(DealsCommand.timeline(bought.transitions())));
    lines.add("");
    lines.add("provider, deal %s".formatted(sold.id()));
    lines.addAll(shortened(DealsCommand.timeline(sold.transitions())));
    lines.add("");
    lines.add(
        "bytes     %d (%s) in %.1f s"
            .formatted(
                result.bytes(), Quantities.show(result.bytes()), result.durationMillis() / 1000.0));
    lines.add("vouchers  " + result.vouchers());
    lines.add(
        "paid      %s by the client (books: %s)".formatted(result.totalPaid(), spent.spent()));
    lines.add(
        "earned    %s by the provider (books: %s)"
            .formatted(result.totalEarned(), earned.earned()));
    lines.add("SHA-256   %s  input".formatted(result.sha256In()));
    lines.add("SHA-256   %s  output".formatted(result.sha256Out()));
    return lines;
  }

  /** Begin and end of a timeline: what lies between goes round and round. */
  private static List<String> shortened(List<String> lines) {
    int left = lines.size() - TIMELINE_HEAD - TIMELINE_TAIL;
    if (left <= 1) {
      return lines;
    }
    List<String> all = new ArrayList<>(lines.subList(0, TIMELINE_HEAD));
    all.add("         …    %d more".formatted(left));
    all.addAll(lines.subList(lines.size() - TIMELINE_TAIL, lines.size()));
    return all;
  }

  /** The folder with everything in it, and the processes. */
  private final class DemoStage implements AutoCloseable {
    private final Path folder;
    private final Home provider;
    private final Home client;
    private final List<Process> processes = new ArrayList<>();
    private boolean closed;

    DemoStage(Path folder) {
      this.folder = folder;
      this.provider = new Home(folder.resolve("provider"));
      this.client = new Home(folder.resolve("client"));
    }

    Map<String, String> environment() {
      return Map.of("SLUICE_LEDGER", folder.resolve("ledger").toString());
    }

    Path make(long bytes) throws IOException {
      Path made = folder.resolve("input");
      Digests.fill(made, bytes);
      return made;
    }

    String startProvider() throws Exception {
      Process process =
          start(
              provider,
              "provider",
              "run",
              "--listen",
              "/ip4/127.0.0.1/tcp/0",
              "--http",
              "127.0.0.1:0");
      String address = "";
      try (var lines = process.inputReader()) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("listening ") && address.isEmpty()) {
            address = line.substring("listening ".length());
          }
          if (line.equals("ready")) {
            return address;
          }
        }
      }
      throw failed("provider");
    }

    void buy(String cid, String address, Path output) throws Exception {
      Process process =
          start(client, "client", "retrieve", cid, "--provider", address, "-o", output.toString());
      process.getInputStream().readAllBytes();
      if (process.waitFor() != 0) {
        throw failed("client");
      }
    }

    void stopProvider() throws InterruptedException {
      Process process = processes.getFirst();
      process.destroy();
      process.waitFor();
    }

    private ServiceException failed(String who) throws IOException {
      List<String> log = Files.readAllLines(folder.resolve(who + ".log"));
      return new ServiceException(
          DealCode.INTERNAL,
          "the %s failed: %s".formatted(who, log.isEmpty() ? "it said nothing" : log.getLast()));
    }

    /** A process of this very program, with the same JVM and its options. */
    private synchronized Process start(Home home, String name, String... arguments)
        throws IOException {
      List<String> command = new ArrayList<>(Self.command());
      command.addAll(List.of("--home", home.directory().toString()));
      command.addAll(List.of(arguments));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(folder.resolve(name + ".log").toFile());
      Map<String, String> environment = new HashMap<>(builder.environment());
      environment.keySet().removeIf(key -> key.startsWith("SLUICE_"));
      environment.putAll(environment());
      builder.environment().clear();
      builder.environment().putAll(environment);
      Process process = builder.start();
      processes.add(process);
      process.getOutputStream().close();
      return process;
    }

    @Override
    public synchronized void close() {
      if (closed) {
        return;
      }
      closed = true;
      for (Process process : processes) {
        process.destroyForcibly().onExit().join();
      }
      try {
        Digests.deleteTree(folder);
      } catch (IOException e) {
        say("%s stays behind: %s".formatted(folder, e));
      }
    }
  }
}
