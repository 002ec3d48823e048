package io.sluice.cli.bench;

import io.sluice.cli.stage.Stage;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Requests;
import io.sluice.node.home.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * {@code bench retrieve}: clients fetch from one provider, run after run, each time with homes that
 * have nothing yet. In each run stands, beside ours, what it is measured against, so that a machine
 * that gets slower does so for all.
 */
final class RetrieveBench {
  /** Yardsticks do this much before they count: compilers are no part of them. */
  private static final long WARM_UP = 64L << 20;

  private final RetrievePlan plan;
  private final Stage stage;
  private final Consumer<String> say;
  private final List<Contestant> contestants = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();

  /** What the clients fetch, and what warm ones have fetched before. */
  private Offer offer = new Offer("", 0);

  private Offer before = offer;

  private RetrieveBench(RetrievePlan plan, Stage stage, Consumer<String> say) {
    this.plan = plan;
    this.stage = stage;
    this.say = say;
  }

  /** Content that the provider has. */
  private record Offer(String cid, long bytes) {}

  /** Does what the plan says on that stage; takes as long as that takes. */
  static BenchReport run(RetrievePlan plan, Stage stage, Consumer<String> say) throws Exception {
    RetrieveBench bench = new RetrieveBench(plan, stage, say);
    try {
      return bench.run();
    } finally {
      bench.peers.forEach(Peer::close);
    }
  }

  private BenchReport run() throws Exception {
    say.accept("setting up the provider");
    Content content = Content.make(stage.file("content"), plan, 1);
    Home home = provider(content);
    Stage.Node node = stage.run(home);
    Peer provider = wired(node);
    contestants.add(new Contestant("sluice", () -> buy(provider, home)));
    if (plan.gopeer().isPresent()) {
      addGo(new GoPeer(stage, plan.gopeer().get()), provider);
    }
    addYardsticks(content);
    for (int run = 1; run <= plan.runs(); run++) {
      say.accept("run %d of %d".formatted(run, plan.runs()));
      for (Contestant contestant : contestants) {
        contestant.run(say);
      }
    }
    Figures ours = contestants.getFirst().median();
    if (provider.relay().isEmpty()) {
      say.accept("counting bytes on the wire");
      try (Peer counted = Peer.behind(node, Duration.ZERO)) {
        retrieve(counted, plan.warm()).get(Figure.WIRE).ifPresent(it -> ours.with(Figure.WIRE, it));
      }
    }
    return report(ours);
  }

  /** The provider's home, with everything that is fetched. */
  private Home provider(Content content) throws Exception {
    Home home = stage.init("provider");
    try (NodeService service = stage.open(home)) {
      service.setAsk(
          new Requests.PriceRequest(
              Optional.empty(),
              plan.price(),
              Optional.empty(),
              plan.interval(),
              plan.interval().map(fixed -> 0L),
              plan.interval()));
      offer = offered(service, content);
      if (plan.warm()) {
        before = offered(service, Content.make(stage.file("before"), plan, 2));
      }
      if (plan.gopeer().isPresent()) {
        service.exportContent(
            new Requests.ExportRequest(
                offer.cid(), stage.file("content.car").toString(), true, false));
      }
    }
    return home;
  }

  private Offer offered(NodeService service, Content content) throws Exception {
    List<String> paths = List.of(content.path().toString());
    String cid =
        service
            .importContent(
                new Requests.ImportRequest(paths, false, false, plan.chunk(), Optional.empty()))
            .getFirst()
            .cid();
    return new Offer(cid, content.bytes());
  }

  private Peer wired(Stage.Node node) throws IOException {
    Peer peer =
        plan.rttMillis() > 0
            ? Peer.behind(node, Duration.ofMillis(plan.rttMillis()))
            : Peer.direct(node);
    peers.add(peer);
    return peer;
  }

  /** From our own provider, which tells how long it waited for money. */
  private Figures buy(Peer provider, Home home) throws Exception {
    if (plan.price().isZero()) {
      return retrieve(provider, plan.warm());
    }
    double before = waits(home);
    Figures figures = retrieve(provider, plan.warm());
    return figures.with(Figure.STALLED, waits(home) - before);
  }

  private static double waits(Home provider) throws Exception {
    return NodeMetric.read(provider, NodeMetric.GATE_WAITS_SECONDS).orElse(Double.NaN);
  }

  private Figures retrieve(Peer provider, boolean warm) throws Exception {
    try (SluiceClients clients =
        SluiceClients.make(stage, plan.clients(), !plan.price().isZero())) {
      if (warm) {
        clients.warm(before.cid(), provider);
      }
      return clients.fetch(offer.cid(), offer.bytes(), provider);
    }
  }

  /** Go from Go, and both ways between Go and us where nothing has to be paid. */
  private void addGo(GoPeer go, Peer provider) throws Exception {
    Peer theirs = wired(go.provide(stage.file("content.car")));
    contestants.add(
        new Contestant(
            BenchReport.OF_OTHERS,
            () -> go.fetch(offer.cid(), offer.bytes(), theirs, plan.clients())));
    if (plan.price().isZero()) {
      contestants.add(
          new Contestant(
              "gopeer from sluice",
              () -> go.fetch(offer.cid(), offer.bytes(), provider, plan.clients())));
      contestants.add(new Contestant("sluice from gopeer", () -> retrieve(theirs, false)));
    }
  }

  private void addYardsticks(Content content) throws Exception {
    Path plain = content.path();
    if (!Files.isRegularFile(plain)) {
      plain = Content.file(stage.file("plain"), content.bytes(), 1).path();
    }
    for (Yardstick yardstick :
        List.of(
            Loopback.tcp(),
            Loopback.tls(SelfSigned.context(stage.file("tls.p12"))),
            new HashAlone(),
            new HttpDownload(plain, stage.file("downloaded")))) {
      yardstick.nanos(Math.min(WARM_UP, content.bytes()));
      contestants.add(Contestant.of(yardstick, content.bytes()));
    }
  }

  private BenchReport report(Figures ours) {
    List<BenchReport.Measured> measured = new ArrayList<>();
    measured.add(contestants.getFirst().measured(ours, new Figures()));
    for (Contestant other : contestants.subList(1, contestants.size())) {
      measured.add(other.measured(other.median(), ours.over(other.median())));
    }
    return new BenchReport(
        offer.bytes(),
        Math.max(1, plan.smallFiles()),
        plan.clients(),
        plan.price(),
        plan.interval(),
        plan.rttMillis(),
        plan.warm(),
        measured);
  }
}
