package io.sluice.cli.bench;

import io.sluice.protocol.retrieval.TokenAmount;

/**
 * What {@code bench deals} does.
 *
 * @param deals how many at full load; half as many follow at half of the rate that came of it
 * @param size bytes that each buys, all of them others
 * @param atOnce how many the client has under way at full load
 * @param price for a MiB
 */
public record DealsPlan(int deals, long size, int atOnce, TokenAmount price) {
  int atHalfLoad() {
    return Math.max(1, deals / 2);
  }

  int all() {
    return deals + atHalfLoad();
  }
}
