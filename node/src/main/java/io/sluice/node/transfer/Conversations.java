package io.sluice.node.transfer;

import io.sluice.fsm.EventSink;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.PeerId;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What runs in this process for transfers that are no deals: a {@link Conversation} for each
 * channel. The machines' steps begin it, after a restart as well; the responder's begins with the
 * peer's request. It ends when its machine's cleanup does. Thread-safe: the steps of a channel come
 * one after the other, messages at any time.
 */
final class Conversations {
  private final TransferRecords records;
  private final Ends ends;
  private final TransferLimits limits;
  private final Executor workers;
  private final boolean serving;
  private final ConcurrentMap<ChannelId, Conversation> running = new ConcurrentHashMap<>();

  /** Those that go on although not all do. */
  private final Set<MachineId> wanted = ConcurrentHashMap.newKeySet();

  /** Those that began in this process, as long as nothing runs for them. */
  private final Set<MachineId> fresh = ConcurrentHashMap.newKeySet();

  private final Set<MachineId> cancelledByPeer = ConcurrentHashMap.newKeySet();

  /**
   * What they go between.
   *
   * @param network once it is there; waits for it
   * @param blocks what is sent comes from here
   * @param receiving where what comes goes
   * @param validators who judges vouchers of peers
   */
  record Ends(
      Supplier<DataTransfer> network,
      BlockStore blocks,
      Receiving receiving,
      Validators validators) {}

  /**
   * None yet.
   *
   * @param serving whether all go on that are under way; otherwise only those that are wanted
   */
  Conversations(
      TransferRecords records,
      Ends ends,
      TransferLimits limits,
      Executor workers,
      boolean serving) {
    this.records = records;
    this.ends = ends;
    this.limits = limits;
    this.workers = workers;
    this.serving = serving;
  }

  /** Who lets peers' requests in. */
  Admission admission() {
    return new Admission(records, limits, fresh, this::taken);
  }

  /** A channel is about to be opened here: its peer cannot know of it. */
  void opened(MachineId id) {
    want(id);
    fresh.add(id);
  }

  /** A channel goes on in this process, whatever others do. */
  void want(MachineId id) {
    wanted.add(id);
  }

  /** The same, and begins what it has to do. */
  void goOn(MachineView<TransferStatus, TransferChannel> view) {
    want(view.id());
    step(view.id(), view.state(), view.data());
  }

  /** The peer gave a channel up, so it need not be told. */
  void cancelledByPeer(MachineId id) {
    cancelledByPeer.add(id);
  }

  /** What runs for a channel, if something does. */
  @Nullable Conversation get(ChannelId channel) {
    return running.get(channel);
  }

  /** Whether something runs for a channel. */
  boolean has(ChannelId channel) {
    return running.containsKey(channel);
  }

  /** Looks after what stands still. */
  void tick() {
    running.values().forEach(Conversation::tick);
  }

  /** Shows those with a peer. */
  void with(PeerId self, PeerId peer, Consumer<Conversation> visitor) {
    running.forEach(
        (channel, each) -> {
          if (channel.other(self).equals(peer)) {
            visitor.accept(each);
          }
        });
  }

  /** Does what a channel has to do on entering a state. */
  void step(
      MachineId id, TransferStatus status, TransferChannel data, EventSink<TransferInput> events) {
    switch (status) {
      case COMPLETING -> {
        conversation(id, data, status).complete();
        release(id, data, events);
      }
      case FAILING -> {
        conversation(id, data, status).giveUp(true);
        release(id, data, events);
      }
      case CANCELLING -> {
        conversation(id, data, status).giveUp(!cancelledByPeer.remove(id));
        release(id, data, events);
      }
      default -> step(id, status, data);
    }
  }

  private void release(MachineId id, TransferChannel data, EventSink<TransferInput> events) {
    running.remove(data.opening().id());
    wanted.remove(id);
    events.send(TransferChannelEvent.CLEANUP_COMPLETE, TransferInput.none());
  }

  /** Begins what has to run for a live channel, unless it runs already. */
  private void step(MachineId id, TransferStatus status, TransferChannel data) {
    ChannelId channel = data.opening().id();
    boolean goesOn = serving || wanted.contains(id);
    boolean begun = !data.opening().initiated() && fresh.contains(id); // by its request
    if (!goesOn || begun || running.containsKey(channel)) {
      return;
    }
    Conversation made = make(id, data, status);
    if (running.putIfAbsent(channel, made) == null) {
      made.begin(data);
    }
  }

  private Conversation conversation(MachineId id, TransferChannel data, TransferStatus status) {
    Conversation known = running.get(data.opening().id());
    return known == null ? make(id, data, status) : known;
  }

  private Conversation make(MachineId id, TransferChannel data, TransferStatus status) {
    ChannelOpening opening = data.opening();
    ManagedChannel channel = new ManagedChannel(id, opening, records);
    DataTransfer transfers = ends.network().get();
    if (!opening.initiated()) {
      Optional<TransferValidator> by = ends.validators().of(opening.voucher().type());
      return opening.pull()
          ? new GrantedPull(channel, transfers, by, ends.blocks(), limits, workers)
          : new TakenPush(
              channel, transfers, by, ends.receiving(), limits, workers, this::arriving);
    }
    Initiating initiating =
        opening.pull()
            ? new OpenedPull(channel, transfers, ends.receiving(), limits, workers, Ticker.SYSTEM)
            : new SentPush(channel, transfers, ends.blocks(), limits, workers, Ticker.SYSTEM);
    if (!fresh.remove(id)) {
      initiating.wasOffered(status);
    }
    return initiating;
  }

  /** What runs for a channel that a peer opened; begins with its request. */
  private Conversation taken(MachineView<TransferStatus, TransferChannel> view) {
    return running.computeIfAbsent(
        view.data().opening().id(), channel -> make(view.id(), view.data(), view.state()));
  }

  /** Bytes of pushes that are not complete yet. */
  long arriving() {
    return running.values().stream().mapToLong(Conversation::arriving).sum();
  }
}
