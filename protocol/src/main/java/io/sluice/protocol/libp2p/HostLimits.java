package io.sluice.protocol.libp2p;

/**
 * How much of a host its peers may use. Counts are positive; loopback addresses are exempt from the
 * limit per address.
 *
 * @param connections in all, inbound and outbound
 * @param connectionsPerPeer to one peer, inbound and outbound
 * @param connectionsPerAddress inbound from one IPv4 address or one IPv6 /56
 * @param pendingUpgrades inbound connections that are not yet secured
 * @param inboundStreams open at a time, of all peers
 * @param inboundStreamsOfProtocol open at a time in one protocol, of all peers
 * @param inboundStreamsPerPeer served at a time; a peer may open 256 more, which wait or are
 *     refused
 * @param inboundStreamsPerProtocol served at a time, for one peer and protocol
 * @param outboundStreamsPerPeer open at a time
 * @param streamWindow bytes that one stream may have under way towards us at most; grows to that
 *     from 256 KiB
 * @param windowMemory bytes that all streams together may have under way towards us; each stream
 *     begins with 256 KiB
 * @param sendQueue bytes that one stream may have waiting to be sent before writers wait
 */
public record HostLimits(
    int connections,
    int connectionsPerPeer,
    int connectionsPerAddress,
    int pendingUpgrades,
    int inboundStreams,
    int inboundStreamsOfProtocol,
    int inboundStreamsPerPeer,
    int inboundStreamsPerProtocol,
    int outboundStreamsPerPeer,
    int streamWindow,
    long windowMemory,
    int sendQueue) {

  /** The smallest window the multiplexer knows. */
  static final int SMALLEST_WINDOW = 256 * 1024;

  /** What suits a node with a gigabyte or more. */
  public static final HostLimits DEFAULT =
      new HostLimits(512, 8, 8, 64, 8192, 4096, 128, 64, 512, 32 << 20, 256L << 20, 512 * 1024);

  /** Refuses what is not positive, and windows that the multiplexer cannot have. */
  public HostLimits {
    int smallest = Math.min(connections, connectionsPerPeer);
    smallest = Math.min(smallest, Math.min(connectionsPerAddress, pendingUpgrades));
    smallest = Math.min(smallest, Math.min(inboundStreamsPerPeer, inboundStreamsPerProtocol));
    smallest = Math.min(smallest, Math.min(inboundStreams, inboundStreamsOfProtocol));
    smallest = Math.min(smallest, Math.min(outboundStreamsPerPeer, sendQueue));
    if (smallest <= 0) {
      throw new IllegalArgumentException("a limit of " + smallest + " lets nothing through");
    }
    if (streamWindow < SMALLEST_WINDOW) {
      throw new IllegalArgumentException(
          "stream window " + streamWindow + " is below " + SMALLEST_WINDOW);
    }
    if (windowMemory < SMALLEST_WINDOW) {
      throw new IllegalArgumentException(
          "window memory " + windowMemory + " does not suffice for one stream");
    }
  }

  /** The same, with another number of connections in all. */
  public HostLimits withConnections(int most) {
    return new HostLimits(
        most,
        connectionsPerPeer,
        connectionsPerAddress,
        pendingUpgrades,
        inboundStreams,
        inboundStreamsOfProtocol,
        inboundStreamsPerPeer,
        inboundStreamsPerProtocol,
        outboundStreamsPerPeer,
        streamWindow,
        windowMemory,
        sendQueue);
  }

  /** With more connections than this, those that are worth least are closed. */
  int highMark() {
    return connections - connections / 8;
  }

  /** So many stay when connections are closed. */
  int lowMark() {
    return connections - connections / 4;
  }
}
