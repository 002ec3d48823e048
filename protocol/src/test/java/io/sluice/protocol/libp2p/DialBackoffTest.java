package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.multiformats.PeerId;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DialBackoffTest {
  private static final InetSocketAddress HERE = new InetSocketAddress("198.51.100.7", 4001);
  private static final InetSocketAddress THERE = new InetSocketAddress("198.51.100.8", 4001);
  private static final long NOW = Long.MAX_VALUE - 5; // tickers wrap around

  private final PeerId peer = Identity.ofSeed(new byte[32]).peerId();
  private final DialBackoff backoff = new DialBackoff();

  @Test
  void givenFailure_thenThatAddressWaitsAndNoOther() {
    backoff.failed(peer, HERE, NOW);

    assertEquals(DialBackoff.FIRST.toNanos(), backoff.waitFor(peer, HERE, NOW));
    assertEquals(1, backoff.waitFor(peer, HERE, NOW + DialBackoff.FIRST.toNanos() - 1));
    assertEquals(0, backoff.waitFor(peer, HERE, NOW + DialBackoff.FIRST.toNanos()));
    assertEquals(0, backoff.waitFor(peer, THERE, NOW));
    assertEquals(0, backoff.waitFor(Identity.generate().peerId(), HERE, NOW));
  }

  @Test
  void givenMoreFailures_thenTwiceAsLongEachUpToTheLongest() {
    assertEquals(DialBackoff.FIRST, DialBackoff.pauseAfter(1));
    assertEquals(DialBackoff.FIRST.multipliedBy(8), DialBackoff.pauseAfter(4));
    assertEquals(DialBackoff.LONGEST, DialBackoff.pauseAfter(12));
    assertEquals(DialBackoff.LONGEST, DialBackoff.pauseAfter(1000));

    backoff.failed(peer, HERE, NOW);
    backoff.failed(peer, HERE, NOW);
    assertEquals(Duration.ofSeconds(1).toNanos(), backoff.waitFor(peer, HERE, NOW));
  }

  @Test
  void givenSuccess_thenTheNextFailureCountsAsTheFirst() {
    backoff.failed(peer, HERE, NOW);
    backoff.failed(peer, HERE, NOW);
    backoff.succeeded(peer, HERE);
    assertEquals(0, backoff.waitFor(peer, HERE, NOW));

    backoff.failed(peer, HERE, NOW);

    assertEquals(DialBackoff.FIRST.toNanos(), backoff.waitFor(peer, HERE, NOW));
  }
}
