package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.Network.Mode;
import io.sluice.node.SharedNetwork.NetworkUse;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may have the network joined anew, and when. */
@Timeout(60)
class SharedNetworkTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path folder;
  private SluiceNode node;
  private SharedNetwork shared;

  @BeforeEach
  void open() throws Exception {
    node = new TestNode(folder).open();
    shared = node.network();
  }

  @AfterEach
  void close() {
    node.close();
  }

  private Network used(Mode mode) throws Exception {
    try (NetworkUse use = shared.use(mode, Duration.ZERO)) {
      return use.network();
    }
  }

  private ErrorCode refused(Mode mode, Duration patience) {
    return (ErrorCode)
        assertThrows(ServiceException.class, () -> shared.use(mode, patience).close()).code();
  }

  @Test
  void givenOneThatDoesAsMuch_thenThatOneIsUsed() throws Exception {
    Network first = used(Mode.BUY);

    assertSame(first, used(Mode.DIAL));
    assertSame(first, used(Mode.BUY));
    assertSame(first, node.joined().orElseThrow());
  }

  @Test
  void givenOneThatNobodyUses_whenMoreIsWanted_thenItIsJoinedAnew() throws Exception {
    Network first = used(Mode.DIAL);

    Network second = used(Mode.BUY);

    assertNotSame(first, second);
    assertEquals(Mode.BUY, second.mode());
  }

  @Test
  void givenAQuestionUnderWay_whenMoreIsWanted_thenTheEndOfTheQuestionIsWaitedFor()
      throws Exception {
    NetworkUse question = shared.use(Mode.DIAL, LONG);
    Thread[] buyer = new Thread[1];
    CompletableFuture<Mode> bought = new CompletableFuture<>();
    buyer[0] =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (NetworkUse use = shared.use(Mode.BUY, LONG)) {
                    bought.complete(use.network().mode());
                  } catch (Exception e) {
                    bought.completeExceptionally(e);
                  }
                });
    while (buyer[0].getState() != Thread.State.TIMED_WAITING) {
      LockSupport.parkNanos(1_000_000);
    }
    assertSame(question.network(), node.joined().orElseThrow());

    question.close();

    assertEquals(Mode.BUY, bought.get(30, TimeUnit.SECONDS));
  }

  @Test
  void givenAQuestionThatDoesNotEnd_whenMoreIsWanted_thenThatIsRefused() throws Exception {
    try (NetworkUse question = shared.use(Mode.DIAL, LONG)) {
      assertEquals(ErrorCode.HOME_IN_USE, refused(Mode.BUY, Duration.ofMillis(1)));
      assertSame(question.network(), node.joined().orElseThrow());
    }
  }

  @Test
  void givenAPurchaseUnderWay_whenMoreIsWanted_thenThatIsRefusedAtOnce() throws Exception {
    try (NetworkUse purchase = shared.use(Mode.BUY, LONG)) {
      assertEquals(ErrorCode.HOME_IN_USE, refused(Mode.TEND, LONG));
      assertSame(purchase.network(), node.joined().orElseThrow());
    }
    assertEquals(Mode.TEND, used(Mode.TEND).mode());
  }

  @Test
  void givenWhatOthersWillWant_whenLessIsWanted_thenItIsJoinedForThat() throws Exception {
    shared.atLeast(Mode.BUY);

    assertEquals(Mode.BUY, used(Mode.DIAL).mode());
  }
}
