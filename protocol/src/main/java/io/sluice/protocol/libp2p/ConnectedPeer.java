package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.time.Duration;
import java.util.Optional;

/**
 * One connection as it is at this moment.
 *
 * @param peer who is at the other end
 * @param address the other end of the socket; of an inbound one, no address to dial
 * @param outbound whether this end dialled
 * @param security how it is secured
 * @param roundTrip smoothed; empty until the first keep-alive was answered
 * @param agent name and version of the peer's software, as it says; empty until identify has run
 */
public record ConnectedPeer(
    PeerId peer,
    Multiaddr address,
    boolean outbound,
    Security security,
    Optional<Duration> roundTrip,
    Optional<String> agent) {}
