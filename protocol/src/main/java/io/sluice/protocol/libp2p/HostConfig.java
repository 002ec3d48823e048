package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import java.time.Clock;
import java.util.List;

/**
 * All that a host needs to start.
 *
 * @param identity its key, and so its name
 * @param listen TCP addresses; port 0 takes a free one; empty for a host that only dials
 * @param security what is offered when dialling, best first; accepted is each of these
 * @param limits how much peers may use
 * @param timeouts how long peers may take
 * @param agent what it calls itself in identify
 * @param clock for the validity of certificates and the numbers of peer records
 * @param gater whom to have nothing to do with
 */
public record HostConfig(
    Identity identity,
    List<Multiaddr> listen,
    List<Security> security,
    HostLimits limits,
    HostTimeouts timeouts,
    String agent,
    Clock clock,
    ConnectionGater gater) {

  /** Copies the lists; refuses a host without any security. */
  public HostConfig {
    listen = List.copyOf(listen);
    security = List.copyOf(security);
    if (security.isEmpty()) {
      throw new IllegalArgumentException("no security to offer");
    }
  }

  /** A host with this identity that listens nowhere, with defaults for all else. */
  public static HostConfig of(Identity identity) {
    return new HostConfig(
        identity,
        List.of(),
        List.of(Security.TLS, Security.NOISE),
        HostLimits.DEFAULT,
        HostTimeouts.DEFAULT,
        "sluice",
        Clock.systemUTC(),
        ConnectionGater.OPEN);
  }

  /** The same, listening on these addresses, such as {@code /ip4/127.0.0.1/tcp/0}. */
  public HostConfig listeningOn(String... addresses) {
    return withListen(List.of(addresses).stream().map(Multiaddr::parse).toList());
  }

  /** The same, listening on these addresses. */
  public HostConfig withListen(List<Multiaddr> addresses) {
    return new HostConfig(identity, addresses, security, limits, timeouts, agent, clock, gater);
  }

  /** The same, with these kinds of security, best first. */
  public HostConfig withSecurity(Security... kinds) {
    return new HostConfig(identity, listen, List.of(kinds), limits, timeouts, agent, clock, gater);
  }

  /** The same, with other limits. */
  public HostConfig withLimits(HostLimits other) {
    return new HostConfig(identity, listen, security, other, timeouts, agent, clock, gater);
  }

  /** The same, with other time-outs. */
  public HostConfig withTimeouts(HostTimeouts other) {
    return new HostConfig(identity, listen, security, limits, other, agent, clock, gater);
  }

  /** The same, calling itself by another name and version, such as {@code sluice/0.1.0}. */
  public HostConfig withAgent(String name) {
    return new HostConfig(identity, listen, security, limits, timeouts, name, clock, gater);
  }

  /** The same, keeping away from some. */
  public HostConfig withGater(ConnectionGater rules) {
    return new HostConfig(identity, listen, security, limits, timeouts, agent, clock, rules);
  }
}
