package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.Applied;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.MachineView;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.payments.payer.PayerSide;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
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
 * <p>A deal lives in its machine; here is only what one attempt at it needs ({@link Conversation}).
 * Losing all of this, by SIGKILL say, loses nothing: {@link #wake} runs the step of the state that
 * the deal is in, and every step finds out what is already done.
 *
 * <p>Wiring: make it before the transfer endpoint starts, give {@link #handler} to that, then call
 * {@link #attach}.
 */
public final class DealClient implements AutoCloseable {
  private static final String COUNTER = "deal";
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  private final DealStore store;
  private final ClientDesk desk;
  private final Conversations conversations;
  private final LastWords lastWords;
  private final Mending mending;
  private final Onlookers onlookers = new Onlookers();
  private final LeftOutLists leftOut;

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
    this.store = store;
    this.desk = new ClientDesk(self, blocks, payer, clock, limits, metrics);
    this.conversations = new Conversations(desk);
    this.lastWords = new LastWords(desk, conversations, store);
    this.mending = new Mending(desk);
    this.leftOut = new LeftOutLists(store);
    DealSteps steps =
        new DealSteps(desk, conversations, new Hearing(), lastWords, mending, onlookers, leftOut);
    desk.carry(engine.machines(ClientDeals.TABLE, steps.byState()));
    desk.machines().listen(this::applied);
  }

  /** Starts to work over a transfer endpoint. */
  public void attach(DataTransfer endpoint) {
    desk.attach(endpoint);
    desk.every(desk.limits().watchPeriod(), conversations::watch);
    desk.every(desk.limits().longestPause(), lastWords::sendOverdue);
  }

  /** Has the course of transfer channels recorded, too; before any deal goes on. */
  public void recordTransfers(TransferRecords records) {
    desk.machines().listen(new PulledChannels(desk.self(), records)::applied);
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
  public MachineId begin(Wish wish) throws IOException, InterruptedException {
    Optional<MachineId> same = underWay(wish.provider(), wish.root(), wish.selector());
    if (same.isPresent()) {
      wake(same.get());
      return same.get();
    }
    LocalPart local = LocalPart.of(desk.blocks(), wish.root(), wish.selector(), Exclusions.NONE);
    long number = store.next(COUNTER);
    MachineId id = new MachineId("c-" + number);
    Exclusions left = local.exclusions();
    leftOut.keep(id, left);
    ClientDeal deal =
        ClientDeal.decided(
            wish.provider(),
            wish.addresses(),
            number,
            wish.root(),
            wish.selector(),
            number,
            LeftOut.of(left),
            wish.offer(),
            wish.budget(),
            desk.now());
    carried.add(id);
    desk.start(id, deal);
    return id;
  }

  /** A deal under way for the same, if there is one. */
  public Optional<MachineId> underWay(PeerId provider, Cid root, Node selector) throws IOException {
    for (StoredMachine machine : store.live(ClientDeals.TABLE.name())) {
      ClientDeal deal = ClientDeals.TABLE.data().decode(machine.data());
      if (deal.provider().equals(provider)
          && deal.root().equals(root)
          && deal.selector().equals(selector)) {
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
        desk.send(
            id, ClientEvent.RESUME, new ClientInput.Going(desk.now(), view.data().transfer()));
      } else {
        desk.send(id, ClientEvent.WAKE, new ClientInput.At(desk.now()));
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
        if (machine.changed().plus(desk.limits().parked()).isBefore(desk.now())) {
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
    lastWords.sendUnanswered();
  }

  /** Waits a little for these providers to confirm the last vouchers that they have not yet. */
  public void deliver(Set<PeerId> providers, Duration patience) throws InterruptedException {
    lastWords.deliver(providers, patience);
  }

  /** Ends a deal at this end: pays for what is verified, tells the provider. */
  public void cancel(MachineId id) throws IOException, InterruptedException {
    desk.send(id, ClientEvent.CANCEL, desk.stopped(DealCode.CANCELLED, "called off by the user"));
  }

  /** Pays for what is verified and puts the deal aside. */
  public void parkDeal(MachineId id) throws IOException, InterruptedException {
    desk.send(id, ClientEvent.PARK, desk.stopped(DealCode.INTERRUPTED, "put aside by the user"));
  }

  /** The deal as it stands. */
  public MachineView<ClientState, ClientDeal> view(MachineId id) throws IOException {
    return desk.view(id);
  }

  /**
   * Waits until the deal has ended or is parked.
   *
   * @param progress hears of charged and received bytes, on the thread of the transfer
   */
  public ClientState await(MachineId id, BiConsumer<Long, Long> progress)
      throws IOException, InterruptedException {
    return onlookers.await(
        id,
        progress,
        () -> Optional.of(view(id)).filter(MachineView::ended).map(MachineView::state));
  }

  /** Waits a little for the provider to confirm the last voucher of a deal that has ended. */
  public void awaitAnswer(MachineId id, Duration patience) throws InterruptedException {
    lastWords.await(id, patience);
  }

  // ---- what deals and providers report

  private void applied(Applied<ClientState, ClientDeal> applied) {
    MachineId id = applied.machine();
    boolean ended = ClientDeals.TABLE.isEnd(applied.after());
    if (applied.started()) {
      desk.metrics().started(!applied.data().isFree());
    } else if (applied.event().equals(ClientEvent.RETRY.name())) {
      desk.metrics().retried();
    }
    if (ended || applied.after() == ClientState.PARKED) {
      carried.remove(id);
    }
    if (ended) {
      desk.metrics().ended(applied.after(), applied.data().reason());
      mending.forget(id);
      onlookers.ended(id, applied.after());
      conversations.closeAfter(id, FAREWELL);
      desk.money().forget(id);
    }
  }

  @Override
  public void close() {
    conversations.closeAll();
    desk.close();
  }

  private final class Hearing implements Conversation.Hearer {
    @Override
    public void progressed(MachineId id, long charged, long received) {
      onlookers.progressed(id, charged, received);
    }

    @Override
    public void answered(MachineId id) {
      lastWords.answered(id);
    }

    @Override
    public void refused(Conversation conversation, MachineId id, ClientDeal deal, Reason reason) {
      mending.refused(conversation, id, deal, reason);
    }
  }

  /** Hears what belongs to no conversation. */
  private final class Handler implements TransferHandler {
    @Override
    public void onResponse(ChannelId channel, TransferResponse response) {
      if (!channel.initiator().equals(desk.self())) {
        return;
      }
      MachineId id = new MachineId("c-" + Long.toUnsignedString(channel.transfer()));
      boolean done = response.type() == MessageType.COMPLETE && !response.paused();
      // One that is accepted and paused asks for more.
      boolean taken =
          response.type() == MessageType.VOUCHER_RESULT
              && response.accepted()
              && !response.paused();
      if (done || taken) {
        lastWords.answered(id);
      } else {
        desk.onWorker(() -> lastWords.sendAgain(id));
      }
    }

    @Override
    public void onRestartAsked(ChannelId channel) {
      desk.onWorker(() -> wake(new MachineId("c-" + Long.toUnsignedString(channel.transfer()))));
    }

    @Override
    public void onPeerLost(PeerId peer) {}
  }
}
