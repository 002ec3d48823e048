package io.sluice.fsm.client;

import static io.sluice.fsm.client.ClientEvent.ACCEPTED;
import static io.sluice.fsm.client.ClientEvent.ALL_VERIFIED;
import static io.sluice.fsm.client.ClientEvent.BLOCKS_MISSING;
import static io.sluice.fsm.client.ClientEvent.CANCEL;
import static io.sluice.fsm.client.ClientEvent.CONNECTION_LOST;
import static io.sluice.fsm.client.ClientEvent.FINAL_SENT;
import static io.sluice.fsm.client.ClientEvent.FREE;
import static io.sluice.fsm.client.ClientEvent.FUNDED;
import static io.sluice.fsm.client.ClientEvent.GIVE_UP;
import static io.sluice.fsm.client.ClientEvent.LEFT_CANCELLED;
import static io.sluice.fsm.client.ClientEvent.LEFT_FAILED;
import static io.sluice.fsm.client.ClientEvent.LEFT_PARTIAL;
import static io.sluice.fsm.client.ClientEvent.LEFT_REJECTED;
import static io.sluice.fsm.client.ClientEvent.PARK;
import static io.sluice.fsm.client.ClientEvent.PROGRESS;
import static io.sluice.fsm.client.ClientEvent.REFUSED;
import static io.sluice.fsm.client.ClientEvent.REOPENED;
import static io.sluice.fsm.client.ClientEvent.RESUME;
import static io.sluice.fsm.client.ClientEvent.RETRY;
import static io.sluice.fsm.client.ClientEvent.UNFUNDED;
import static io.sluice.fsm.client.ClientEvent.VOUCHER_SIGNED;
import static io.sluice.fsm.client.ClientEvent.WAKE;
import static io.sluice.fsm.client.ClientState.CANCELLED;
import static io.sluice.fsm.client.ClientState.COMPLETED;
import static io.sluice.fsm.client.ClientState.FAILED;
import static io.sluice.fsm.client.ClientState.FINALIZING;
import static io.sluice.fsm.client.ClientState.LEAVING;
import static io.sluice.fsm.client.ClientState.NEW;
import static io.sluice.fsm.client.ClientState.PARKED;
import static io.sluice.fsm.client.ClientState.PARTIAL;
import static io.sluice.fsm.client.ClientState.PROPOSED;
import static io.sluice.fsm.client.ClientState.REJECTED;
import static io.sluice.fsm.client.ClientState.RETRYING;
import static io.sluice.fsm.client.ClientState.TRANSFERRING;

import io.sluice.fsm.Recorder;
import io.sluice.fsm.TransitionTable;
import java.util.EnumSet;
import java.util.Set;

/**
 * The client's deal: every legal move.
 *
 * <pre>
 * decided ──▶ NEW ──▶ PROPOSED ──▶ TRANSFERRING ──▶ FINALIZING ──▶ COMPLETED
 *                      ▲   ▲  │        │
 *                      │   │  └────────┴──▶ RETRYING ──┐     connection lost
 *                      │   └───────────────────────────┘
 *                      └── PARKED                            put aside by the user
 *            any of these ──▶ LEAVING ──▶ PARTIAL, REJECTED, FAILED, CANCELLED
 * </pre>
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
            "client-deal", 1, ClientEvent.ALL)
        .between(NEW, EnumSet.of(COMPLETED, PARTIAL, REJECTED, FAILED, CANCELLED))
        .storedAs(ClientDealCodec.DEAL, ClientDealCodec.INPUT)
        .heading("agreeing")
        .row(NEW, FREE, PROPOSED, ClientDeal::moved)
        .row(NEW, FUNDED, PROPOSED, ClientDeal::funded)
        .row(NEW, UNFUNDED, REJECTED, ClientDeal::ended)
        .row(NEW, CANCEL, CANCELLED, ClientDeal::ended)
        .row(NEW, GIVE_UP, FAILED, ClientDeal::ended)
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
        .row(FINALIZING, FINAL_SENT, COMPLETED, ClientDeal::done)
        .heading("standing still")
        .row(ON_THE_WIRE, CONNECTION_LOST, RETRYING, ClientDeal::stopped)
        .record(FINALIZING, CONNECTION_LOST, Recorder.unchanged())
        .row(RETRYING, RETRY, PROPOSED, ClientDeal::going)
        .row(GOING, PARK, PARKED, ClientDeal::stopped)
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
        .row(LEAVING, LEFT_PARTIAL, PARTIAL, ClientDeal::done)
        .row(LEAVING, LEFT_REJECTED, REJECTED, ClientDeal::done)
        .row(LEAVING, LEFT_FAILED, FAILED, ClientDeal::done)
        .row(LEAVING, LEFT_CANCELLED, CANCELLED, ClientDeal::done)
        .build();
  }
}
