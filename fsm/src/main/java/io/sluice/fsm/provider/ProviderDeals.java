package io.sluice.fsm.provider;

import static io.sluice.fsm.provider.ProviderEvent.*;
import static io.sluice.fsm.provider.ProviderState.*;
import static io.sluice.fsm.provider.ProviderState.ENDED;
import static io.sluice.fsm.provider.ProviderState.SUSPENDED;

import io.sluice.fsm.Recorder;
import io.sluice.fsm.TransitionTable;
import java.util.EnumSet;
import java.util.Set;

/**
 * The provider's deal: every legal move.
 *
 * <pre>
 * proposal ──▶ NEW ──▶ SERVING ◀──▶ FUNDS_NEEDED      blocks flow while they are paid for
 *                         │  ▲            │
 *                         │  └─ SUSPENDED ◀┘          connection lost, or payment late
 *                         ▼
 *                     FINALIZING ──▶ ENDED            the last payment
 *                         └──▶ UNPAID ──▶ ENDED       should it come after all
 * </pre>
 *
 * <p>How a deal ended is in the deal. One that leaves something unpaid rests in a state of its own,
 * which is not an end: a payment is taken there for as long as the record is kept.
 */
public final class ProviderDeals {
  private static final Set<ProviderState> FLOWING = EnumSet.of(SERVING, FUNDS_NEEDED);
  private static final Set<ProviderState> ADMITTED_AND_LIVE =
      EnumSet.of(SERVING, FUNDS_NEEDED, FINALIZING, SUSPENDED);
  private static final Set<ProviderState> ASKED_FOR = EnumSet.of(NEW, AWAITING_OPENING);

  /** The table. */
  public static final TransitionTable<ProviderState, ProviderDeal, ProviderInput> TABLE = table();

  private ProviderDeals() {}

  private static TransitionTable<ProviderState, ProviderDeal, ProviderInput> table() {
    return TransitionTable.<ProviderState, ProviderDeal, ProviderInput>named(
            "provider-deal", 2, ProviderEvent.ALL)
        .between(NEW, EnumSet.of(ENDED))
        .storedAs(ProviderDeal.CODEC, ProviderInputCodec.CODEC)
        .shownAs((state, deal) -> deal.stateShown(state))
        .heading("agreeing")
        .row(NEW, ADMITTED, SERVING, ProviderDeal::moved)
        .row(NEW, OPENING_MISSING, AWAITING_OPENING, ProviderDeal::moved)
        .row(ASKED_FOR, OPENED, SERVING, ProviderDeal::opened)
        .row(ASKED_FOR, OPENED_FEE_FIRST, FUNDS_NEEDED, ProviderDeal::opened)
        .row(ASKED_FOR, REFUSED, ENDED, ProviderDeal::refused)
        .record(AWAITING_OPENING, RESTARTED, ProviderDeal::restarted)
        .record(AWAITING_OPENING, ProviderEvent.SUSPENDED, ProviderDeal::stopped)
        .heading("data against payment")
        .record(ADMITTED_AND_LIVE, PROGRESS, ProviderDeal::progressed)
        .row(SERVING, GATE_CLOSED, FUNDS_NEEDED, ProviderDeal::sent)
        .again(FUNDS_NEEDED, GATE_CLOSED, ProviderDeal::sent)
        .row(FUNDS_NEEDED, GATE_OPENED, SERVING, ProviderDeal::moved)
        .record(SERVING, GATE_OPENED, Recorder.unchanged())
        .record(SERVING, PAID, ProviderDeal::credited)
        .again(FUNDS_NEEDED, PAID, ProviderDeal::credited)
        .record(SUSPENDED, PAID, ProviderDeal::credited)
        .heading("the end")
        .row(FLOWING, ALL_SENT, FINALIZING, ProviderDeal::sent)
        .row(SUSPENDED, ALL_SENT, FINALIZING, ProviderDeal::sent)
        .again(FINALIZING, PAID, ProviderDeal::credited)
        .row(FINALIZING, SETTLED, ENDED, ProviderDeal::settled)
        .heading("standing still")
        .row(FLOWING, ProviderEvent.SUSPENDED, SUSPENDED, ProviderDeal::stopped)
        .record(FINALIZING, ProviderEvent.SUSPENDED, ProviderDeal::stopped)
        .record(SERVING, RESTARTED, ProviderDeal::restarted)
        .row(FUNDS_NEEDED, RESTARTED, SERVING, ProviderDeal::restarted)
        .row(FINALIZING, RESTARTED, SERVING, ProviderDeal::restarted)
        .row(SUSPENDED, RESTARTED, SERVING, ProviderDeal::restarted)
        .heading("ending otherwise")
        .row(ASKED_FOR, ProviderEvent.ENDED, ENDED, ProviderDeal::ended)
        .row(ADMITTED_AND_LIVE, ProviderEvent.ENDED, ENDED, ProviderDeal::ended)
        .row(ADMITTED_AND_LIVE, ENDED_OWING, UNPAID, ProviderDeal::ended)
        .heading("paid late")
        .again(UNPAID, PAID, ProviderDeal::credited)
        .row(UNPAID, SETTLED, ENDED, ProviderDeal::settled)
        .build();
  }
}
