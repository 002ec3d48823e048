package io.sluice.node.transfer;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineExists;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.fsm.transfer.TransferInput.TransferVoucher;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Data transfers that are no deals: pushes and pulls, at either end. Each is a machine of the
 * transfer table, durable before anything is said of it; what this process does for it is a {@link
 * Conversation}, which the machine's steps begin, after a restart as well. Thread-safe.
 *
 * <p>Spec: go-data-transfer v1.15.1, manager; data transfer 1.2.0.
 */
public final class TransferManager implements TransferHandler, AutoCloseable {
  private final PeerId self;
  private final TransferRecords records;
  private final BlockStore blocks;
  private final Receiving receiving;
  private final TransferLimits limits;
  private final Executor workers;
  private final Clock clock;
  private final boolean serving;
  private final AtomicLong numbers;
  private volatile boolean closed;
  private final CompletableFuture<DataTransfer> endpoint = new CompletableFuture<>();
  private final Validators validators = new Validators();
  private final Conversations conversations;
  private final AwaitedEnds awaited;

  /**
   * How a transfer ended.
   *
   * @param status the last one
   * @param message why, where it failed
   */
  public record TransferEnd(TransferStatus status, TransferChannel channel, String message) {}

  /**
   * Makes a manager; {@link #attach} gives it the network.
   *
   * @param blocks what is pushed comes from here
   * @param serving whether all transfers go on that are under way, and pushes of peers are taken;
   *     otherwise only those that {@link #push} or {@link #await} names go on
   */
  public TransferManager(
      PeerId self,
      TransferRecords records,
      BlockStore blocks,
      Receiving receiving,
      TransferLimits limits,
      Executor workers,
      Clock clock,
      boolean serving) {
    this.self = self;
    this.records = records;
    this.blocks = blocks;
    this.receiving = receiving;
    this.limits = limits;
    this.workers = new WorkersUntilClosed(workers);
    this.clock = clock;
    this.serving = serving;
    this.conversations =
        new Conversations(
            records,
            new Conversations.Ends(endpoint::join, blocks, receiving, validators),
            limits,
            this.workers,
            serving);
    // As Go's: from the clock, so that a home set up anew does not use a number twice. Deals count
    // from 1, so the two never meet.
    this.numbers = new AtomicLong(clock.millis() * 1_000_000);
    this.awaited = new AwaitedEnds(records);
    records.own(conversations::step);
  }

  /** The network is there. */
  public void attach(DataTransfer transfers) {
    if (serving) {
      transfers.receivePushes(
          new PushAdmission(
              conversations.admission(), validators, receiving, conversations::arriving));
    }
    endpoint.complete(transfers);
  }

  /**
   * Has transfers judged, both ways, whose opening voucher has a type. Those of peers that go on by
   * themselves after a restart need it before the network is there.
   *
   * @throws IllegalArgumentException if the type has a validator already
   */
  public void validate(String voucherType, TransferValidator by) {
    validators.add(voucherType, by);
    if (serving) {
      var unused =
          endpoint.thenAccept(
              transfers ->
                  transfers.register(
                      voucherType,
                      new PullAdmission(conversations.admission(), by, blocks, clock)));
    }
  }

  // ---- what users ask for

  /**
   * Begins a push, or goes on with the one that is under way for the same.
   *
   * @param voucher why the responder should take it
   * @return the channel's machine, which is durable
   */
  public MachineId push(
      PeerId to, List<Multiaddr> addresses, Cid root, Node selector, TypedVoucher voucher)
      throws IOException {
    return open(to, addresses, false, root, selector, voucher);
  }

  /**
   * Begins a pull, or goes on with the one that is under way for the same. What comes goes into the
   * node's store.
   *
   * @param voucher why the responder should send it
   * @return the channel's machine, which is durable
   */
  public MachineId pull(
      PeerId from, List<Multiaddr> addresses, Cid root, Node selector, TypedVoucher voucher)
      throws IOException {
    return open(from, addresses, true, root, selector, voucher);
  }

  private MachineId open(
      PeerId to,
      List<Multiaddr> addresses,
      boolean pull,
      Cid root,
      Node selector,
      TypedVoucher voucher)
      throws IOException {
    Optional<MachineView<TransferStatus, TransferChannel>> before =
        underWay(to, pull, root, selector);
    if (before.isPresent()) {
      MachineId id = before.get().id();
      conversations.goOn(before.get());
      return id;
    }
    ChannelId channel = new ChannelId(self, to, numbers.incrementAndGet());
    MachineId id = ManagedChannel.idOf(channel, true);
    conversations.opened(id);
    join(
        records
            .channels()
            .start(
                id,
                TransferChannel.opened(
                    new ChannelOpening(channel, true, pull, root, selector, voucher, addresses))));
    return id;
  }

