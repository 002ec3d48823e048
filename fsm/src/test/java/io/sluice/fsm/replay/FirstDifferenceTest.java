package io.sluice.fsm.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.ipld.Node;
import org.junit.jupiter.api.Test;

class FirstDifferenceTest {

  private static Node deal(long paid, String channel) {
    return Node.map()
        .put("Lane", Node.map().put("Channel", Node.of(channel)).build())
        .put("Paid", Node.of(paid))
        .build();
  }

  @Test
  void givenOtherValueFarDown_thenItsPathAndBothValues() {
    assertEquals(
        "Lane/Channel is recorded as \"b\", the table makes \"a\"",
        FirstDifference.between(deal(1, "a"), deal(2, "b")));
  }

  @Test
  void givenAKeyOnOneSideOnly_thenWhichSide() {
    Node none = Node.map().build();
    Node one = Node.map().put("Paid", Node.of(1)).build();
    assertEquals(
        "Paid is not recorded, and the table makes it", FirstDifference.between(one, none));
    assertEquals(
        "Paid is recorded, and the table does not make it", FirstDifference.between(none, one));
  }

  @Test
  void givenALongValue_thenTheLineStaysShort() {
    String line = FirstDifference.between(deal(1, "x".repeat(5_000)), deal(1, "y".repeat(5_000)));
    assertEquals(168, line.length(), line);
  }
}
