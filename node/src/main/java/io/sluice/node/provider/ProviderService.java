package io.sluice.node.provider;

import static io.sluice.node.provider.Answers.unheard;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.engine.Recovered;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.pricing.PriceList;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.payments.DealRef;
import io.sluice.payments.home.Payments;
import io.sluice.payments.payee.PayeeListener;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Sells content: answers what it costs, decides about proposals, serves blocks while they are paid
 * for, takes payments, and remembers who did not pay.
 *
 * <p>To be put together in this order, so that nothing is received before everything is remembered:
 *
 * <pre>{@code
 * ProviderService provider = new ProviderService(host, blocks, engine, store, payments, prices,
 *     ProviderLimits.DEFAULT, metrics, clock);
 * provider.recordTransfers(records);                     // if wanted
 * provider.recover();                                    // after Payments.start()
 * DataTransfer transfers = DataTransfer.start(host, config, dispatch);   // dispatch leads here
 * provider.serve(transfers);                             // validators and protocol handlers
 * every second, from one thread: provider.tick();
 * }</pre>
 *
 * <p>The {@link PayeeListener} of the payments' setup has to lead to {@link #changed}; the {@link
 * TransferHandler} of the data-transfer endpoint has to hand what initiators say to this object,
 * for which {@link io.sluice.node.transfer.TransferDispatch} is made. {@link Host#onDisconnect} is
 * listened to from here. The engine must not have machines of the provider's table already.
 *
 * <p>Deals are machines named {@code p-<last 8 of the peer id>-<number>}; see {@link
 * io.sluice.fsm.provider.ProviderDeals}. Thread-safe. What is called by peers' threads hands its
 * work to threads of this service.
 */
public final class ProviderService implements TransferHandler, PayeeListener, AutoCloseable {

  private static final Duration DEMAND_AGAIN = Duration.ofSeconds(30);
  private static final Duration UNDECIDED = Duration.ofMinutes(10);

  private final Host host;
  private final ProviderLimits limits;
  private final Clock clock;
  private final Quotes quotes;
  private final Answers answers = new Answers();
  private final DealDesk desk;
  private final DealCourse course;
  private final Proposals proposals;
  private final Vouchers vouchers;
  private Instant lastDemands;

  /**
   * A provider that does nothing yet.
   *
   * @param blocks what there is to serve
   * @param engine runs the deals
   * @param store where the engine keeps them
   * @param payments the money; its payees go into offers
   * @param prices what content costs
   * @param clock the wall clock
   */
  public ProviderService(
      Host host,
      BlockStore blocks,
      Engine engine,
      MachineStore store,
      Payments payments,
      PriceList prices,
      ProviderLimits limits,
      ProviderMetrics metrics,
      Clock clock) {
    this.host = host;
    this.limits = limits;
    this.clock = clock;
    this.quotes = new Quotes(prices, blocks, payments.payee().payees(), limits, metrics, clock);
    this.desk =
        new DealDesk(
            host.id(),
            engine,
            store,
            payments,
            metrics,
            clock,
            (machine, deal, reports) -> carryOn(machine));
    this.course = new DealCourse(desk, answers);
    Judge judge = new Judge(desk, course, blocks, prices, limits);
    Refusals refusals =
        new Refusals(desk, answers, new RefusedDeals(desk, limits.refusalsKept(), clock));
    Admission admission = new Admission(desk, course, blocks, limits, judge, refusals);
    Encores encores = new Encores(desk, course, answers, blocks, limits.restarts());
    this.proposals = new Proposals(desk, limits, admission, refusals, encores, clock);
    this.vouchers = new Vouchers(desk, course, answers, judge, admission, limits);
    this.lastDemands = clock.instant();
    desk.machines()
        .listen(
            applied -> {
              if (applied.event().equals(ProviderEvent.OPENED.name())
                  || applied.event().equals(ProviderEvent.OPENED_FEE_FIRST.name())) {
                vouchers.admitted(applied.machine());
              }
            });
  }

  private void carryOn(MachineId machine) {
    course.look(machine);
  }

  /** Has the course of transfer channels recorded, too; before {@link #recover}. */
  public void recordTransfers(TransferRecords records) {
    desk.recordChannels(new ServedChannels(records));
  }

  /**
   * Takes up the deals of earlier runs: transfers that were under way are gone, so those deals wait
   * for their clients; what was paid meanwhile is noticed.
   */
  public Recovered recover() throws IOException {
    desk.remember();
    return desk.machines().recover();
  }

  /** Begins to answer peers. */
  public void serve(DataTransfer transfers) {
    answers.by(transfers);
    transfers.register(RetrievalNames.PROPOSAL, proposals::decide);
    quotes.serve(host);
    host.onDisconnect(this::onPeerLost);
  }

  /** The deals' machines, for showing them. */
  public Machines<ProviderState, ProviderEvent, ProviderDeal, ProviderInput> deals() {
    return desk.machines();
  }

  /** Begins no more deals; those that run go on, also after a lost connection. */
  public void admitNoMore() {
    proposals.beginNoMore();
  }

  /** How many transfers are under way. */
  public int running() {
    return desk.running();
  }

  /** The name under which a client's deal goes here. */
  public static MachineId idOf(PeerId client, long number) {
    return DealDesk.idOf(client, number);
  }

  /**
   * Ends a deal by the operator's will and tells its client; waits until that is durable.
   *
   * @return false if there is no such deal, or it is over already
   */
  public boolean cancel(MachineId id) {
    Optional<MachineView<ProviderState, ProviderDeal>> view = desk.find(id);
    if (view.isEmpty() || DealDesk.isOver(view.get().state())) {
      return false;
    }
    Optional<Serving> serving = desk.serving(id);
    boolean cancelled = course.cancel(id, "called off by the provider");
    if (cancelled) {
      serving.ifPresentOrElse(
          running -> {
            unheard(running.pull().cancel());
          },
          () -> answers.cancel(desk.channelOf(view.get().data())));
    }
    return cancelled;
  }

  /**
   * Does what time asks for: ends waits that have lasted long enough, and repeats demands that may
   * have been lost. To be called every second or so, from one thread; waits for the journal.
   */
  public void tick() {
    Instant now = clock.instant();
    vouchers.forgetHeld(now);
    desk.watched().forEach((id, deal) -> tick(id, deal, now));
    if (!lastDemands.plus(DEMAND_AGAIN).isAfter(now)) {
      lastDemands = now;
      for (Serving serving : desk.servings()) {
        serving.demandAgain();
        course.lookLater(serving.deal());
      }
    }
  }

  private void tick(MachineId id, DealDesk.Watched deal, Instant now) {
    Duration wait =
        switch (deal.state()) {
          case NEW -> UNDECIDED;
          case AWAITING_OPENING -> limits.openingWait();
          case FUNDS_NEEDED, FINALIZING -> limits.paymentWait();
          case SUSPENDED -> deal.paid() ? limits.parked() : limits.freeWait();
          default -> Duration.ZERO;
        };
    if (!wait.isZero() && !deal.since().plus(wait).isAfter(now)) {
      desk.alone(id, () -> timedOut(id, deal));
    }
  }

  private void timedOut(MachineId id, DealDesk.Watched seen) {
    Optional<MachineView<ProviderState, ProviderDeal>> view = desk.find(id);
    if (view.isEmpty()
        || view.get().state() != seen.state()
        || !view.get().data().since().equals(seen.since())) {
      return;
    }
    ProviderDeal deal = view.get().data();
    long charged = Math.max(deal.charged(), desk.serving(id).map(Serving::charged).orElse(0L));
    switch (seen.state()) {
      case NEW ->
          vouchers.refuseOpening(
              id, seen.channel(), deal, Refusal.of(DealCode.TIMEOUT, "it was never decided about"));
      case AWAITING_OPENING ->
          vouchers.refuseOpening(
              id,
              seen.channel(),
              deal,
              Refusal.of(
                  DealCode.NO_OPENING,
                  "a paid deal needs its opening within "
                      + limits.openingWait().toSeconds()
                      + " s"));
      case FUNDS_NEEDED -> park(id, charged);
      case FINALIZING -> {
        desk.drop(id);
        desk.end(
            id,
            ProviderEvent.SETTLED,
            ProviderEvent.PAYMENT_TIMED_OUT,
            charged,
            DealCode.PAYMENT_TIMEOUT,
            "the last payment did not come");
      }
      case SUSPENDED ->
          desk.end(
              id,
              ProviderEvent.FAILED,
              ProviderEvent.FAILED_OWING,
              charged,
              deal.paid() ? DealCode.PAYMENT_TIMEOUT : DealCode.TIMEOUT,
              "the client did not come back");
      default -> {}
    }
  }

  /**
   * A demand went unanswered: the transfer's room is given back, the deal can be taken up again.
   */
  private void park(MachineId id, long charged) {
    Optional<Serving> serving = desk.serving(id);
    course.suspend(id, charged, DealCode.PAYMENT_TIMEOUT, "a demand for payment went unanswered");
    serving.ifPresent(running -> running.pull().close());
  }

  // what peers say

  @Override
  public void onVoucher(ChannelId channel, TypedVoucher voucher) {
    vouchers.receive(channel, voucher);
  }

  @Override
  public void onCancel(ChannelId channel) {
    desk.dealOf(channel)
        .ifPresent(
            id ->
                desk.later(
                    () -> desk.alone(id, () -> course.cancel(id, "called off by the client"))));
  }

  @Override
  public void onPeerLost(PeerId peer) {
    for (Serving serving : desk.servings()) {
      if (serving.pull().channel().initiator().equals(peer) && serving.abandon()) {
        course.stopped(serving, DealCode.CONNECTION_LOST, "the connection was lost");
      }
    }
  }

  /**
   * A deal's credit, or its room under the deposit, has changed by a ledger event or another deal.
   */
  @Override
  public void changed(DealRef deal) {
    course.lookLater(new MachineId(deal.value()));
  }

  /** Takes no more work. Deals stay as they are; the next start takes them up. */
  @Override
  public void close() {
    desk.close();
  }
}
