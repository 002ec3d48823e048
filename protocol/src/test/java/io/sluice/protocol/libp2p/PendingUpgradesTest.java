package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingUpgradesTest {
  private static final int LIMIT = 4;

  /** Draws the first. */
  private final PendingUpgrades pending = new PendingUpgrades(LIMIT, below -> 0);

  private final List<EmbeddedChannel> channels = new ArrayList<>();
  private final List<PendingUpgrades.Place> places = new ArrayList<>();

  @AfterEach
  void close() {
    channels.forEach(EmbeddedChannel::close);
  }

  private void come(int count) {
    for (int i = 0; i < count; i++) {
      EmbeddedChannel channel = new EmbeddedChannel();
      channels.add(channel);
      places.add(pending.add(channel));
    }
  }

  private boolean stands(int number) {
    channels.get(number).runPendingTasks();
    return channels.get(number).isOpen();
  }

  @Test
  void givenNoPlaceLeft_whenOneComes_thenOneThatWaitsIsDropped() {
    come(LIMIT);
    assertTrue(stands(0));

    come(1);

    assertFalse(stands(0));
    for (int i = 1; i <= LIMIT; i++) {
      assertTrue(stands(i), "number " + i);
    }
  }

  @Test
  void givenOneUnderWay_whenACrowdComes_thenItIsSpared() {
    come(LIMIT);
    places.get(0).underWay();

    come(100);

    assertTrue(stands(0));
    places.get(0).finished();
    assertTrue(stands(0));
  }

  @Test
  void givenMoreThanHalfUnderWay_whenOneComes_thenOneOfThemIsDropped() {
    come(LIMIT);
    places.forEach(PendingUpgrades.Place::underWay);

    come(1);
    assertFalse(stands(0));
    come(1);
    assertFalse(stands(1));
    come(1); // the others hold half, which is theirs

    assertTrue(stands(2));
    assertTrue(stands(3));
    assertFalse(stands(4));
    assertTrue(stands(6));
  }

  @Test
  void givenOneDrawn_whenItFinishesBeforeItIsClosed_thenItStands() {
    come(LIMIT + 1); // the first is drawn, and its event loop has not come to it

    places.get(0).finished();

    assertTrue(stands(0));
  }

  @Test
  void givenOneDrawn_whenItIsUnderWayTooLate_thenItIsClosedAndTakesNoPlace() {
    come(LIMIT + 1);
    places.get(0).underWay();
    assertFalse(stands(0));
    places.get(0).finished();

    places.get(1).finished();
    come(1);

    for (int i = 1; i < channels.size(); i++) {
      assertTrue(stands(i), "number " + i);
    }
  }
}
