package io.sluice.node.transfer;

import io.sluice.fsm.Applied;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.EventSink;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.NotApplied;
import io.sluice.fsm.Step;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.TransitionListener;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.engine.Recovered;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The course of transfer channels, recorded by the state machine that Filecoin's data transfer has,
 * for both roles. A channel is a part of its deal and shares its stripe, so that their events keep
 * their order; the deal decides, the channel records.
 *
 * <p>What a channel records costs its stripe a sync of the journal, so it is little: that it was
 * opened, accepted, restarted, put aside, finished, and how, and how far the data were whenever the
 * deal records that. Windows and vouchers are not recorded again: they stand in the deal's own
 * history, and a sync more for each would slow down every payment.
 *
 * <p>Nobody waits for it: what is sent here becomes durable behind the caller's back, and what the
 * table does not take is counted and dropped. Thread-safe.
 */
public final class TransferRecords {
  private static final Logger LOG = LoggerFactory.getLogger(TransferRecords.class);
  private static final String PART = "transfer";

  private static final Set<TransferStatus> UNANSWERED =
      EnumSet.of(TransferStatus.REQUESTED, TransferStatus.AWAITING_ACCEPTANCE);

  private final Machines<TransferStatus, TransferChannel, TransferInput> machines;
  private final MachineStore store;
  private volatile OwnSteps own = (machine, status, channel, events) -> {};

  /**
   * Channels on that engine, which must have no machines of the transfer table yet.
   *
   * @param store has the channels, and the deals
   */
  public TransferRecords(Engine engine, MachineStore store) {
    this.store = store;
    Map<TransferStatus, Step<TransferChannel, TransferInput>> steps =
        new EnumMap<>(TransferStatus.class);
    for (TransferStatus status : TransferStatus.values()) {
      if (!TransferTable.TABLE.isEnd(status)) {
        steps.put(status, (machine, channel, events) -> step(machine, status, channel, events));
      }
    }
    this.machines = engine.machines(TransferTable.TABLE, steps);
  }

  /** What is to be done for a channel that is no deal's. */
  interface OwnSteps {
    void run(
        MachineId machine,
        TransferStatus status,
        TransferChannel channel,
        EventSink<TransferInput> events);
  }

  /** Who acts for channels that are no deal's; to be said before {@link #recover}. */
  void own(OwnSteps by) {
    own = by;
  }

  private void step(
      MachineId machine,
      TransferStatus status,
      TransferChannel channel,
      EventSink<TransferInput> events) {
    if (isOwn(machine)) {
      own.run(machine, status, channel, events);
    } else if (TransferTable.CLEANUP.contains(status)) {
      // GraphSync has let go of a deal's channel by the time its end is recorded.
      events.send(TransferChannelEvent.CLEANUP_COMPLETE, TransferInput.none());
    }
  }

  /** Whether a channel is no deal's. */
  public static boolean isOwn(MachineId channel) {
    return channel.value().equals(channel.stripeKey());
  }

  /** The live channels that are no deal's. */
  List<MachineView<TransferStatus, TransferChannel>> own() throws IOException {
    List<MachineView<TransferStatus, TransferChannel>> views = new ArrayList<>();
    for (StoredMachine stored : store.live(TransferTable.TABLE.name())) {
      if (isOwn(stored.id())) {
        machines.get(stored.id()).ifPresent(views::add);
      }
    }
    return views;
  }

  /** The name of a deal's channel. */
  public static MachineId idOf(MachineId deal) {
    return deal.part(PART);
  }

  /** A deal's channel comes into being; false if it was there already. */
  public boolean opened(MachineId deal, TransferChannel.ChannelOpening opening) {
    if (find(deal).isPresent()) {
      return false;
    }
    note(machines.start(idOf(deal), TransferChannel.opened(opening)));
    return true;
  }

  private Optional<MachineView<TransferStatus, TransferChannel>> find(MachineId deal) {
    try {
      return machines.get(idOf(deal));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The responder accepts a deal's channel; nothing happens if it did before. */
  public void accepted(MachineId deal) {
    boolean before = find(deal).filter(view -> !UNANSWERED.contains(view.state())).isPresent();
    if (!before) {
      happened(deal, TransferChannelEvent.ACCEPT);
    }
  }

  /** Something happens to a deal's channel. */
  public <X extends TransferInput> void happened(MachineId deal, EventType<X> event, X input) {
    note(machines.send(idOf(deal), event, input));
  }

  /** Something that needs no more words happens to a deal's channel. */
  public void happened(MachineId deal, EventType<TransferInput.NoInput> event) {
    happened(deal, event, TransferInput.none());
  }

  /**
   * Ends what an earlier run left half released, and channels that were left behind when their deal
   * ended; lets those go on that are no deal's.
   */
  public Recovered recover() throws IOException {
    for (StoredMachine channel : store.live(TransferTable.TABLE.name())) {
      if (isOwn(channel.id())) {
        continue;
      }
      MachineId deal = new MachineId(channel.id().stripeKey());
      Optional<StoredMachine> owner = store.load(deal);
      if (owner.isEmpty()) {
        happened(deal, TransferChannelEvent.ERROR, new TransferInput.ErrorText("its deal is gone"));
      } else if (owner.get().ended() || isOver(owner.get())) {
        endWith(deal, shown(owner.get()));
      }
    }
    return machines.recover();
  }

  /** Whether a deal rests, perhaps for ever, but transfers nothing any more. */
  private static boolean isOver(StoredMachine deal) {
    return deal.table().equals(ProviderDeals.TABLE.name())
        && ProviderState.valueOf(deal.state()).isOver();
  }

  private static String shown(StoredMachine deal) {
    TransitionTable<?, ?, ?> table =
        deal.table().equals(ClientDeals.TABLE.name()) ? ClientDeals.TABLE : ProviderDeals.TABLE;
    return table.shown(deal.state(), deal.data());
  }

  private void endWith(MachineId deal, String state) {
    if (state.equals(DealOutcome.COMPLETED.name())) { // both roles call it so
      happened(deal, TransferChannelEvent.COMPLETE);
    } else if (state.equals(DealOutcome.CANCELLED.name())) {
      happened(deal, TransferChannelEvent.CANCEL);
    } else {
      happened(
          deal, TransferChannelEvent.ERROR, new TransferInput.ErrorText("its deal is " + state));
    }
  }

  /** The channels' machines, for showing them. */
  public Machines<TransferStatus, TransferChannel, TransferInput> channels() {
    return machines;
  }

  /** Adds a listener. */
  public void listen(TransitionListener<TransferStatus, TransferChannel> listener) {
    machines.listen(listener);
  }

  static void note(CompletableFuture<Applied<TransferStatus, TransferChannel>> recorded) {
    var unused =
        recorded.exceptionally(
            failure -> {
              if (!(failure instanceof NotApplied)) {
                LOG.debug("a transfer's event is not recorded: {}", failure.toString());
              }
              return null;
            });
  }
}
