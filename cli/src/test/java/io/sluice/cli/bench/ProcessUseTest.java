package io.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ProcessUseTest {
  @Test
  void fieldsBeginAfterTheNameHoweverThatLooks() {
    assertEquals("S", ProcessUse.fields("12 (a) b) S 1 2").getFirst());
  }

  @Test
  void timesAddUp_ofPeaksTheHigherCounts() {
    ProcessUse one = new ProcessUse(Optional.of(1.0), Optional.of(8L));
    ProcessUse other = new ProcessUse(Optional.of(2.5), Optional.of(7L));

    assertEquals(new ProcessUse(Optional.of(3.5), Optional.of(8L)), one.and(other));
    assertEquals(new ProcessUse(Optional.of(1.5), Optional.of(7L)), other.since(one));
    assertEquals(Optional.of(8L), ProcessUse.UNKNOWN.and(one).peakBytes());
  }

  @Test
  void givenThisProcess_thenWhatLinuxSays() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/stat")));
    ProcessUse before = ProcessUse.ofEndedChildren();

    new ProcessBuilder("sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")
        .start()
        .waitFor();

    double used = ProcessUse.ofEndedChildren().since(before).cpuSeconds().orElseThrow();
    assertTrue(used >= 0.02, () -> used + " s");
    ProcessUse own = ProcessUse.of(ProcessHandle.current().pid());
    assertTrue(own.cpuSeconds().orElseThrow() > 0);
    assertTrue(own.peakBytes().orElseThrow() > 10 << 20);
  }
}
