package io.sluice.fsm.client;

import io.sluice.fsm.EventType;
import io.sluice.fsm.EventTypes;
import io.sluice.fsm.client.ClientInput.At;
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Left;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Stopped;
import io.sluice.fsm.client.ClientInput.Verified;

/** What happens to a deal at its client. */
public final class ClientEvent {
  static final EventTypes<ClientInput> ALL = new EventTypes<>();

  /** Nothing has to be paid. */
  public static final EventType<At> FREE = ALL.add("FREE", At.class);

  /** Channel, lane and opening are there. */
  public static final EventType<Funded> FUNDED = ALL.add("FUNDED", Funded.class);

  /** The channel or lane cannot be had. */
  public static final EventType<Stopped> UNFUNDED = ALL.add("UNFUNDED", Stopped.class);

  /** The provider wants another lane, or knows a higher voucher of ours: propose anew. */
  public static final EventType<Funded> REOPENED = ALL.add("REOPENED", Funded.class);

  /** The provider agreed. */
  public static final EventType<At> ACCEPTED = ALL.add("ACCEPTED", At.class);

  /** The provider said no. */
  public static final EventType<Stopped> REFUSED = ALL.add("REFUSED", Stopped.class);

  /** So much has been verified and synced by now. */
  public static final EventType<Verified> PROGRESS = ALL.add("PROGRESS", Verified.class);

  /** A voucher for more than before is signed. */
  public static final EventType<Signed> VOUCHER_SIGNED = ALL.add("VOUCHER_SIGNED", Signed.class);

  /** Every block is verified and synced. */
  public static final EventType<Verified> ALL_VERIFIED = ALL.add("ALL_VERIFIED", Verified.class);

  /** The walk ended without some blocks, which the provider lacks. */
  public static final EventType<Stopped> BLOCKS_MISSING = ALL.add("BLOCKS_MISSING", Stopped.class);

  /** The last voucher is durable and was sent. */
  public static final EventType<At> FINAL_SENT = ALL.add("FINAL_SENT", At.class);

  /** The connection or the provider went away. */
  public static final EventType<Stopped> CONNECTION_LOST =
      ALL.add("CONNECTION_LOST", Stopped.class);

  /** The pause is over: try again. */
  public static final EventType<Going> RETRY = ALL.add("RETRY", Going.class);

  /** The deal is put aside: by the user, or until the disk has room again. */
  public static final EventType<Stopped> PARK = ALL.add("PARK", Stopped.class);

  /** The user takes it up again. */
  public static final EventType<Going> RESUME = ALL.add("RESUME", Going.class);

  /** The user calls the deal off. */
  public static final EventType<Stopped> CANCEL = ALL.add("CANCEL", Stopped.class);

  /** The deal cannot go on. */
  public static final EventType<Stopped> GIVE_UP = ALL.add("GIVE_UP", Stopped.class);

  /** A new process takes the deal up: its state's step runs again. */
  public static final EventType<At> WAKE = ALL.add("WAKE", At.class);

  /** What had to be paid and told is paid and told: the deal ends early. */
  public static final EventType<Left> LEFT = ALL.add("LEFT", Left.class);

  private ClientEvent() {}
}
