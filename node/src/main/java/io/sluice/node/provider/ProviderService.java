package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.unheard;

import io.sluice.fsm.Applied;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.engine.Recovered;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.pricing.PriceList;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.payments.DealRef;
import io.sluice.payments.home.Payments;
import io.sluice.payments.payee.PayeeListener;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

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

  private final Host host;
  private final Clock clock;
  private final ClientNotices notices = new ClientNotices();
  private final RunningTransfers transfers = new RunningTransfers();
  private final ServedChannels channels = new ServedChannels();
  private final ProviderRuntime runtime;
  private final LiveDeals live;
  private final DealEndings endings;
  private final DealTimeouts timeouts;
  private final TransferOwner owner;
  private final QueryResponder queries;
  private final CloseResponder closings;
  private final Proposals proposals;
  private final VoucherReceiver vouchers;
  private final MachineStore store;
  private volatile Predicate<PeerId> denied = peer -> false;
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
    this.store = store;
    this.clock = clock;
    this.lastDemands = clock.instant();
    this.runtime = new ProviderRuntime(host.id(), payments, metrics, clock);
    this.live = new LiveDeals(host.id(), metrics);
    this.endings = new DealEndings(runtime, transfers, notices);
    this.timeouts = new DealTimeouts(runtime, transfers, endings, limits);
    this.owner = new TransferOwner(runtime, transfers, endings, notices);
    Stock stock =
        new Stock(
            blocks,
            prices,
            new SelectionSizes(blocks, SelectionSizes.QuoteBounds.DEFAULT, Ticker.SYSTEM));
    ProposalChecks checks = new ProposalChecks(runtime, transfers, stock, limits);
    RefusalSender refusals =
        new RefusalSender(metrics, new RefusedProposals(runtime, limits.refusalsKept()));
    Admission admission =
        new Admission(runtime, transfers, owner, channels, blocks, limits, checks, refusals);
    CompletedRestarts completed =
        new CompletedRestarts(runtime, notices, blocks, limits.restarts());
    this.queries =
        new QueryResponder(
            stock, payments.payee().payees(), limits, metrics, clock, this::isDenied);
    this.closings = new CloseResponder(payments, metrics, clock);
    this.proposals =
        new Proposals(runtime, live, limits, admission, refusals, completed, clock, this::isDenied);
    this.vouchers =
        new VoucherReceiver(runtime, live, transfers, endings, notices, checks, admission, limits);
    runtime.carry(engine, new ProviderSteps(runtime, transfers, endings, notices).byState());
    runtime.machines().listen(live::applied);
    runtime.machines().listen(this::applied);
  }

  private boolean isDenied(PeerId peer) {
    return denied.test(peer);
  }

  private void applied(Applied<ProviderState, ProviderDeal> applied) {
    if (applied.before().isUndecided() && applied.data().money().isPresent()) {
      vouchers.admitted(applied.machine());
    }
    if (applied.event().equals(ProviderEvent.SETTLED.name()) && !applied.data().credit().isZero()) {
      proposals.paidBy(applied.data().order().peer());
      queries.paidBy(applied.data().order().peer());
    }
  }

  /** Has the course of transfer channels recorded, too; before {@link #recover}. */
  public void recordTransfers(TransferRecords records) {
    channels.to(records);
    runtime.machines().listen(channels::applied);
  }

  /**
   * Takes up the deals of earlier runs: transfers that were under way are gone, so those deals wait
   * for their clients; what was paid meanwhile is noticed.
   */
  public Recovered recover() throws IOException {
    for (StoredMachine stored : store.live(ProviderDeals.TABLE.name())) {
      runtime.find(stored.id()).ifPresent(this::remember);
    }
    return runtime.machines().recover();
  }

  /** An account is rebuilt from the payments' records, which do not say how much was charged. */
  private void remember(MachineView<ProviderState, ProviderDeal> deal) {
    live.remember(deal.id(), deal.state(), deal.data());
    runtime.account(deal.id()).ifPresent(account -> account.charged(deal.data().charged()));
  }

  /** Begins to answer peers. */
  public void serve(DataTransfer endpoint) {
    notices.by((peer, message) -> endpoint.send(peer, List.of(), message));
    endpoint.register(RetrievalNames.PROPOSAL, proposals::decide);
    queries.serve(host);
    closings.serve(host);
  }

  /** The deals' machines, for showing them. */
  public Machines<ProviderState, ProviderDeal, ProviderInput> deals() {
    return runtime.machines();
  }

  /** Peers that are served nothing, looked up at each of their questions. */
  public void deny(Predicate<PeerId> peers) {
    denied = peers;
  }

  /** Ends the deals of a peer that is not to be served any more. */
  public void shutOut(PeerId peer) {
    live.forEach(
        (id, deal) -> {
          if (deal.channel().initiator().equals(peer)) {
            cancel(id);
          }
        });
  }

  /** Begins no more deals; those that run go on, also after a lost connection. */
  public void admitNoMore() {
    proposals.beginNoMore();
  }

  /** How many transfers are under way. */
  public int running() {
    return transfers.count();
  }

  /** The name under which a client's deal goes here. */
  public static MachineId idOf(PeerId client, long number) {
    return SaleContext.idOf(client, number);
  }

  /**
   * Ends a deal by the operator's will and tells its client; waits until that is durable.
   *
   * @return false if there is no such deal, or it is over already
   */
  public boolean cancel(MachineId id) {
    Optional<MachineView<ProviderState, ProviderDeal>> view = runtime.find(id);
    if (view.isEmpty() || view.get().state().isOver()) {
      return false;
    }
    Optional<ServedTransfer> transfer = transfers.of(id);
    boolean cancelled = endings.cancel(id, "called off by the provider");
    if (cancelled) {
      transfer.ifPresentOrElse(
          running -> unheard(running.pull().cancel()),
          () -> notices.cancel(runtime.channelOf(view.get().data())));
    }
    return cancelled;
  }

  /**
   * Does what time asks for: ends waits that have lasted long enough, and repeats demands that may
   * have been lost. To be called every second or so, from one thread; waits for the journal.
   */
  public void tick() {
    Instant now = clock.instant();
    vouchers.forgetEarly(now);
    live.forEach((id, deal) -> timeouts.check(id, deal, now));
    if (!lastDemands.plus(DEMAND_AGAIN).isAfter(now)) {
      lastDemands = now;
      for (ServedTransfer transfer : transfers.all()) {
        transfer.demandAgain();
        runtime.lookLater(transfer.deal());
      }
    }
  }

  // what peers say

  @Override
  public void onVoucher(ChannelId channel, TypedVoucher voucher) {
    vouchers.receive(channel, voucher);
  }

  @Override
  public void onCancel(ChannelId channel) {
    live.dealOf(channel)
        .ifPresent(id -> runtime.later(() -> runtime.alone(id, () -> endings.calledOff(id))));
  }

  /**
   * A deal's credit, or its room under the deposit, has changed by a ledger event or another deal.
   */
  @Override
  public void changed(DealRef deal) {
    runtime.lookLater(new MachineId(deal.value()));
  }

  /** Takes no more work. Deals stay as they are; the next start takes them up. */
  @Override
  public void close() {
    runtime.close();
  }
}
