package io.sluice.protocol.libp2p;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many inbound connections each address has; this machine's own are not counted. Safe for all
 * threads.
 */
final class AddressCounts {
  private final int limit;
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  AddressCounts(int limit) {
    this.limit = limit;
  }

  /** Counts one more, unless that would be too many. */
  boolean tryTake(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return true;
    }
    boolean[] taken = {false};
    counts.compute(
        TcpAddress.countedAs(address),
        (counted, before) -> {
          int count = before == null ? 0 : before;
          taken[0] = count < limit;
          return taken[0] ? Integer.valueOf(count + 1) : before;
        });
    return taken[0];
  }

  void giveBack(InetAddress address) {
    if (!address.isLoopbackAddress()) {
      counts.computeIfPresent(
          TcpAddress.countedAs(address), (counted, count) -> count == 1 ? null : count - 1);
    }
  }
}
