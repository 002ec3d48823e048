package io.sluice.fsm.client;

import static io.sluice.fsm.DealOutcome.CANCELLED;
import static io.sluice.fsm.DealOutcome.COMPLETED;
import static io.sluice.fsm.DealOutcome.FAILED;
import static io.sluice.fsm.DealOutcome.REJECTED;
import static io.sluice.fsm.client.ClientEvent.*;
import static io.sluice.fsm.client.ClientState.*;

import io.sluice.fsm.Recorder;
import io.sluice.fsm.TransitionTable;
import java.util.EnumSet;
import java.util.Set;

/**
 * The client's deal: every legal move.
 *
 * <pre>
 * decided ──▶ NEW ──▶ PROPOSED ──▶ TRANSFERRING ──▶ FINALIZING ──▶ ENDED
 *                      ▲   ▲  │        │
 *                      │   │  └────────┴──▶ RETRYING ──┐     connection lost
 *                      │   └───────────────────────────┘
 *                      └── PARKED                            put aside by the user, or no room
 *            any of these ──▶ LEAVING ──▶ ENDED
 * </pre>
 *
 * <p>There is one end: whether it is a good one stands in the deal, not in the state, since nothing
 * that still happens depends on it.
 *
 * <p>Vouchers may be signed in every live state but the first: money due for verified bytes does
 * not wait for the deal to be in a good mood.
 */
public final class ClientDeals {
  private static final Set<ClientState> ON_THE_WIRE = EnumSet.of(PROPOSED, TRANSFERRING);
  private static final Set<ClientState> GOING = EnumSet.of(PROPOSED, TRANSFERRING, RETRYING);
  private static final Set<ClientState> AGREED =
      EnumSet.of(PROPOSED, TRANSFERRING, RETRYING, PARKED, FINALIZING, LEAVING);

  /** The table. */
  public static final TransitionTable<ClientState, ClientDeal, ClientInput> TABLE = table();

  private ClientDeals() {}

  private static TransitionTable<ClientState, ClientDeal, ClientInput> table() {
    return TransitionTable.<ClientState, ClientDeal, ClientInput>named(
            "client-deal", 2, ClientEvent.ALL)
        .between(NEW, EnumSet.of(ENDED))
        .storedAs(ClientDeal.CODEC, ClientInputCodec.CODEC)
        .shownAs((state, deal) -> deal.stateShown(state))
        .heading("agreeing")
        .row(NEW, FREE, PROPOSED, ClientDeal::moved)
        .row(NEW, FUNDED, PROPOSED, ClientDeal::funded)
        .row(NEW, UNFUNDED, ENDED, (deal, why) -> deal.stopped(why).ended(why, REJECTED))
        .row(NEW, CANCEL, ENDED, (deal, why) -> deal.stopped(why).ended(why, CANCELLED))
        .row(NEW, GIVE_UP, ENDED, (deal, why) -> deal.stopped(why).ended(why, FAILED))
        .again(PROPOSED, REOPENED, ClientDeal::funded)
        .row(PROPOSED, ACCEPTED, TRANSFERRING, ClientDeal::accepted)
        .record(TRANSFERRING, ACCEPTED, ClientDeal::accepted)
        .heading("data against payment")
        .record(GOING, PROGRESS, ClientDeal::verified)
        .record(PARKED, PROGRESS, ClientDeal::verified)
        .record(LEAVING, PROGRESS, ClientDeal::verified)
        .record(AGREED, VOUCHER_SIGNED, ClientDeal::signed)
        .heading("the end")
        .row(GOING, ALL_VERIFIED, FINALIZING, ClientDeal::allVerified)
        .row(FINALIZING, FINAL_SENT, ENDED, (deal, at) -> deal.ended(at, COMPLETED))
        .heading("standing still")
        .row(ON_THE_WIRE, CONNECTION_LOST, RETRYING, ClientDeal::stopped)
        .record(FINALIZING, CONNECTION_LOST, Recorder.unchanged())
        .row(RETRYING, RETRY, PROPOSED, ClientDeal::going)
        .row(GOING, PARK, PARKED, ClientDeal::stopped)
        .row(FINALIZING, PARK, PARKED, ClientDeal::stopped)
        .row(PARKED, RESUME, PROPOSED, ClientDeal::going)
        .againInAnyLive(WAKE, Recorder.unchanged())
        .heading("ending early")
        .row(GOING, REFUSED, LEAVING, ClientDeal::stopped)
        .row(GOING, BLOCKS_MISSING, LEAVING, ClientDeal::stopped)
        .row(GOING, GIVE_UP, LEAVING, ClientDeal::stopped)
        .row(GOING, CANCEL, LEAVING, ClientDeal::stopped)
        .row(PARKED, CANCEL, LEAVING, ClientDeal::stopped)
        .row(PARKED, GIVE_UP, LEAVING, ClientDeal::stopped)
        .row(FINALIZING, CANCEL, LEAVING, ClientDeal::stopped)
        .row(LEAVING, LEFT, ENDED, ClientDeal::left)
        .build();
  }
}
