package io.sluice.protocol.libp2p;

import java.util.Map;

/**
 * What a host has in use at this moment, and what it has turned away since it began.
 *
 * @param inboundConnections secured ones that peers dialled
 * @param outboundConnections secured ones that this end dialled
 * @param inboundStreams open, that peers opened
 * @param outboundStreams open, that this end opened
 * @param streamsByProtocol inbound ones that have agreed on a protocol, by that
 * @param windowBytes that peers have been promised they may send
 * @param refusedConnections there was no room for
 * @param refusedStreams there was no room for, both ways
 * @param denied connections that the gater turned away
 * @param trimmed connections that were closed to make room
 * @param failedDials attempts at single addresses that came to nothing
 */
public record HostUsage(
    int inboundConnections,
    int outboundConnections,
    int inboundStreams,
    int outboundStreams,
    Map<String, Integer> streamsByProtocol,
    long windowBytes,
    long refusedConnections,
    long refusedStreams,
    long denied,
    long trimmed,
    long failedDials) {
  /** Copies the map. */
  public HostUsage {
    streamsByProtocol = Map.copyOf(streamsByProtocol);
  }
}
