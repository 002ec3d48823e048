package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.Applied;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.MachineView;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.payments.payer.PayerSide;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The client's deals: begins them, carries them through, pays, takes them up again.
 *
 * <p>A deal lives in its machine; here is only what one attempt at it needs ({@link
 * TransferAttempt}). Losing all of this, by SIGKILL say, loses nothing: {@link #wake} runs the step
 * of the state that the deal is in, and every step finds out what is already done.
 *
 * <p>Wiring: make it before the transfer endpoint starts, give {@link #handler} to that, then call
 * {@link #attach}.
 */
public final class DealClient implements AutoCloseable {
  private static final String COUNTER = "deal";
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  private final DealStore store;
  private final ClientRuntime runtime;
  private final TransferAttempts attempts;
  private final FinalVouchers finalVouchers;
  private final RefusalRemedies remedies;
  private final DealWatchers watchers = new DealWatchers();
  private final ExclusionLists exclusions;
  private final DealDebts debts;
  private final DealSteps steps;

  /** Deals that this process carries: their steps run, or wait for something that will come. */
  private final Set<MachineId> carried = ConcurrentHashMap.newKeySet();

  /**
   * A client over these parts, none of which it closes.
   *
   * @param self this node's peer id
   */
  public DealClient(
      PeerId self,
      Engine engine,
      BlockStore blocks,
      DealStore store,
      PayerSide payer,
      Clock clock,
      ClientLimits limits,
      ClientMetrics metrics) {
    this(self, engine, blocks, store, payer, clock, Alarms.ofThread(), limits, metrics);
  }

  DealClient(
      PeerId self,
      Engine engine,
      BlockStore blocks,
      DealStore store,
      PayerSide payer,
      Clock clock,
      Alarms alarms,
      ClientLimits limits,
      ClientMetrics metrics) {
    this.store = store;
    this.runtime = new ClientRuntime(self, blocks, payer, clock, alarms, limits, metrics);
    this.attempts = new TransferAttempts(runtime);
    this.finalVouchers = new FinalVouchers(runtime, attempts, new FinalVoucherStore(store));
    this.exclusions = new ExclusionLists(store);
    this.debts = new DealDebts(runtime, store, finalVouchers);
    this.remedies = new RefusalRemedies(runtime, debts);
    this.steps =
        new DealSteps(
            runtime,
            attempts,
            new AttemptReports(),
            finalVouchers,
            debts,
            remedies,
            watchers,
            exclusions);
    runtime.carry(engine.machines(ClientDeals.TABLE, steps.byState()));
    runtime.machines().listen(this::applied);
  }

  /** Starts to work over a transfer endpoint. */
  public void attach(DataTransfer endpoint) {
    runtime.attach(endpoint);
    runtime.every(runtime.limits().watchPeriod(), attempts::watch);
    runtime.every(runtime.limits().longestPause(), finalVouchers::sendOverdue);
  }

  /** Has the course of transfer channels recorded, too; before any deal goes on. */
  public void recordTransfers(TransferRecords records) {
    runtime.machines().listen(new PulledChannels(runtime.self(), records)::applied);
  }

  /** What the transfer endpoint has to tell. */
  public TransferHandler handler() {
    return new Handler();
  }

  // ---- what commands ask for

  /**
   * Begins a deal, or joins one that is under way for the same provider, root and selector; a
   * parked one goes on. The deal is durable when this returns.
   */
  public MachineId begin(DealOrder order) throws IOException, InterruptedException {
    return begin(
        order, LocalContent.of(runtime.blocks(), order.root(), order.selector(), Exclusions.NONE));
  }

  /** As {@link #begin(DealOrder)}, by one who has just looked what is here. */
  MachineId begin(DealOrder order, LocalContent local) throws IOException, InterruptedException {
    Optional<MachineId> same = underWay(order.provider(), order.root(), order.selector());
    if (same.isPresent()) {
      wake(same.get());
      return same.get();
    }
    long number = store.next(COUNTER);
    MachineId id = idOf(number);
    Exclusions left = local.exclusions();
    exclusions.keep(id, left);
    steps.found(id, local);
    carried.add(id);
    runtime.start(id, ClientDeal.decided(number, order, LeftOut.of(left), number, runtime.now()));
    return id;
  }

  /** The name of the deal of that number. */
  static MachineId idOf(long number) {
    return new MachineId("c-" + Long.toUnsignedString(number));
  }

  /** A deal under way for the same, if there is one. */
  public Optional<MachineId> underWay(PeerId provider, Cid root, Node selector) throws IOException {
    for (StoredMachine machine : store.live(ClientDeals.TABLE.name())) {
      ClientDeal deal = ClientDeals.TABLE.data().decode(machine.data());
      if (deal.order().isSameAs(provider, root, selector)) {
        return Optional.of(machine.id());
      }
    }
    return Optional.empty();
  }

  /** Takes a deal up in this process, or goes on with a parked one; one that runs is left alone. */
  public void wake(MachineId id) throws IOException, InterruptedException {
    MachineView<ClientState, ClientDeal> view = view(id);
    if (view.ended() || !carried.add(id)) {
      return;
    }
    try {
      if (view.state() == ClientState.PARKED) {
        runtime.send(
            id,
            ClientEvent.RESUME,
            new ClientInput.Going(runtime.now(), view.data().progress().transfer()));
      } else {
        runtime.send(id, ClientEvent.WAKE, runtime.at());
      }
    } catch (IOException e) {
      carried.remove(id);
      if (!view(id).ended()) {
        throw e;
      }
    }
  }

  /** Takes up every live deal, as a node does when it starts. Deals parked too long are ended. */
  public int wakeAll() throws IOException, InterruptedException {
    int woken = 0;
    for (StoredMachine machine : store.live(ClientDeals.TABLE.name())) {
      boolean parked = machine.state().equals(ClientState.PARKED.name());
      if (parked) {
        if (machine.changed().plus(runtime.limits().parked()).isBefore(runtime.now())) {
          cancel(machine.id());
        }
      } else {
        wake(machine.id());
        woken++;
      }
    }
    sendUnanswered();
    return woken;
  }

  /** Sends the last vouchers that providers have not answered once more. */
  public void sendUnanswered() {
    finalVouchers.sendUnanswered();
  }

  /** Waits a little for these providers to confirm the last vouchers that they have not yet. */
  public void deliver(Set<PeerId> providers, Duration patience) throws InterruptedException {
    finalVouchers.deliver(providers, patience);
  }

  /** Ends a deal at this end: pays for what is verified, tells the provider. */
  public void cancel(MachineId id) throws IOException, InterruptedException {
    runtime.send(
        id,
        ClientEvent.CANCEL,
        runtime.stopped(new DealReason(DealCode.CANCELLED, "called off by the user")));
  }

  /** Pays for what is verified and puts the deal aside. */
  public void parkDeal(MachineId id) throws IOException, InterruptedException {
    runtime.send(
        id,
        ClientEvent.PARK,
        runtime.stopped(new DealReason(DealCode.INTERRUPTED, "put aside by the user")));
  }

  /**
   * Pays what a deal owes by this end's count that is put aside or over, and waits a little for the
   * provider to confirm it.
   *
   * @return what was paid now; empty if the deal runs, and so pays by itself
   */
  public Optional<TokenAmount> pay(MachineId id) throws IOException, InterruptedException {
    MachineView<ClientState, ClientDeal> view = view(id);
    if (view.ended()) {
      return Optional.of(debts.pay(id, view.data()));
    }
    if (view.state() != ClientState.PARKED) {
      return Optional.empty();
    }
    steps.payParked(id, view.data());
    return Optional.of(view(id).data().paid().minus(view.data().paid()));
  }

  /** The deal as it stands. */
  public MachineView<ClientState, ClientDeal> view(MachineId id) throws IOException {
    return runtime.find(id).orElseThrow(() -> new IOException("no deal " + id));
  }

  /**
   * Waits until the deal has ended or is parked; how it ended is absent then.
   *
   * @param progress hears of charged and received bytes, on the thread of the transfer
   */
  public Optional<DealOutcome> await(MachineId id, BiConsumer<Long, Long> progress)
      throws IOException, InterruptedException {
    return watchers.await(id, progress, () -> view(id).data().outcome());
  }

  /** Waits a little for the provider to confirm the last voucher of a deal that has ended. */
  public void awaitAnswer(MachineId id, Duration patience) throws InterruptedException {
    finalVouchers.await(id, patience);
  }

  // ---- what deals and providers report

  private void applied(Applied<ClientState, ClientDeal> applied) {
    MachineId id = applied.machine();
    Optional<DealOutcome> outcome = applied.data().outcome();
    if (applied.started()) {
      runtime.metrics().started(!applied.data().isFree());
    } else if (applied.event().equals(ClientEvent.RETRY.name())) {
      runtime.metrics().retried();
    }
    if (outcome.isPresent() || applied.after() == ClientState.PARKED) {
      carried.remove(id);
    }
    if (outcome.isPresent()) {
      runtime.metrics().ended(outcome.get(), applied.data().reason());
      debts.ended(id, applied.data());
      steps.forget(id);
      remedies.forget(id);
      watchers.ended(id, outcome.get());
      attempts.closeAfter(id, FAREWELL);
      runtime.payments().forget(id);
    }
  }

  /** A deal's last voucher was taken; where that does not pay for all, it is noted what would. */
  private void lastWord(MachineId id, PeerId provider, ProviderAnswer answer) {
    Optional<Long> counted =
        answer
            .result()
            .filter(result -> result.code() == DealCode.UNPAID)
            .flatMap(DealResult::bytes);
    runtime.onWorker(
        () -> {
          if (counted.isPresent()) { // before whoever waits for the answer looks for it
            debts.note(id, provider, counted.get());
          }
          finalVouchers.answered(id);
        });
  }

  @Override
  public void close() {
    attempts.closeAll();
    runtime.close();
  }

  private final class AttemptReports implements TransferAttempt.AttemptListener {
    @Override
    public void progressed(MachineId id, long charged, long received) {
      watchers.progressed(id, charged, received);
    }

    @Override
    public void answered(MachineId id, PeerId provider, ProviderAnswer answer) {
      lastWord(id, provider, answer);
    }

    @Override
    public void refused(RefusedAttempt attempt, MachineId id, ClientDeal deal, DealReason reason) {
      remedies.refused(attempt, id, deal, reason);
    }
  }

  /** Hears what belongs to no attempt. */
  private final class Handler implements TransferHandler {
    @Override
    public void onResponse(ChannelId channel, TransferResponse response) {
      if (!channel.initiator().equals(runtime.self())) {
        return;
      }
      runtime.onWorker(
          () -> {
            Optional<MachineId> deal = dealOf(channel).map(MachineView::id);
            if (deal.isEmpty()) {
              return;
            }
            if (ProviderAnswer.isLastWord(response)) {
              lastWord(deal.get(), channel.responder(), ProviderAnswer.readable(response));
            } else {
              finalVouchers.sendAgain(deal.get());
            }
          });
    }

    @Override
    public void onRestartAsked(ChannelId channel) {
      runtime.onWorker(() -> restartAsked(channel));
    }
  }

  /**
   * The deal that the channel is of. A channel's number is easily guessed, so only the deal's own
   * provider can speak of it.
   */
  Optional<MachineView<ClientState, ClientDeal>> dealOf(ChannelId channel) throws IOException {
    return runtime
        .find(idOf(channel.transfer()))
        .filter(view -> view.data().order().provider().equals(channel.responder()));
  }

  /** The provider wants the deal to go on. One that its user put aside waits for the user. */
  void restartAsked(ChannelId channel) throws IOException, InterruptedException {
    Optional<MachineView<ClientState, ClientDeal>> deal = dealOf(channel);
    if (deal.isPresent() && deal.get().state() != ClientState.PARKED) {
      wake(deal.get().id());
    }
  }
}
