package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.libp2p.TrimOrder.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrimOrderTest {
  private static final long GRACE = 100;
  private static final Candidate<String> IDLE_LONG = new Candidate<>("long", false, 900, 0, false);
  private static final Candidate<String> IDLE = new Candidate<>("idle", false, 500, 0, false);
  private static final Candidate<String> SLOW = new Candidate<>("slow", false, 0, 10, false);
  private static final Candidate<String> FAST =
      new Candidate<>("fast", false, 0, TrimOrder.LITTLE, false);
  private static final Candidate<String> YOUNG =
      new Candidate<>("young", false, 0, Long.MAX_VALUE, false);
  private static final Candidate<String> JUST_IDLE =
      new Candidate<>("just idle", false, GRACE, 0, false);

  @Test
  void givenFewWanted_thenTheLeastWorthFirst() {
    List<Candidate<String>> all = List.of(FAST, SLOW, IDLE, YOUNG, IDLE_LONG);

    assertEquals(List.of("long"), TrimOrder.choose(all, 1, GRACE));
    assertEquals(List.of("long", "idle"), TrimOrder.choose(all, 2, GRACE));
  }

  @Test
  void givenManyWanted_thenWhatMovesOrIsYoungStays() {
    assertEquals(
        List.of("long", "idle", "slow"),
        TrimOrder.choose(List.of(FAST, SLOW, IDLE, YOUNG, JUST_IDLE, IDLE_LONG), 6, GRACE));
  }

  @Test
  void givenSpared_thenItStaysHoweverLittleItIsWorth() {
    Candidate<String> spared = new Candidate<>("spared", true, 10_000, 0, false);

    assertEquals(List.of("idle"), TrimOrder.choose(List.of(spared, IDLE), 2, GRACE));
  }

  @Test
  void givenEqualWorth_thenThatOfThePeerGoesFirst() {
    Candidate<String> ours = new Candidate<>("ours", false, 500, 0, true);

    assertEquals(List.of("idle"), TrimOrder.choose(List.of(ours, IDLE), 1, GRACE));
  }

  @Test
  void givenNoneWanted_thenNone() {
    assertEquals(List.of(), TrimOrder.choose(List.of(IDLE), -3, GRACE));
  }
}
