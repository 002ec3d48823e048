package io.sluice.protocol.pullsync;

/**
 * A message of pullsync 1.0.0. A page goes so, on a stream of its own:
 *
 * <pre>{@code
 * requestor                  responder
 *   Get      ───────────────▶          waits, if the interval is live
 *            ◀───────────────   Offer  the page is over if it offers no block
 *   Want     ───────────────▶          the page is over if nothing is wanted
 *            ◀─────────────── Delivery of each wanted block, in the order of the offer
 *            ◀───────────────      end
 * }</pre>
 *
 * <p>A {@link PullsyncError} may stand in place of any message of the responder, and is its last.
 * The requestor ends its side only when it has all that it wants: that, or a reset, calls the rest
 * off.
 */
public sealed interface PullsyncMessage
    permits Syn, Ack, Get, Offer, Want, Delivery, PullsyncError {}
