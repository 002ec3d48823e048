package io.sluice.protocol.libp2p;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * In which order the addresses of a peer are tried: the nearest first, since it answers soonest and
 * costs least, and is right more often than not when both ends know it; of equally near ones IPv6
 * before IPv4, and else those first that were named first.
 */
final class DialOrder {
  /** What an address nearby needs to answer, with room to spare. */
  static final Duration NEAR = Duration.ofMillis(30);

  /** The same for one across the world. */
  static final Duration FAR = Duration.ofMillis(250);

  private DialOrder() {}

  /**
   * An address and its place in the order.
   *
   * @param headStart how long it is tried before the next one is tried beside it
   */
  record Ranked(InetSocketAddress target, Duration headStart) {}

  static List<Ranked> of(Collection<InetSocketAddress> targets) {
    return targets.stream()
        .sorted(
            Comparator.comparingInt(DialOrder::distance)
                .thenComparing(each -> !(each.getAddress() instanceof Inet6Address)))
        .map(each -> new Ranked(each, distance(each) == 2 ? FAR : NEAR))
        .toList();
  }

  /** 0 for this machine, 1 for a network of one's own, 2 for the whole internet. */
  private static int distance(InetSocketAddress target) {
    return 2 - TcpAddress.privacy(target.getAddress());
  }
}
