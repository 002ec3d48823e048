package io.sluice.protocol.libp2p;

import java.time.Duration;

/**
 * How long a host waits for whom. All positive, except {@code streamIdle}, where zero means no
 * limit.
 *
 * @param connect until a TCP connection stands, for one address
 * @param upgrade until a new connection is secured and multiplexed, from its first byte, whoever
 *     dialled
 * @param dial for all addresses of a peer together
 * @param negotiation until both ends of a new stream agree on its protocol
 * @param identify for one identify conversation
 * @param ping for one round trip; a connection that does not answer its keep-alive for so long is
 *     closed
 * @param keepAlive between two keep-alive pings of a connection
 * @param streamIdle to begin with, how long a read or write waits without a byte moving; see {@link
 *     Stream#timeout}
 * @param linger how long the peer may take to end its side of a stream that this end has closed
 */
record HostTimeouts(
    Duration connect,
    Duration upgrade,
    Duration dial,
    Duration negotiation,
    Duration identify,
    Duration ping,
    Duration keepAlive,
    Duration streamIdle,
    Duration linger) {

  /** What suits a node on the open internet. */
  public static final HostTimeouts DEFAULT =
      new HostTimeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30));

  /** Refuses what is not positive. */
  public HostTimeouts {
    for (Duration each :
        new Duration[] {connect, upgrade, dial, negotiation, identify, ping, keepAlive, linger}) {
      if (!each.isPositive()) {
        throw new IllegalArgumentException("time-out " + each + " is not positive");
      }
    }
    if (streamIdle.isNegative()) {
      throw new IllegalArgumentException("stream idle time-out " + streamIdle + " is negative");
    }
  }
}
