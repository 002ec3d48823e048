package io.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LatestEntriesTest {
  @Test
  void oneMoreTakesThePlaceOfTheOneThatWasPutFirst() {
    Map<String, Integer> map = LatestEntries.byInsertion(2);
    map.put("a", 1);
    map.put("b", 2);
    assertEquals(1, map.get("a"));

    map.put("c", 3);

    assertEquals(Set.of("b", "c"), map.keySet());
  }

  @Test
  void oneMoreTakesThePlaceOfTheOneThatWasNotAskedForLongest() {
    Map<String, Integer> map = LatestEntries.byUse(2);
    map.put("a", 1);
    map.put("b", 2);
    assertEquals(1, map.get("a"));

    map.put("c", 3);

    assertEquals(Set.of("a", "c"), map.keySet());
  }
}
