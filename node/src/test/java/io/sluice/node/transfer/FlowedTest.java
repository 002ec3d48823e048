package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.protocol.graphsync.Exclusions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FlowedTest {
  private static Totals totals(long bytes, long blocks, long leftOut) {
    return new Totals(bytes, blocks, Optional.of(leftOut));
  }

  @Test
  void givenAWalkThatComesByAgain_thenNothingCountsTwice() {
    Flowed flowed = new Flowed(new Totals(0, 0));
    flowed.asked(0);
    flowed.passed(1, 10);
    flowed.passed(2, 30);

    flowed.passed(1, 10);

    assertEquals(totals(30, 2, 0), flowed.totals());
    assertFalse(flowed.isNew(2));
    assertTrue(flowed.isNew(3));
  }

  @Test
  void givenWhatWasHadAtFirst_thenOnlyLessOfThatIsNews() {
    Flowed flowed = new Flowed(new Totals(0, 0));
    assertEquals(Optional.empty(), flowed.exclusions());

    assertTrue(flowed.asked(7));
    assertFalse(flowed.asked(9), "what is left out later has come, and counts");
    assertTrue(flowed.asked(5), "what was lost comes, and counts");

    assertEquals(Optional.of(new Exclusions(5, List.of())), flowed.exclusions());
  }

  @Test
  void givenWhatWasRecorded_thenOnlyWhatCameSinceIsUnrecorded() {
    Flowed flowed = new Flowed(totals(100, 3, 0));
    flowed.passed(4, 150);
    assertEquals(50, flowed.unrecorded());

    assertEquals(totals(150, 4, 0), flowed.recorded());

    assertEquals(0, flowed.unrecorded());
  }
}
