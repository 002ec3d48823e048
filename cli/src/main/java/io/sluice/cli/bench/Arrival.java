package io.sluice.cli.bench;

import java.util.List;

/**
 * What a client reports of the content that came.
 *
 * @param firstByteMillis when it began to come, from the client's own beginning
 * @param lastByteMillis when all was there
 */
record Arrival(long blocks, double firstByteMillis, double lastByteMillis, long vouchers) {
  /** That of clients that began together: from the first byte of any to the last of all. */
  static Arrival ofAll(List<Arrival> clients) {
    return clients.stream()
        .reduce(
            (one, other) ->
                new Arrival(
                    one.blocks + other.blocks,
                    Math.min(one.firstByteMillis, other.firstByteMillis),
                    Math.max(one.lastByteMillis, other.lastByteMillis),
                    one.vouchers + other.vouchers))
        .orElseThrow();
  }
}
