package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LingeringStreamsTest {
  private final Set<String> ended = new HashSet<>();
  private final LingeringStreams<String> lingering = new LingeringStreams<>(100, ended::contains);

  private List<String> overdue(long now) {
    List<String> overdue = new ArrayList<>();
    lingering.sweep(now, overdue::add);
    return overdue;
  }

  @Test
  void givenPeerThatLeavesItOpen_thenOverdueOnceItsTimeIsOver() {
    lingering.add("a");
    assertEquals(List.of(), overdue(10));
    lingering.add("b");
    assertEquals(List.of(), overdue(50));

    assertEquals(List.of(), overdue(109));
    assertEquals(List.of("a"), overdue(110));
    assertEquals(List.of("b"), overdue(150));
    assertEquals(List.of(), overdue(1000));
  }

  @Test
  void givenPeerThatEndedIt_thenNotWaitedFor() {
    ended.add("a");
    lingering.add("a");

    assertEquals(List.of(), overdue(0));
    ended.clear();
    assertEquals(List.of(), overdue(1000));
  }

  @Test
  void givenClockThatTurnsOver_thenItsTimeIsAsLong() {
    lingering.add("a");

    assertEquals(List.of(), overdue(Long.MAX_VALUE - 10));
    assertEquals(List.of(), overdue(Long.MIN_VALUE + 88));
    assertEquals(List.of("a"), overdue(Long.MIN_VALUE + 89));
  }
}
