package io.sluice.node.sync;

import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.NotApplied;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.sync.ReceiveEvent;
import io.sluice.fsm.sync.ReceiveInput;
import io.sluice.fsm.sync.ReceiveState;
import io.sluice.fsm.sync.ReceiveTable;
import io.sluice.fsm.sync.ReceivedDag;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes as machines of the engine: durable before the sender hears of them, and found again by the
 * next process. Of the manifest the links are not kept, which only hooks are shown. Thread-safe.
 */
public final class ReceiveRecords implements SessionLog {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiveRecords.class);
  private static final String PREFIX = "s-";

  private final Machines<ReceiveState, ReceivedDag, ReceiveInput> machines;
  private final MachineStore store;

  /** Pushes on that engine, which must have no machines of their table yet. */
  public ReceiveRecords(Engine engine, MachineStore store) {
    this.store = store;
    this.machines = engine.machines(ReceiveTable.TABLE, Map.of());
  }

  @Override
  public void begun(ReceiveSession session) throws IOException {
    ReceivedDag dag =
        new ReceivedDag(
            session.caller().name(),
            session.caller().max().isPresent()
                ? Optional.of(session.caller().max().getAsLong())
                : Optional.empty(),
            session.pin(),
            new TreeMap<>(session.meta()),
            session.info().manifest().nodes(),
            session.deadline(),
            0);
    join(machines.start(id(session), dag));
  }

  @Override
  public void completed(ReceiveSession session) throws IOException {
    join(happened(session, ReceiveEvent.COMPLETE));
  }

  @Override
  public void expired(ReceiveSession session) {
    var unused =
        happened(session, ReceiveEvent.EXPIRE)
            .exceptionally(
                failure -> {
                  if (!(failure instanceof NotApplied)) {
                    LOG.debug("the end of a push is not recorded: {}", failure.toString());
                  }
                  return null;
                });
  }

  private CompletableFuture<?> happened(ReceiveSession session, EventType<ReceiveInput> event) {
    return machines.send(id(session), event, new ReceiveInput(Math.max(0, session.arrived())));
  }

  @Override
  public List<ReceiveSession> underWay(Predicate<Cid> has) throws IOException {
    List<ReceiveSession> sessions = new ArrayList<>();
    for (StoredMachine machine : store.live(ReceiveTable.TABLE.name())) {
      ReceivedDag dag = ReceiveTable.TABLE.data().decode(machine.data());
      Manifest manifest = new Manifest(dag.nodes(), List.of());
      SyncCaller caller =
          new SyncCaller(
              dag.from(),
              true,
              false,
              false,
              dag.max().map(OptionalLong::of).orElse(OptionalLong.empty()));
      sessions.add(
          new ReceiveSession(
              machine.id().value().substring(PREFIX.length()),
              caller,
              Info.of(manifest),
              manifest.diff(has),
              dag.pin(),
              dag.meta(),
              dag.deadline()));
    }
    return sessions;
  }

  private static MachineId id(ReceiveSession session) {
    return new MachineId(PREFIX + session.sid());
  }

  private static void join(CompletableFuture<?> decided) throws IOException {
    try {
      decided.join();
    } catch (CompletionException e) {
      throw new IOException("the push cannot be recorded", e);
    }
  }
}
