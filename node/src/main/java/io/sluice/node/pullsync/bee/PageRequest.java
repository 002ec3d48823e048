package io.sluice.node.pullsync.bee;

import io.sluice.protocol.pullsync.bee.BeeMessage.GetRange;
import io.sluice.protocol.pullsync.bee.BeeVersion;

/**
 * Which chunks a neighbour asks for. Equal requests have one answer.
 *
 * @param version by which it asks
 * @param bin of the numbers
 * @param from first number
 * @param to last number; {@link Long#MAX_VALUE} for no end, and for ends beyond that
 */
record PageRequest(BeeVersion version, int bin, long from, long to) {
  static PageRequest of(BeeVersion version, GetRange range) {
    return new PageRequest(version, range.bin(), signed(range.from()), signed(range.to()));
  }

  /** Numbers that high are not given. */
  private static long signed(long number) {
    return number < 0 ? Long.MAX_VALUE : number;
  }
}
