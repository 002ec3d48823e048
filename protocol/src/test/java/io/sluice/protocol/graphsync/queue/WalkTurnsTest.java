package io.sluice.protocol.graphsync.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.multiformats.PeerId;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WalkTurnsTest {
  private static final PeerId ANNA = SendMemoryTest.peer(1);
  private static final PeerId BERT = SendMemoryTest.peer(2);

  private final BlockingQueue<String> begun = new LinkedBlockingQueue<>();

  /** Waits for a turn on a thread of its own; returns once it is in line. */
  private void queue(WalkTurns turns, PeerId peer, int priority, String name) throws Exception {
    int before = turns.waiting();
    Thread.ofVirtual()
        .start(
            () -> {
              if (turns.enter(peer, priority, () -> false)) {
                begun.add(name);
              }
            });
    while (turns.waiting() == before) {
      Thread.onSpinWait();
    }
  }

  private String next() throws Exception {
    return begun.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void givenRoom_thenTurnsAreTakenAtOnce_upToBothLimits() {
    WalkTurns turns = new WalkTurns(2, 3);

    assertTrue(turns.enter(ANNA, 0, () -> true));
    assertTrue(turns.enter(ANNA, 0, () -> true));
    assertFalse(turns.enter(ANNA, 0, () -> true));
    assertTrue(turns.enter(BERT, 0, () -> true));
    assertFalse(turns.enter(BERT, 0, () -> true));
    turns.leave(ANNA);
    assertTrue(turns.enter(BERT, 0, () -> true));
    assertEquals(0, turns.waiting());
  }

  @Test
  void givenOnePeer_thenHigherPriorityFirst_thenTheLongestWait() throws Exception {
    WalkTurns turns = new WalkTurns(1, 1);
    assertTrue(turns.enter(ANNA, 0, () -> true));
    queue(turns, ANNA, 0, "first");
    queue(turns, ANNA, 0, "second");
    queue(turns, ANNA, 5, "urgent");
    queue(turns, ANNA, WalkTurns.RESUMED, "resumed");

    for (String expected : new String[] {"resumed", "urgent", "first", "second"}) {
      turns.leave(ANNA);
      assertEquals(expected, next());
    }
    assertNull(begun.poll());
  }

  @Test
  void givenTwoPeers_thenTheyTakeTurns_whateverTheirPriorities() throws Exception {
    WalkTurns turns = new WalkTurns(1, 1);
    assertTrue(turns.enter(ANNA, 0, () -> true));
    queue(turns, ANNA, 1000, "anna 1");
    queue(turns, ANNA, 1000, "anna 2");
    queue(turns, BERT, 0, "bert 1");
    queue(turns, BERT, 0, "bert 2");

    turns.leave(ANNA);
    String first = next();
    turns.leave(first.startsWith("anna") ? ANNA : BERT);
    String second = next();
    turns.leave(second.startsWith("anna") ? ANNA : BERT);
    String third = next();

    assertEquals("anna 1", first);
    assertEquals("bert 1", second);
    assertEquals("anna 2", third);
  }

  @Test
  void givenWaiting_whenGivenUp_thenOutOfLine() throws Exception {
    WalkTurns turns = new WalkTurns(1, 1);
    assertTrue(turns.enter(ANNA, 0, () -> true));
    AtomicBoolean givenUp = new AtomicBoolean();
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> begun.add("got a turn: " + turns.enter(BERT, 0, givenUp::get)));
    while (turns.waiting() == 0) {
      Thread.onSpinWait();
    }
    givenUp.set(true);
    turns.wake();

    assertEquals("got a turn: false", next());
    waiting.join();
    assertEquals(0, turns.waiting());
    turns.leave(ANNA);
    assertTrue(turns.enter(BERT, 0, () -> true));
  }

  @Test
  void givenNoTurn_thenNoneCanBeEnded() {
    WalkTurns turns = new WalkTurns(1, 1);

    assertThrows(IllegalStateException.class, () -> turns.leave(ANNA));
    assertTrue(turns.enter(ANNA, 0, () -> true));
    turns.leave(ANNA);
    assertThrows(IllegalStateException.class, () -> turns.leave(ANNA));
  }
}
