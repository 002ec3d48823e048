package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.util.List;

/**
 * What to push.
 *
 * @param responder who is to have it
 * @param addresses where the responder may be dialled, beside what the host knows
 * @param transfer number of the channel, unsigned; a restart keeps it
 * @param restart whether the channel began before
 * @param root where the walk begins
 * @param selector which way it goes
 * @param voucher why the responder should take it; a restart repeats it byte for byte
 */
public record PushSpec(
    PeerId responder,
    List<Multiaddr> addresses,
    long transfer,
    boolean restart,
    Cid root,
    Node selector,
    TypedVoucher voucher) {
  /** Copies the addresses. */
  public PushSpec {
    addresses = List.copyOf(addresses);
  }
}
