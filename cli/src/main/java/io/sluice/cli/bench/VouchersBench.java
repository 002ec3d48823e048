package io.sluice.cli.bench;

import io.sluice.cli.stage.Stage;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Requests;
import io.sluice.node.client.PriceQuery;
import io.sluice.node.home.Home;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * {@code bench vouchers}: clients in this process pay a provider in another, each for one small
 * block after the other. A voucher is answered by the next block, which the provider sends when the
 * voucher is durable.
 */
final class VouchersBench {
  private static final long BLOCK = 1 << 10;

  /** The smallest that there is. */
  private static final long WINDOW = 64 << 10;

  /** Most blocks that a client may get in a second: there has to be content for all the time. */
  private static final int BLOCKS_A_SECOND = 256;

  private static final TokenAmount PRICE = TokenAmount.of(1 << 20); // a unit for each byte
  private static final long PATIENCE_SECONDS = 60;
  private static final long LOOK_MILLIS = 50;

  private final int many;
  private final int seconds;
  private final OptionalInt rate;
  private final Stage stage;
  private final Consumer<String> say;
  private final SecureRandom random = new SecureRandom();
  private final Home seller;

  private VouchersBench(int many, int seconds, OptionalInt rate, Stage stage, Consumer<String> say)
      throws Exception {
    this.many = many;
    this.seconds = seconds;
    this.rate = rate;
    this.stage = stage;
    this.say = say;
    this.seller = stage.init("provider");
  }

  /**
   * So many clients pay for so many seconds as fast as they can, and for as long at a pace; takes
   * as long as that takes.
   *
   * @param rate the pace: vouchers of all of them in a second; half of what they can if there is
   *     none
   */
  static VouchersReport run(
      int clients, int seconds, OptionalInt rate, Stage stage, Consumer<String> say)
      throws Exception {
    return new VouchersBench(clients, seconds, rate, stage, say).run();
  }

  /** What the provider has used and written until now, and this process for the clients. */
  private record Work(
      ProcessUse provider, ProcessUse clients, double records, double syncs, double bytes) {}

  private VouchersReport run() throws Exception {
    say.accept("setting up the provider");
    Cid root = offered();
    Stage.Node provider = stage.run(seller);
    Map<String, Double> against = against();
    List<PayingClient> clients = new ArrayList<>();
    try (EmbeddedLedger ledger =
        EmbeddedLedger.open(stage.file("ledger"), Clock.systemUTC(), random)) {
      PayingClient.Purchase purchase = purchase(provider, root);
      for (int i = 0; i < many; i++) {
        clients.add(new PayingClient(purchase, ledger, random));
      }
      CompletableFuture<?> failed =
          CompletableFuture.anyOf(
              clients.stream().map(PayingClient::ended).toArray(CompletableFuture[]::new));
      say.accept("%d clients pay for %d s".formatted(many, seconds));
      Work before = work(provider);
      clients.forEach(PayingClient::begin);
      letPay(failed);
      Work after = work(provider);
      int vouchers = clients.stream().mapToInt(client -> client.answered().count()).sum();
      double pace = rate.isPresent() ? rate.getAsInt() : (double) vouchers / seconds / 2;
      if (pace == 0) {
        throw new IOException("no voucher was answered in %d s".formatted(seconds));
      }
      say.accept("and for %d s at %.0f a second".formatted(seconds, pace));
      keep(pace, clients);
      letPay(failed);
      TokenAmount signed = stopped(clients);
      TokenAmount earned = earned(signed);
      DealTimes times = together(clients, PayingClient::answered);
      VouchersReport.Load all = VouchersReport.Load.of(times.load());
      Map<String, Double> ratios = new LinkedHashMap<>();
      against.forEach(
          (name, theirs) -> ratios.put(name, Figures.rounded(all.perSecond() / theirs)));
      return new VouchersReport(
          many,
          all,
          times.tenths().stream().map(VouchersReport.Load::of).toList(),
          Figures.rounded(pace),
          VouchersReport.Load.of(together(clients, PayingClient::answeredAtPace).load()),
          costs(before, after, vouchers),
          against,
          ratios,
          new VouchersReport.Books(signed, earned));
    } finally {
      clients.forEach(PayingClient::close);
    }
  }

