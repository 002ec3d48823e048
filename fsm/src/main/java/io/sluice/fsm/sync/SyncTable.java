package io.sluice.fsm.sync;

import static io.sluice.fsm.sync.SyncEvent.EPOCH_CHANGED;
import static io.sluice.fsm.sync.SyncEvent.FOLLOWED;
import static io.sluice.fsm.sync.SyncEvent.PAGE_DONE;
import static io.sluice.fsm.sync.SyncEvent.PAUSE;
import static io.sluice.fsm.sync.SyncEvent.REMOVE;
import static io.sluice.fsm.sync.SyncEvent.RESUME;
import static io.sluice.fsm.sync.SyncEvent.SET_BACK;
import static io.sluice.fsm.sync.SyncState.ACTIVE;
import static io.sluice.fsm.sync.SyncState.PAUSED;
import static io.sluice.fsm.sync.SyncState.REMOVED;

import io.sluice.fsm.Recorder;
import io.sluice.fsm.TransitionTable;
import java.util.EnumSet;

/** Every legal move of a sync with a neighbour, at the node that pulls. */
public final class SyncTable {
  private SyncTable() {}

  private static final Recorder<NeighbourSync, SyncInput> KEEP = Recorder.unchanged();

  /** The table. */
  public static final TransitionTable<SyncState, NeighbourSync, SyncInput> TABLE =
      TransitionTable.<SyncState, NeighbourSync, SyncInput>named("pullsync", 1, SyncEvent.ALL)
          .between(ACTIVE, EnumSet.of(REMOVED))
          .storedAs(NeighbourSync.CODEC, SyncInput.CODEC)
          .heading("Pulling; what was under way when a pause began still counts")
          .recordInAnyLive(PAGE_DONE, NeighbourSync::pageDone)
          .recordInAnyLive(EPOCH_CHANGED, NeighbourSync::numberedAnew)
          .recordInAnyLive(SET_BACK, NeighbourSync::setBack)
          .recordInAnyLive(FOLLOWED, NeighbourSync::followedBy)
          .heading("The operator")
          .row(ACTIVE, PAUSE, PAUSED, KEEP)
          .record(PAUSED, PAUSE, KEEP)
          .row(PAUSED, RESUME, ACTIVE, KEEP)
          .again(ACTIVE, RESUME, KEEP)
          .fromAnyLive(REMOVE, REMOVED, KEEP)
          .build();
}
