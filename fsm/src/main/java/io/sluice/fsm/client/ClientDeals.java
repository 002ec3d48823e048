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
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Stopped;
import io.sluice.fsm.client.ClientInput.Verified;
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
  public static final TransitionTable<ClientState, ClientEvent, ClientDeal, ClientInput> TABLE =
      table();

  private ClientDeals() {}

  private static TransitionTable<ClientState, ClientEvent, ClientDeal, ClientInput> table() {
    Recorder<ClientDeal, ClientInput> moved = ClientDeal::moved;
    Recorder<ClientDeal, ClientInput> done = ClientDeal::done;
    Recorder<ClientDeal, ClientInput> accepted = ClientDeal::accepted;
    Recorder<ClientDeal, ClientInput> funded = Recorder.taking(Funded.class, ClientDeal::funded);
    Recorder<ClientDeal, ClientInput> verified =
        Recorder.taking(Verified.class, ClientDeal::verified);
    Recorder<ClientDeal, ClientInput> allVerified =
        Recorder.taking(Verified.class, ClientDeal::allVerified);
    Recorder<ClientDeal, ClientInput> signed = Recorder.taking(Signed.class, ClientDeal::signed);
    Recorder<ClientDeal, ClientInput> going = Recorder.taking(Going.class, ClientDeal::going);
    Recorder<ClientDeal, ClientInput> stopped = Recorder.taking(Stopped.class, ClientDeal::stopped);
    Recorder<ClientDeal, ClientInput> ended = Recorder.taking(Stopped.class, ClientDeal::ended);
    return TransitionTable.<ClientState, ClientEvent, ClientDeal, ClientInput>named(
            "client-deal", 1)
        .between(NEW, EnumSet.of(COMPLETED, PARTIAL, REJECTED, FAILED, CANCELLED))
        .storedAs(ClientDealCodec.DEAL, ClientDealCodec.INPUT)
        .heading("agreeing")
        .row(NEW, FREE, PROPOSED, moved)
        .row(NEW, FUNDED, PROPOSED, funded)
        .row(NEW, UNFUNDED, REJECTED, ended)
        .row(NEW, CANCEL, CANCELLED, ended)
        .row(NEW, GIVE_UP, FAILED, ended)
        .again(PROPOSED, REOPENED, funded)
        .row(PROPOSED, ACCEPTED, TRANSFERRING, accepted)
        .record(TRANSFERRING, ACCEPTED, accepted)
        .heading("data against payment")
        .record(GOING, PROGRESS, verified)
        .record(PARKED, PROGRESS, verified)
        .record(LEAVING, PROGRESS, verified)
        .record(AGREED, VOUCHER_SIGNED, signed)
        .heading("the end")
        .row(GOING, ALL_VERIFIED, FINALIZING, allVerified)
        .row(FINALIZING, FINAL_SENT, COMPLETED, done)
        .heading("standing still")
        .row(ON_THE_WIRE, CONNECTION_LOST, RETRYING, stopped)
        .record(FINALIZING, CONNECTION_LOST, Recorder.unchanged())
        .row(RETRYING, RETRY, PROPOSED, going)
        .row(GOING, PARK, PARKED, stopped)
        .row(PARKED, RESUME, PROPOSED, going)
        .againInAnyLive(WAKE, Recorder.unchanged())
        .heading("ending early")
        .row(GOING, REFUSED, LEAVING, stopped)
        .row(GOING, BLOCKS_MISSING, LEAVING, stopped)
        .row(GOING, GIVE_UP, LEAVING, stopped)
        .row(GOING, CANCEL, LEAVING, stopped)
        .row(PARKED, CANCEL, LEAVING, stopped)
        .row(PARKED, GIVE_UP, LEAVING, stopped)
        .row(FINALIZING, CANCEL, LEAVING, stopped)
        .row(LEAVING, LEFT_PARTIAL, PARTIAL, done)
        .row(LEAVING, LEFT_REJECTED, REJECTED, done)
        .row(LEAVING, LEFT_FAILED, FAILED, done)
        .row(LEAVING, LEFT_CANCELLED, CANCELLED, done)
        .build();
  }
}
