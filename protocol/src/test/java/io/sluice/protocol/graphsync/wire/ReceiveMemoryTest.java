package io.sluice.protocol.graphsync.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.LimitExceededException;
import io.sluice.protocol.multiformats.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReceiveMemoryTest {
  private static final int MIB = 1 << 20;
  private static final PeerId ONE = peer(1);
  private static final PeerId TWO = peer(2);
  private static final PeerId THREE = peer(3);

  private final ReceiveMemory memory = new ReceiveMemory(8 * MIB, 12 * MIB);
  private final List<String> givenUp = new ArrayList<>();

  private static PeerId peer(int seed) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) seed;
    return Identity.ofSeed(bytes).peerId();
  }

  private ReceiveMemory.Lease take(PeerId peer, int mib, String name) throws Exception {
    return memory.take(peer, mib * MIB, Duration.ZERO, () -> givenUp.add(name));
  }

  @Test
  void givenFramesOfOnePeer_thenItsOwnLimitHolds_andAnOldOneMakesRoom() throws Exception {
    ReceiveMemory.Lease first = take(ONE, 4, "first");
    take(ONE, 4, "second");
    assertThrows(LimitExceededException.class, () -> take(ONE, 1, "third"));
    assertEquals(8 * MIB, memory.used());

    first.close();
    first.close(); // a second time gives nothing

    take(ONE, 4, "third");
    assertEquals(8 * MIB, memory.used());
    assertEquals(List.of(), givenUp);
  }

  @Test
  void givenAllRoomTaken_whenAPeerWithLessAsks_thenTheOldestOfTheLargestGivesUp() throws Exception {
    take(ONE, 4, "one, first");
    ReceiveMemory.Lease second = take(ONE, 4, "one, second");
    take(TWO, 4, "two");

    take(THREE, 1, "three");

    assertEquals(List.of("one, first"), givenUp);
    assertEquals(9 * MIB, memory.used());
    second.close();
    assertEquals(5 * MIB, memory.used());
  }

  @Test
  void givenAllRoomTaken_whenTheLargestAsks_thenNobodyGivesUp() throws Exception {
    take(ONE, 4, "one");
    take(TWO, 4, "two");
    take(THREE, 4, "three");

    assertThrows(LimitExceededException.class, () -> take(ONE, 1, "more"));
    assertThrows(LimitExceededException.class, () -> take(peer(4), 4, "as much"));
    assertEquals(List.of(), givenUp);
  }

  @Test
  void givenOneThatWaits_whenRoomIsGivenBack_thenItGoesOn() throws Exception {
    ReceiveMemory.Lease first = take(ONE, 8, "first");
    CompletableFuture<ReceiveMemory.Lease> waiting = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                waiting.complete(memory.take(ONE, MIB, Duration.ofSeconds(20), () -> {}));
              } catch (Exception e) {
                waiting.completeExceptionally(e);
              }
            });

    first.close();

    waiting.get(20, TimeUnit.SECONDS).close();
    assertEquals(0, memory.used());
  }
}
