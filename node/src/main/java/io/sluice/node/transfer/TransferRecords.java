package io.sluice.node.transfer;

import io.sluice.fsm.Applied;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.NotApplied;
import io.sluice.fsm.Step;
import io.sluice.fsm.TransitionListener;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.engine.Recovered;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.protocol.datatransfer.TransferEvent;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The course of transfer channels, recorded by the state machine that Filecoin's data transfer has,
 * for both roles. A channel is a part of its deal and shares its stripe, so that their events keep
 * their order; the deal decides, the channel records.
 *
 * <p>Nobody waits for it: what is sent here becomes durable behind the caller's back, and what the
 * table does not take is counted and dropped. Thread-safe.
 */
public final class TransferRecords {

  private static final Logger LOG = LoggerFactory.getLogger(TransferRecords.class);
  private static final String PART = "transfer";

  private final Machines<TransferStatus, TransferEvent, TransferChannel, TransferInput> machines;

  /** Channels on that engine, which must have no machines of the transfer table yet. */
  public TransferRecords(Engine engine) {
    // GraphSync has let go of a channel by the time its end is recorded: nothing is left to
    // release.
    Step<TransferEvent, TransferChannel, TransferInput> release =
        (machine, channel, reports) ->
            reports.send(TransferEvent.CLEANUP_COMPLETE, TransferInput.nothing());
    Map<TransferStatus, Step<TransferEvent, TransferChannel, TransferInput>> steps =
        new EnumMap<>(TransferStatus.class);
    TransferTable.CLEANUP.forEach(status -> steps.put(status, release));
    this.machines = engine.machines(TransferTable.TABLE, steps);
  }

  /** The name of a deal's channel. */
  public static MachineId idOf(MachineId deal) {
    return deal.part(PART);
  }

  /** A deal's channel comes into being. */
  public void opened(MachineId deal, TransferChannel.Opening opening) {
    note(machines.start(idOf(deal), TransferChannel.opened(opening)));
  }

  /** Something happens to a deal's channel. */
  public void happened(MachineId deal, TransferEvent event, TransferInput input) {
    note(machines.send(idOf(deal), event, input));
  }

  /** Something that needs no more words happens to a deal's channel. */
  public void happened(MachineId deal, TransferEvent event) {
    happened(deal, event, TransferInput.nothing());
  }

  /** Ends what an earlier run left half released. */
  public Recovered recover() throws IOException {
    return machines.recover();
  }

  /** The channels' machines, for showing them. */
  public Machines<TransferStatus, TransferEvent, TransferChannel, TransferInput> channels() {
    return machines;
  }

  /** Adds a listener. */
  public void listen(TransitionListener<TransferStatus, TransferChannel> listener) {
    machines.listen(listener);
  }

  private static void note(CompletableFuture<Applied<TransferStatus, TransferChannel>> recorded) {
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
