package io.sluice.node.provider;

import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.ipld.Node;

/** What becomes of a proposal, as far as its deal's record alone can tell. */
sealed interface ProposalDecision {
  /**
   * A deal begins, if content, price and load allow it.
   *
   * @param durable whether a process before this one recorded it, but decided no more
   */
  record Begin(boolean durable) implements ProposalDecision {}

  /** A deal that waited for its opening has it now. */
  record Bind(Node opening) implements ProposalDecision {}

  /** A live deal goes on. */
  record GoOn(ProviderDeal deal, ProviderState state) implements ProposalDecision {}

  /** All was sent before, and may be asked for again. */
  record SendAgain(MachineView<ProviderState, ProviderDeal> deal) implements ProposalDecision {}

  /** No. */
  record Refuse(ProposalRefusal why) implements ProposalDecision {}
}
