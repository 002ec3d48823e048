package io.sluice.cli;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.arguments.KnownTokens;
import io.sluice.cli.arguments.PriceOptions;
import io.sluice.cli.chain.LocalChain;
import io.sluice.cli.stage.Digests;
import io.sluice.cli.stage.Self;
import io.sluice.cli.stage.Stage;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import io.sluice.node.home.Home;
import io.sluice.payments.token.TokenSum;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.token.WrittenAmount;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
  private static final String PRICE_PER_GIB = "0.1";
  private static final String FUNDS = "10";
  private static final long SETTLING_MILLIS = 20_000;
  private static final long LOOK_MILLIS = 50;
  private static final int TIMELINE_HEAD = 12;
  private static final int TIMELINE_TAIL = 6;

  private static final String ANVIL = "anvil";
  private static final long CHAIN_ID = 31415926;
  private static final Duration BLOCK_TIME = Duration.ofSeconds(1);

  private @Nullable Path file;
  private @Nullable String chain;

  @Override
  void declare(Arguments arguments) {
    arguments
        .maybe("FILE", Path.class, value -> file = value)
        .says("Default: 64 MiB made for it.")
        .option("--chain=anvil", String.class, value -> chain = value)
        .says(
            "Pay on a throw-away chain of this machine, with the real contract, in place of the"
                + " ledger in a file. Needs Node.js 20 or newer.");
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
    if (chain == null) {
      play(Optional.empty(), output);
      return;
    }
    if (!chain.equals(ANVIL)) {
      throw new ServiceException(ErrorCode.USAGE, "--chain takes 'anvil'");
    }
    try (LocalChain local =
        LocalChain.start(
            new LocalChain.Settings(0, CHAIN_ID, BLOCK_TIME),
            surroundings().environment(),
            this::say)) {
      play(Optional.of(local), output);
    }
  }

  private void play(Optional<LocalChain> local, Output output) throws Exception {
    try (Stage stage =
        Stage.set(
            "sluice-demo",
            Self.command(Sluice.class),
            local.map(DemoCommand::configuration).orElse(Map.of()),
            this::say)) {
      play(stage, local, output);
    }
  }

  private static Map<String, String> configuration(LocalChain local) {
    return Map.of(
        "SLUICE_LEDGER_KIND",
        "evm",
        "SLUICE_LEDGER_RPC",
        local.url().toString(),
        "SLUICE_LEDGER_CHAIN_ID",
        Long.toString(local.domain().chainId()),
        "SLUICE_LEDGER_CONTRACT",
        local.domain().contract().toString(),
        "SLUICE_LEDGER_SYMBOL",
        "FIL",
        "SLUICE_LEDGER_CONFIRMATIONS",
        "1");
  }

  private void play(Stage stage, Optional<LocalChain> local, Output output) throws Exception {
    Path input = file == null ? stage.file("input") : Path.of(absolute(file));
    if (file == null) {
      Digests.fill(input, MADE_BYTES);
    }
    say("setting up a provider and a client");
    Home seller = stage.init("provider");
    Home buyer = stage.init("client");

    Reports.ImportReport imported;
    Tokens tokens;
    if (local.isPresent()) {
      for (Home home : List.of(seller, buyer)) {
        fund(local.get(), stage, home);
      }
    }
    try (NodeService provider = stage.open(seller)) {
      tokens = KnownTokens.of(provider);
      imported =
          provider
              .importContent(
                  new Requests.ImportRequest(
                      List.of(input.toString()), false, false, Optional.empty(), Optional.empty()))
              .getFirst();
      provider.setAsk(
          new Requests.PriceRequest(
              Optional.empty(),
              PriceOptions.perMiB(
                      new TokenSum(tokens.paidIn(), amount(PRICE_PER_GIB, tokens)), tokens)
                  .amount(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
    }
    if (local.isEmpty()) {
      try (NodeService client = stage.open(buyer)) {
        client.faucet(client.id().paymentAddress(), amount(FUNDS, tokens), Optional.empty());
      }
    }

    say("the provider starts");
    Stage.Node running = stage.run(seller);
    say("the client buys " + imported.cid());
    Path written = stage.file("output");
    stage
        .start(
            stage.command(
                buyer,
                "retrieve",
                imported.cid(),
                "--provider",
                running.address(),
                "--max-total",
                FUNDS + tokens.coin().symbol(),
                "-o",
                written.toString()))
        .finish();

    Reports.DealReport sold;
    Reports.BooksReport earned;
    try (NodeService provider = Stage.remote(seller)) {
      sold = settled(provider);
      earned = provider.books();
    }
    Reports.DealReport bought;
    Reports.BooksReport spent;
    try (NodeService client = stage.open(buyer)) {
      bought = client.deal(client.deals().getFirst().id());
      spent = client.books();
    }
    List<String> ending = new ArrayList<>();
    if (local.isPresent()) {
      say("both take their money out");
      ending.addAll(cashOut(local.get(), stage, seller, buyer, tokens));
    }
    running.stop();

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
    Sides sides = new Sides(bought, sold, spent, earned);
    List<String> wrong = differences(result, sides);
    List<String> lines = lines(result, sides, tokens);
    lines.addAll(ending);
    output.with(tokens).object(result, lines);
    if (!wrong.isEmpty()) {
      throw new ServiceException(
          DealCode.VERIFICATION_FAILED, "the demo went wrong: " + String.join("; ", wrong));
    }
  }

  private static TokenAmount amount(String coins, Tokens tokens) throws ServiceException {
    return new Amount(WrittenAmount.parse(coins + tokens.coin().symbol()))
        .units(tokens, tokens.paidIn());
  }

  /** Coin for what is bought, and for gas. */
  private static void fund(LocalChain local, Stage stage, Home home) throws Exception {
    try (NodeService service = stage.open(home)) {
      local.give(
          EvmAddress.parse(service.id().paymentAddress()), amount(FUNDS, KnownTokens.of(service)));
    }
  }

  /** The provider's vouchers and the client's change leave the contract, which then is empty. */
  private static List<String> cashOut(
      LocalChain local, Stage stage, Home seller, Home buyer, Tokens tokens) throws Exception {
    TokenAmount earned;
    TokenAmount back;
    try (NodeService client = stage.open(buyer)) {
      client.closeChannel(client.channels().getFirst().id());
      back = client.withdraw(Optional.empty(), Optional.empty()).getFirst().amount();
    }
    try (NodeService provider = Stage.remote(seller)) {
      earned = provider.withdraw(Optional.empty(), Optional.empty()).getFirst().amount();
    }
    return List.of(
        "",
        "withdrawn %s by the provider".formatted(tokens.show(earned)),
        "withdrawn %s by the client".formatted(tokens.show(back)),
        "left      %s in the contract"
            .formatted(tokens.show(local.balance(local.domain().contract()))));
  }

  private void say(String text) {
    surroundings().err().println("demo: " + text);
    surroundings().err().flush();
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

  /** The deal and the books, at either end. */
  private record Sides(
      Reports.DealReport bought,
      Reports.DealReport sold,
      Reports.BooksReport spent,
      Reports.BooksReport earned) {}

  private static List<String> differences(DemoResult result, Sides sides) {
    List<String> wrong = new ArrayList<>();
    differ(wrong, "SHA-256 of input and output", result.sha256In(), result.sha256Out());
    differ(wrong, "the client's deal", sides.bought().state(), "COMPLETED");
    differ(wrong, "the provider's deal", sides.sold().state(), "COMPLETED");
    differ(wrong, "paid and earned", sides.bought().paid(), sides.sold().credit());
    differ(wrong, "bytes charged", sides.bought().charged(), sides.sold().charged());
    differ(wrong, "last nonce", sides.bought().nonce(), sides.sold().nonce());
    differ(wrong, "books, spent and earned", sides.spent().spent(), sides.earned().earned());
    differ(wrong, "sums of the books", sides.spent().sound() && sides.earned().sound(), true);
    if (sides.bought().paid().isZero()) {
      wrong.add("nothing was paid");
    }
    return wrong;
  }

  private static void differ(List<String> wrong, String what, Object one, Object other) {
    if (!one.equals(other)) {
      wrong.add("%s: %s and %s".formatted(what, one, other));
    }
  }

  private static List<String> lines(DemoResult result, Sides sides, Tokens tokens) {
    List<String> lines = new ArrayList<>();
    lines.add("CID       " + result.cid());
    lines.add("price     %s %s per GiB".formatted(PRICE_PER_GIB, tokens.coin().symbol()));
    lines.add("");
    lines.add("client, deal %s".formatted(sides.bought().id()));
    lines.addAll(shortened(DealsCommand.timeline(sides.bought().transitions())));
    lines.add("");
    lines.add("provider, deal %s".formatted(sides.sold().id()));
    lines.addAll(shortened(DealsCommand.timeline(sides.sold().transitions())));
    lines.add("");
    lines.add(
        "bytes     %d (%s) in %.1f s"
            .formatted(
                result.bytes(), Quantities.show(result.bytes()), result.durationMillis() / 1000.0));
    lines.add("vouchers  " + result.vouchers());
    lines.add(
        "paid      %s by the client (books: %s)"
            .formatted(tokens.show(result.totalPaid()), tokens.show(sides.spent().spent())));
    lines.add(
        "earned    %s by the provider (books: %s)"
            .formatted(tokens.show(result.totalEarned()), tokens.show(sides.earned().earned())));
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
}
