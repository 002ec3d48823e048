package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReceiveWindowTest {
  private static final int INITIAL = Yamux.INITIAL_WINDOW;
  private static final long MAX = 4L * Yamux.INITIAL_WINDOW;

  private final ReceiveWindow window = new ReceiveWindow(0);

  private boolean arrivedAndRead(int length) {
    window.take(length);
    window.keep(length);
    return window.read(length);
  }

  @Test
  void givenFreshWindow_thenThePeerMaySendAllOfItAndNotAByteMore() {
    window.take(INITIAL - 1);
    window.take(1);

    assertEquals(
        "FRAME_VIOLATION", assertThrows(ProtocolException.class, () -> window.take(1)).code());
    window.take(0);
  }

  @Test
  void givenLessThanAQuarterRead_thenNoGrant() {
    assertFalse(arrivedAndRead(INITIAL / 4 - 1));
    assertEquals(0, window.takeUntold());
  }

  @Test
  void givenAQuarterRead_thenAllRoomIsGrantedOnce() {
    assertTrue(arrivedAndRead(INITIAL / 4));
    window.grant(0);

    assertEquals(INITIAL / 4, window.takeUntold());
    assertEquals(0, window.takeUntold());
    window.take(INITIAL);
  }

  @Test
  void givenUnreadData_thenItsRoomIsNotGranted() {
    window.take(INITIAL);
    window.keep(INITIAL);

    assertTrue(window.read(INITIAL / 2 + 10));
    window.grant(0);

    assertEquals(INITIAL / 2 + 10, window.takeUntold());
    assertThrows(ProtocolException.class, () -> window.take(INITIAL / 2 + 11));
  }

  @Test
  void givenGrantsInQuickSuccession_thenItWantsToDouble() {
    assertEquals(INITIAL, window.wantedGrowth(199, 100, MAX));
    assertEquals(0, window.wantedGrowth(399, 100, MAX));
    assertEquals(INITIAL, window.wantedGrowth(598, 100, MAX));
  }

  @Test
  void givenNoRoundTripYet_thenItDoesNotGrow() {
    assertEquals(0, window.wantedGrowth(0, 0, MAX));
  }

  @Test
  void givenGrowth_thenTheGrantHoldsItToo() {
    assertTrue(arrivedAndRead(INITIAL / 2));
    window.grant(INITIAL);

    assertEquals(2L * INITIAL, window.size());
    assertEquals(INITIAL / 2 + INITIAL, window.takeUntold());
    window.take(2 * INITIAL);
    assertThrows(ProtocolException.class, () -> window.take(1));
  }

  @Test
  void givenAlmostTheLongest_thenItGrowsNoFurtherThanThat() {
    window.grant(MAX - INITIAL - 5);

    assertEquals(5, window.wantedGrowth(1, 100, MAX));
    window.grant(5);
    assertEquals(0, window.wantedGrowth(2, 100, MAX));
    assertEquals(0, window.wantedGrowth(3, 100, INITIAL));
  }

  @Test
  void givenAnyCourse_thenCreditUnreadAndRoomAddUp() {
    long seed = 20;
    Random random = new Random(seed);
    long credit = INITIAL; // as the peer counts it
    long unread = 0;
    for (int i = 0; i < 20_000; i++) {
      int length = (int) Math.min(credit, random.nextInt(40_000));
      window.take(length);
      window.keep(length);
      credit -= length;
      unread += length;
      int read = (int) Math.min(unread, random.nextInt(50_000));
      unread -= read;
      if (window.read(read)) {
        window.grant(random.nextInt(50) == 0 ? window.wantedGrowth(i, 1, MAX) : 0);
      }
      credit += window.takeUntold();
      assertTrue(credit + unread <= window.size(), "seed " + seed + ", step " + i);
      assertTrue(window.size() <= MAX);
      long tooMuch = credit + 1;
      assertThrows(ProtocolException.class, () -> window.take(tooMuch));
    }
  }

  @Test
  void whenGivenUp_thenItsMemoryGoesBackOnceAndItGrowsNoMore() {
    window.grant(window.wantedGrowth(1, 1, MAX));

    assertEquals(2L * INITIAL, window.giveUp());
    assertEquals(0, window.giveUp());
    assertEquals(0, window.wantedGrowth(2, 1, MAX));
  }
}
