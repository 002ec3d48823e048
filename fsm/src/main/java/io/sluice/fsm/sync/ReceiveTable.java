package io.sluice.fsm.sync;

import static io.sluice.fsm.sync.ReceiveEvent.COMPLETE;
import static io.sluice.fsm.sync.ReceiveEvent.EXPIRE;
import static io.sluice.fsm.sync.ReceiveState.COMPLETED;
import static io.sluice.fsm.sync.ReceiveState.EXPIRED;
import static io.sluice.fsm.sync.ReceiveState.RECEIVING;

import io.sluice.fsm.TransitionTable;
import java.util.EnumSet;

/** Every legal move of a push by dsync, at the node that takes it. */
public final class ReceiveTable {
  private ReceiveTable() {}

  /** The table. */
  public static final TransitionTable<ReceiveState, ReceivedDag, ReceiveInput> TABLE =
      TransitionTable.<ReceiveState, ReceivedDag, ReceiveInput>named("sync", 1, ReceiveEvent.ALL)
          .between(RECEIVING, EnumSet.of(COMPLETED, EXPIRED))
          .storedAs(ReceivedDag.CODEC, ReceiveInput.CODEC)
          .heading("The end")
          .row(RECEIVING, COMPLETE, COMPLETED, ReceivedDag::came)
          .row(RECEIVING, EXPIRE, EXPIRED, ReceivedDag::came)
          .build();
}