  private Optional<MachineView<TransferStatus, TransferChannel>> underWay(
      PeerId to, boolean pull, Cid root, Node selector) throws IOException {
    for (MachineView<TransferStatus, TransferChannel> view : records.own()) {
      ChannelOpening opening = view.data().opening();
      if (!view.ended()
          && opening.initiated()
          && opening.pull() == pull
          && opening.id().responder().equals(to)
          && opening.root().equals(root)
          && DagCbor.same(opening.selector(), selector)
          && !TransferTable.CLEANUP.contains(view.state())) {
        return Optional.of(view);
      }
    }
    return Optional.empty();
  }

  /** Completes when a transfer has ended; at once if it has. */
  public CompletableFuture<TransferEnd> await(MachineId id) throws IOException {
    return awaited.of(id);
  }

  /** The channel of a machine. */
  public Optional<ChannelId> channel(MachineId id) throws IOException {
    return records.channels().get(id).map(view -> view.data().opening().id());
  }

  /** A transfer, also one that has ended; empty if there is none of that name, or a deal's. */
  public Optional<TransferState> state(MachineId id) throws IOException {
    return TransferRecords.isOwn(id)
        ? records.channels().get(id).map(TransferState::of)
        : Optional.empty();
  }

  /** All transfers that have not ended. */
  public List<TransferState> inProgress() throws IOException {
    return records.own().stream().map(TransferState::of).toList();
  }

  /**
   * Has somebody told of everything that happens to transfers from now on, in the order of each
   * one's events, once it is durable.
   *
   * @param who gets the event's name in the table and what it led to; must not block
   */
  public void subscribe(BiConsumer<String, TransferState> who) {
    records.listen(
        applied -> {
          if (TransferRecords.isOwn(applied.machine())) {
            who.accept(
                applied.event(),
                new TransferState(applied.machine(), applied.after(), applied.data()));
          }
        });
  }

  /**
   * As initiator: gives a further voucher. It is durable when this returns, and is given again
   * whenever the transfer is begun again, also by another process, until the responder goes on: the
   * connection or the responder may be lost before it is judged. So the responder may see it twice.
   *
   * @return completes when it is written, exceptionally after the last attempt failed; then it goes
   *     with the next restart
   * @throws IOException if there is no such transfer of this home's making, or it has ended
   */
  public CompletableFuture<Void> sendVoucher(MachineId id, TypedVoucher voucher)
      throws IOException {
    ChannelOpening opening =
        live(id)
            .map(view -> view.data().opening())
            .filter(ChannelOpening::initiated)
            .orElseThrow(() -> new IOException("no transfer " + id + " to give a voucher for"));
    join(
        records
            .channels()
            .send(id, TransferChannelEvent.NEW_VOUCHER, new TransferVoucher(voucher)));
    CrashPoint.FURTHER_VOUCHER_KEPT.reached();
    return conversations.get(opening.id()) instanceof Initiating running
        ? running.give(voucher)
        : endpoint
            .join()
            .send(
                opening.id().responder(),
                opening.addresses(),
                TransferRequest.voucher(opening.id().transfer(), voucher));
  }

  /** As responder: decides anew about a transfer; false if it has ended, or is not a peer's. */
  public boolean judge(MachineId id, Verdict verdict) throws IOException {
    return respond(id, running -> running.judged(verdict));
  }

  /** As responder: says something to the initiator; false if it has ended, or is not a peer's. */
  public boolean sendResult(MachineId id, TypedVoucher result) throws IOException {
    return respond(id, running -> running.result(result));
  }

  private boolean respond(MachineId id, Consumer<Responding> then) throws IOException {
    Optional<MachineView<TransferStatus, TransferChannel>> view = live(id);
    if (view.isEmpty()
        || !(conversations.get(view.get().data().opening().id()) instanceof Responding running)) {
      return false;
    }
    then.accept(running);
    return true;
  }

  /** How far a transfer is that runs in this process. */
  public Optional<Totals> moved(ChannelId channel) {
    return Optional.ofNullable(conversations.get(channel)).map(Conversation::moved);
  }

  /** Stops the data, at this end; false if it has ended. */
  public boolean pause(MachineId id) throws IOException {
    return decide(
        id,
        TransferChannelEvent.PAUSE_INITIATOR,
        TransferChannelEvent.PAUSE_RESPONDER,
        running -> running.paused(true));
  }

  /** Lets the data flow again, as far as this end is concerned; false if it has ended. */
  public boolean resume(MachineId id) throws IOException {
    return decide(
        id,
        TransferChannelEvent.RESUME_INITIATOR,
        TransferChannelEvent.RESUME_RESPONDER,
        running -> running.paused(false));
  }

  /** Gives a transfer up and tells the other end; false if it has ended. */
  public boolean cancel(MachineId id) throws IOException {
    conversations.want(id); // its cleanup has to run, also where nothing else does
    return decide(id, TransferChannelEvent.CANCEL, TransferChannelEvent.CANCEL, running -> {});
  }