  /** A file of many small blocks, in windows that do not grow. */
  private Cid offered() throws Exception {
    Content content = Content.file(stage.file("content"), BLOCK * BLOCKS_A_SECOND * seconds * 2, 1);
    try (NodeService service = stage.open(seller)) {
      service.setAsk(
          new Requests.PriceRequest(
              Optional.empty(),
              PRICE,
              Optional.empty(),
              Optional.of(WINDOW),
              Optional.of(0L),
              Optional.of(WINDOW)));
      return Cid.parse(
          service
              .importContent(
                  new Requests.ImportRequest(
                      List.of(content.path().toString()),
                      false,
                      false,
                      Optional.of(BLOCK),
                      Optional.empty()))
              .getFirst()
              .cid());
    }
  }

  private PayingClient.Purchase purchase(Stage.Node provider, Cid root) throws Exception {
    Multiaddr address = Multiaddr.parse(provider.address());
    try (Host asking = Libp2pHost.start(HostConfig.of(Identity.generate(random)))) {
      Offer offer =
          new PriceQuery(asking)
              .ask(address.peerId().orElseThrow(), List.of(address), root, Optional.empty())
              .offers()
              .getFirst();
      return new PayingClient.Purchase(
          address.peerId().orElseThrow(), List.of(address), root, offer);
    }
  }

  private Map<String, Double> against() throws Exception {
    Map<String, Double> against = new LinkedHashMap<>();
    against.put(
        "durableAppendsPerSecond",
        Figures.rounded(SmallSteps.durableAppends(stage.file("appended"))));
    against.put("signedAndCheckedPerSecond", Figures.rounded(SmallSteps.signedAndChecked(random)));
    against.put("tcpRoundTripsPerSecond", Figures.rounded(SmallSteps.roundTrips()));
    return against;
  }

  /** Nobody ends before it is told to, unless something is wrong. */
  private void letPay(CompletableFuture<?> failed) throws Exception {
    try {
      failed.get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return;
    }
    throw new IOException("a client has come to its end");
  }

  private static DealTimes together(
      List<PayingClient> clients, Function<PayingClient, PayingClient.AnsweredVouchers> answered) {
    return PayingClient.AnsweredVouchers.together(clients.stream().map(answered).toList());
  }

  /** One client in the time between two of the others' each. */
  private void keep(double perSecond, List<PayingClient> clients) {
    long every = (long) (TimeUnit.SECONDS.toNanos(1) * many / perSecond);
    long first = Ticker.SYSTEM.nanos();
    for (int i = 0; i < many; i++) {
      clients.get(i).keep(new PayingClient.Pace(first + every * i / many, every));
    }
  }

  /** What all of them signed, when the last voucher of each was answered. */
  private static TokenAmount stopped(List<PayingClient> clients) throws Exception {
    clients.forEach(PayingClient::stop);
    BigInteger sum = BigInteger.ZERO;
    for (PayingClient client : clients) {
      sum = sum.add(client.ended().get(PATIENCE_SECONDS, TimeUnit.SECONDS).value());
    }
    return new TokenAmount(sum);
  }

  /** What the provider says it earned, when that is what was signed or does not come to it. */
  private TokenAmount earned(TokenAmount signed) throws Exception {
    try (NodeService selling = Stage.remote(seller)) {
      TokenAmount earned = selling.books().earned();
      for (long waited = 0;
          waited < PATIENCE_SECONDS * 1000 && !earned.equals(signed);
          waited += LOOK_MILLIS) {
        Thread.sleep(LOOK_MILLIS);
        earned = selling.books().earned();
      }
      return earned;
    }
  }

  private Work work(Stage.Node provider) throws Exception {
    return new Work(
        ProcessUse.of(provider.process().pid()),
        ProcessUse.of(ProcessHandle.current().pid()),
        shown(NodeMetric.JOURNAL_RECORDS),
        shown(NodeMetric.JOURNAL_SYNCS),
        shown(NodeMetric.JOURNAL_BYTES));
  }

  private double shown(String metric) throws Exception {
    return NodeMetric.read(seller, metric).orElse(Double.NaN);
  }

  private static VouchersReport.Costs costs(Work before, Work after, int vouchers) {
    return new VouchersReport.Costs(
        millis(after.provider().since(before.provider()), vouchers),
        millis(after.clients().since(before.clients()), vouchers),
        Figures.rounded((after.records() - before.records()) / vouchers),
        Figures.rounded((after.syncs() - before.syncs()) / vouchers),
        Figures.rounded((after.bytes() - before.bytes()) / vouchers));
  }

  private static Optional<Double> millis(ProcessUse use, int vouchers) {
    return use.cpuSeconds().map(seconds -> Figures.rounded(seconds * 1000 / vouchers));
  }
}
