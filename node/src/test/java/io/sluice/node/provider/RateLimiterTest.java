package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.PeerId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

  private static final PeerId ONE = Identity.generate().peerId();
  private static final PeerId OTHER = Identity.generate().peerId();

  private final TurnedClock clock = new TurnedClock();
  private final RateLimiter limiter = new RateLimiter(6, 2, clock); // one in ten seconds

  private void takeAll(PeerId peer) {
    assertEquals(Duration.ZERO, limiter.take(peer));
    assertEquals(Duration.ZERO, limiter.take(peer));
  }

  @Test
  void burstIsThereAtOnceAndNoMore() {
    takeAll(ONE);

    assertEquals(Duration.ofSeconds(10), limiter.take(ONE));
  }

  @Test
  void peersDoNotShareABucket() {
    takeAll(ONE);

    takeAll(OTHER);
  }

  @Test
  void tokensComeEvenly() {
    takeAll(ONE);

    clock.turn(Duration.ofMillis(9_999));
    assertEquals(Duration.ofSeconds(1), limiter.take(ONE));
    clock.turn(Duration.ofMillis(1));
    assertEquals(Duration.ZERO, limiter.take(ONE));
    assertEquals(Duration.ofSeconds(10), limiter.take(ONE));
  }

  @Test
  void refusedTriesCostNothing() {
    takeAll(ONE);
    for (int second = 0; second < 10; second++) {
      limiter.take(ONE);
      clock.turn(Duration.ofSeconds(1));
    }

    assertEquals(Duration.ZERO, limiter.take(ONE));
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    takeAll(ONE);
    limiter.giveBack(ONE);

    assertEquals(Duration.ZERO, limiter.take(ONE));
    assertEquals(Duration.ofSeconds(10), limiter.take(ONE));
  }

  @Test
  void givingBackFillsTheBucketAtMost() {
    limiter.take(ONE);
    limiter.giveBack(ONE);
    limiter.giveBack(ONE);
    limiter.giveBack(OTHER);

    takeAll(ONE);
    assertEquals(Duration.ofSeconds(10), limiter.take(ONE));
  }

  @Test
  void bucketHoldsNoMoreThanTheBurst() {
    takeAll(ONE);
    clock.turn(Duration.ofDays(1));

    takeAll(ONE);
    assertEquals(Duration.ofSeconds(10), limiter.take(ONE));
  }

  @Test
  void clockThatGoesBackGivesAndTakesNothing() {
    limiter.take(ONE);
    clock.turn(Duration.ofHours(-1));

    assertEquals(Duration.ZERO, limiter.take(ONE));
    assertEquals(Duration.ofSeconds(10), limiter.take(ONE));
  }
}