  /** Begins again what stands still; false if it has ended. */
  public boolean restart(MachineId id) throws IOException {
    Optional<MachineView<TransferStatus, TransferChannel>> view = live(id);
    if (view.isEmpty()) {
      return false;
    }
    Conversation running = conversations.get(view.get().data().opening().id());
    if (running == null) {
      conversations.goOn(view.get());
    } else {
      running.restart();
    }
    return true;
  }

  private boolean decide(
      MachineId id,
      EventType<TransferInput.NoInput> asInitiator,
      EventType<TransferInput.NoInput> asResponder,
      Consumer<Conversation> then)
      throws IOException {
    Optional<MachineView<TransferStatus, TransferChannel>> view = live(id);
    if (view.isEmpty()) {
      return false;
    }
    ChannelOpening opening = view.get().data().opening();
    join(
        records
            .channels()
            .send(id, opening.initiated() ? asInitiator : asResponder, TransferInput.none()));
    Conversation running = conversations.get(opening.id());
    if (running != null) {
      then.accept(running);
    }
    return true;
  }

  private Optional<MachineView<TransferStatus, TransferChannel>> live(MachineId id)
      throws IOException {
    return TransferRecords.isOwn(id)
        ? records.channels().get(id).filter(view -> !view.ended())
        : Optional.empty();
  }

  // ---- peers

  /** Whether a channel is one of these, and lives. */
  public boolean has(ChannelId channel) {
    return conversations.has(channel);
  }

  @Override
  public void onVoucher(ChannelId channel, TypedVoucher voucher) {
    if (conversations.get(channel) instanceof Responding running) {
      workers.execute(() -> running.paid(voucher));
    }
  }

  @Override
  public void onUpdate(ChannelId channel, boolean paused) {
    Conversation running = conversations.get(channel);
    if (running != null) {
      running.peerPaused(paused);
    }
  }

  @Override
  public void onCancel(ChannelId channel) {
    find(channel)
        .ifPresent(
            known -> {
              conversations.cancelledByPeer(known.id());
              known.happened(TransferChannelEvent.CANCEL);
            });
  }

  @Override
  public void onResponse(ChannelId channel, TransferResponse response) {
    if (conversations.get(channel) instanceof Initiating running) {
      running.heard(response);
    }
  }

  /** A responder that does not know that it is over, since it was not there, is told once more. */
  @Override
  public void onRestartAsked(ChannelId channel) {
    if (conversations.get(channel) instanceof Initiating running) {
      workers.execute(running::restart);
    } else if (view(channel).filter(TransferManager::isGivenUp).isPresent()) {
      var unused =
          endpoint
              .join()
              .send(channel.responder(), List.of(), TransferRequest.cancel(channel.transfer()))
              .exceptionally(failure -> null);
    }
  }

  /** Whether a channel is one of these, be it over. */
  boolean knows(ChannelId channel) {
    return has(channel) || view(channel).isPresent();
  }

  private static boolean isGivenUp(MachineView<TransferStatus, TransferChannel> view) {
    return view.state() == TransferStatus.CANCELLED || view.state() == TransferStatus.FAILED;
  }

  private Optional<ManagedChannel> find(ChannelId channel) {
    return conversations.has(channel)
        ? view(channel).map(view -> new ManagedChannel(view.id(), view.data().opening(), records))
        : Optional.empty();
  }

  private Optional<MachineView<TransferStatus, TransferChannel>> view(ChannelId channel) {
    try {
      return records
          .channels()
          .get(ManagedChannel.idOf(channel, channel.initiator().equals(self)))
          .filter(view -> view.data().opening().id().equals(channel));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last connection to a peer is gone; must not block. */
  public void disconnected(PeerId peer) {
    if (closed) {
      return;
    }
    conversations.with(self, peer, running -> workers.execute(running::disconnected));
  }

  // ---- time

  /** Looks after what stands still; to be called about every second. */
  public void tick() {
    conversations.tick();
  }

  /** Ends what nothing has happened to for very long; to be called now and then. */
  public void expire() throws IOException {
    for (MachineView<TransferStatus, TransferChannel> view : records.own()) {
      if (!view.ended() && view.changed().plus(limits.expiry()).isBefore(clock.instant())) {
        new ManagedChannel(view.id(), view.data().opening(), records)
            .failed(DealCode.TIMEOUT, "nothing came for " + limits.expiry().toHours() + " h");
      }
    }
  }

  /** Ends what runs without a word; the channels go on with the next start. */
  @Override
  public void close() {
    closed = true;
    endpoint.cancel(false);
  }

  static <T> T join(CompletableFuture<T> decided) throws IOException {
    try {
      return decided.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof MachineExists exists) {
        throw new IOException("the channel has just been opened by another request", exists);
      }
      throw new IOException("the channel cannot be recorded", e);
    }
  }
}
