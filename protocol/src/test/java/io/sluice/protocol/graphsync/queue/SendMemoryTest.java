package io.sluice.protocol.graphsync.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.PeerId;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SendMemoryTest {
  private static final PeerId ANNA = peer(1);
  private static final PeerId BERT = peer(2);
  private static final PeerId CARL = peer(3);

  private final SendMemory memory = new SendMemory(100, 150);

  static PeerId peer(int number) {
    return PeerId.of(
        Multihash.hash(Multihash.SHA2_256, ByteBuffer.wrap(new byte[] {(byte) number})).bytes());
  }

  /** Takes without waiting. */
  private boolean fits(PeerId peer, long bytes) {
    return memory.take(peer, bytes, () -> true);
  }

  @Test
  void givenLimitOfPeer_thenExactlyThatMuchFits() {
    assertTrue(fits(ANNA, 60));
    assertFalse(fits(ANNA, 41));
    assertTrue(fits(ANNA, 40));
    assertFalse(fits(ANNA, 1));
    assertEquals(100, memory.used());
  }

  @Test
  void givenLimitOfAll_thenAnotherPeerGetsOnlyTheRest() {
    assertTrue(fits(ANNA, 100));
    assertTrue(fits(BERT, 20));
    assertFalse(fits(BERT, 31));
    assertTrue(fits(BERT, 30));
    assertEquals(150, memory.used());
  }

  @Test
  void givenPeerWithNothingQueued_thenOneBlockFitsHoweverLarge() {
    assertTrue(fits(ANNA, 100));
    assertTrue(fits(BERT, 5000));
    assertTrue(fits(CARL, 1));
    assertFalse(fits(BERT, 1));
    memory.give(BERT, 5000);
    assertTrue(fits(BERT, 49));
  }

  @Test
  void givenAllGivenBack_thenAsInTheBeginning() {
    assertTrue(fits(ANNA, 70));
    assertTrue(fits(ANNA, 30));
    memory.give(ANNA, 30);
    memory.give(ANNA, 70);

    assertEquals(0, memory.used());
    assertTrue(fits(ANNA, 500));
  }

  @Test
  void givenPartGivenBack_thenThePeerStillCounts() {
    assertTrue(fits(ANNA, 100));
    memory.give(ANNA, 10);

    assertFalse(fits(ANNA, 11));
    assertTrue(fits(ANNA, 10));
    memory.give(ANNA, 0);
    assertEquals(100, memory.used());
  }

  @Test
  void givenWaiting_whenMemoryIsGivenBack_thenItIsTaken() throws Exception {
    assertTrue(fits(ANNA, 100));
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(() -> memory.take(ANNA, 50, () -> false));
    assertThrows(TimeoutException.class, () -> waiting.get(20, TimeUnit.MILLISECONDS));

    memory.give(ANNA, 40);
    assertFalse(waiting.isDone());
    memory.give(ANNA, 10);

    assertTrue(waiting.get(10, TimeUnit.SECONDS));
    assertEquals(100, memory.used());
  }

  @Test
  void givenWaiting_whenGivenUp_thenNothingIsTaken() throws Exception {
    assertTrue(fits(ANNA, 100));
    AtomicBoolean givenUp = new AtomicBoolean();
    CountDownLatch looked = new CountDownLatch(1);
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () ->
                memory.take(
                    ANNA,
                    50,
                    () -> {
                      looked.countDown();
                      return givenUp.get();
                    }));
    assertTrue(looked.await(10, TimeUnit.SECONDS));
    givenUp.set(true);
    memory.wake();

    assertFalse(waiting.get(10, TimeUnit.SECONDS));
    assertEquals(100, memory.used());
  }

  @Test
  void givenAnyCourse_thenWhatIsUsedIsWhatWasTakenAndNotGivenBack() {
    long seed = 7;
    Random random = new Random(seed);
    PeerId[] peers = {ANNA, BERT, CARL};
    long[] mine = new long[3];
    for (int i = 0; i < 5000; i++) {
      int who = random.nextInt(3);
      if (random.nextBoolean()) {
        long bytes = 1L + random.nextInt(60);
        long total = mine[0] + mine[1] + mine[2];
        boolean expected = mine[who] == 0 || (mine[who] + bytes <= 100 && total + bytes <= 150);
        assertEquals(expected, fits(peers[who], bytes), "seed " + seed + ", step " + i);
        mine[who] += expected ? bytes : 0;
      } else if (mine[who] > 0) {
        long bytes = 1L + random.nextInt((int) mine[who]);
        memory.give(peers[who], bytes);
        mine[who] -= bytes;
      }
      assertEquals(mine[0] + mine[1] + mine[2], memory.used());
    }
  }
}
