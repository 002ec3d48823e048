package io.sluice.cli.bench;

import io.sluice.cli.stage.Digests;
import io.sluice.cli.stage.Stage;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.home.Home;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * {@code bench deals}: a running node buys small things from another one, each in a deal of its
 * own, and is told to by its admin API. So no process starts inside what is measured; the asking
 * itself is, on the same machine.
 */
final class DealsBench {
  private static final TokenAmount FUNDS = TokenAmount.parse("1000000000000000");
  private static final long SETTLING_MILLIS = 20_000;
  private static final long LOOK_MILLIS = 50;

  private final DealsPlan plan;
  private final Stage stage;
  private final Consumer<String> say;
  private final Home seller;
  private final Home buyer;
  private final List<NodeState> states = new ArrayList<>();

  private DealsBench(DealsPlan plan, Stage stage, Consumer<String> say) throws Exception {
    this.plan = plan;
    this.stage = stage;
    this.say = say;
    this.seller = stage.init("provider");
    this.buyer = stage.init("client");
  }

  /** Does what the plan says on that stage; takes as long as that takes. */
  static DealsReport run(DealsPlan plan, Stage stage, Consumer<String> say) throws Exception {
    return new DealsBench(plan, stage, say).run();
  }

  private DealsReport run() throws Exception {
    say.accept("setting up %d things to buy".formatted(plan.all()));
    List<String> cids = offered();
    try (NodeService client = stage.open(buyer)) {
      client.faucet(client.id().paymentAddress(), FUNDS, Optional.empty());
    }
    Stage.Node provider = stage.run(seller);
    Stage.Node client = stage.run(buyer);
    Map<String, Double> against = against();
    try (NodeService selling = Stage.remote(seller);
        NodeService buying = Stage.remote(buyer)) {
      TokenAmount each =
          buying
              .query(new Requests.QueryRequest(cids.getFirst(), provider.address()))
              .total()
              .orElse(TokenAmount.ZERO);
      Purchases purchases = new Purchases(buying, provider.address(), cids);

      say.accept("%d deals, %d at once".formatted(plan.deals(), plan.atOnce()));
      DealTimes full =
          full(
              purchases,
              done ->
                  states.addAll(
                      List.of(
                          NodeState.of("provider", done, seller, provider),
                          NodeState.of("client", done, buyer, client))));
      double rate = full.load().perSecond();
      say.accept("%.0f a second; %d deals at half of that".formatted(rate, plan.atHalfLoad()));
      DealTimes half = half(purchases, rate / 2);

      return new DealsReport(
          plan.size(),
          plan.atOnce(),
          plan.price(),
          each,
          full.load(),
          full.tenths(),
          half.load(),
          states,
          against,
          ratios(rate, against),
          books(each, selling, buying));
    }
  }

  /** Everything that will be bought, in the provider's home. */
  private List<String> offered() throws Exception {
    Path folder = Files.createDirectory(stage.file("content"));
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < plan.all(); i++) {
      Path file = folder.resolve("%07d".formatted(i));
      Digests.fill(file, plan.size(), i);
      paths.add(file.toString());
    }
    try (NodeService service = stage.open(seller)) {
      service.setAsk(
          new Requests.PriceRequest(
              Optional.empty(),
              plan.price(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
      return service
          .importContent(
              new Requests.ImportRequest(paths, false, false, Optional.empty(), Optional.empty()))
          .stream()
          .map(Reports.ImportReport::cid)
          .toList();
    } finally {
      Digests.deleteTree(folder);
    }
  }

  private Map<String, Double> against() throws Exception {
    Map<String, Double> against = new LinkedHashMap<>();
    against.put(
        "durableAppendsPerSecond",
        Figures.rounded(SmallSteps.durableAppends(stage.file("appended"))));
    against.put("tcpRoundTripsPerSecond", Figures.rounded(SmallSteps.roundTrips()));
    return against;
  }

  private static Map<String, Double> ratios(double rate, Map<String, Double> against) {
    Map<String, Double> ratios = new LinkedHashMap<>();
    against.forEach((name, theirs) -> ratios.put(name, Figures.rounded(rate / theirs)));
    return ratios;
  }

  /** Buys. */
  private record Purchases(NodeService client, String provider, List<String> cids) {
    void buy(int number) throws Exception {
      client.retrieve(
          new Requests.RetrieveRequest(
              cids.get(number),
              List.of(provider),
              Optional.empty(),
              false,
              false,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              "bench-" + number),
          progress -> {});
    }
  }

  private interface Look {
    void after(int deals) throws Exception;
  }

  /** So many buyers, each of whom begins the next when its last one is done. */
  private DealTimes full(Purchases purchases, Look look) throws Exception {
    int deals = plan.deals();
    DealTimes times = new DealTimes(deals);
    List<Integer> looks = List.of(Math.max(1, deals / 10), Math.max(1, deals / 2), deals);
    AtomicInteger next = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    try (ExecutorService buyers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < plan.atOnce(); i++) {
        all.add(
            buyers.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < deals; n = next.getAndIncrement()) {
                    long began = Ticker.SYSTEM.nanos();
                    purchases.buy(n);
                    times.note(n, began, Ticker.SYSTEM.nanos());
                    int now = done.incrementAndGet();
                    if (looks.contains(now)) {
                      look.after(now);
                    }
                  }
                  return null;
                }));
      }
      await(all);
    }
    return times;
  }

  /** One after the other in steady time, however long those before take. */
  private DealTimes half(Purchases purchases, double perSecond) throws Exception {
    int deals = plan.atHalfLoad();
    DealTimes times = new DealTimes(deals);
    try (ExecutorService buyers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> all = new ArrayList<>();
      long began = Ticker.SYSTEM.nanos();
      for (int n = 0; n < deals; n++) {
        int number = n;
        long due = began + (long) (n * 1e9 / perSecond);
        Thread.sleep(Duration.ofNanos(Math.max(0, due - Ticker.SYSTEM.nanos())));
        all.add(
            buyers.submit(
                () -> {
                  purchases.buy(plan.deals() + number);
                  times.note(number, due, Ticker.SYSTEM.nanos());
                  return null;
                }));
      }
      await(all);
    }
    return times;
  }

  /** All of them, and then the first failure. */
  private static void await(List<Future<Void>> all) throws Exception {
    for (Future<Void> each : all) {
      each.get();
    }
  }

  /** What both ends say; the last voucher may still be on its way. */
  private DealsReport.Books books(TokenAmount each, NodeService selling, NodeService buying)
      throws Exception {
    TokenAmount due = new TokenAmount(each.value().multiply(BigInteger.valueOf(plan.all())));
    TokenAmount earned = selling.books().earned();
    for (long waited = 0; waited < SETTLING_MILLIS && !earned.equals(due); waited += LOOK_MILLIS) {
      Thread.sleep(LOOK_MILLIS);
      earned = selling.books().earned();
    }
    return new DealsReport.Books(plan.all(), due, buying.books().spent(), earned);
  }
}
