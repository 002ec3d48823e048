package io.sluice.fsm.provider;

import io.sluice.fsm.EventType;
import io.sluice.fsm.EventTypes;
import io.sluice.fsm.provider.ProviderInput.At;
import io.sluice.fsm.provider.ProviderInput.Ended;
import io.sluice.fsm.provider.ProviderInput.Opened;
import io.sluice.fsm.provider.ProviderInput.Paid;
import io.sluice.fsm.provider.ProviderInput.Restarted;
import io.sluice.fsm.provider.ProviderInput.Sent;
import io.sluice.fsm.provider.ProviderInput.Stopped;

/** What happens to a deal at its provider. */
public final class ProviderEvent {
  static final EventTypes<ProviderInput> ALL = new EventTypes<>();

  /** A free proposal is good. */
  public static final EventType<At> ADMITTED = ALL.add("ADMITTED", At.class);

  /** A paid proposal is good so far; its opening is still to come. */
  public static final EventType<At> OPENING_MISSING = ALL.add("OPENING_MISSING", At.class);

  /** The opening is good: the deal has its channel and lane. */
  public static final EventType<Opened> OPENED = ALL.add("OPENED", Opened.class);

  /** As {@link #OPENED}, with a fee due before the first block. */
  public static final EventType<Opened> OPENED_FEE_FIRST =
      ALL.add("OPENED_FEE_FIRST", Opened.class);

  /** The proposal or its opening is not acceptable. */
  public static final EventType<Stopped> REFUSED = ALL.add("REFUSED", Stopped.class);

  /** So much has been charged by now. */
  public static final EventType<Sent> PROGRESS = ALL.add("PROGRESS", Sent.class);

  /** The gate closed: the next block would run too far ahead of the money. */
  public static final EventType<Sent> GATE_CLOSED = ALL.add("GATE_CLOSED", Sent.class);

  /** The gate opened again. */
  public static final EventType<At> GATE_OPENED = ALL.add("GATE_OPENED", At.class);

  /** More counts as credit than before: a voucher came, or the ledger confirmed. */
  public static final EventType<Paid> PAID = ALL.add("PAID", Paid.class);

  /** The last block is written to the peer, or the peer says that it has everything. */
  public static final EventType<Sent> ALL_SENT = ALL.add("ALL_SENT", Sent.class);

  /** Nothing is owed any more. */
  public static final EventType<At> SETTLED = ALL.add("SETTLED", At.class);

  /** The connection was lost, or a demand went unanswered: the transfer stops, the deal waits. */
  public static final EventType<Stopped> SUSPENDED = ALL.add("SUSPENDED", Stopped.class);

  /** The client goes on from its position. */
  public static final EventType<Restarted> RESTARTED = ALL.add("RESTARTED", Restarted.class);

  /** The deal is over, however that came; nothing is owed. */
  public static final EventType<Ended> ENDED = ALL.add("ENDED", Ended.class);

  /** As {@link #ENDED}, with something owed. */
  public static final EventType<Ended> ENDED_OWING = ALL.add("ENDED_OWING", Ended.class);

  private ProviderEvent() {}
}
