package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.blocks.FileBlockStore;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that die at chosen points of the store: what they said is there, and more can come. */
@Tag("long")
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoreCrashPointsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "JOURNAL_WRITTEN:1",
        "JOURNAL_WRITTEN:200",
        "JOURNAL_SYNCED:1",
        "JOURNAL_SYNCED:201",
        "JOURNAL_SEGMENT_MADE:1",
        "JOURNAL_SEGMENT_MADE:5",
        "TABLES_BEHIND:1",
        "TABLES_BEHIND:12",
        "SNAPSHOT_WRITTEN:1",
        "SNAPSHOT_WRITTEN:2",
        "SEGMENT_FORGOTTEN:1",
        "SEGMENT_FORGOTTEN:4",
        "BLOCK_WRITTEN:60",
        "BLOCKS_SYNCED:61",
        "BLOCK_FILE_SEALED:1",
        "BLOCK_FILE_SEALED:6",
        "BLOCK_LOG_WRITTEN:1",
        "BLOCK_LOG_WRITTEN:90",
        "BLOCK_LOG_SYNCED:1",
        "BLOCK_LOG_SYNCED:91",
        "BLOCK_LOG_SEGMENT_MADE:1",
        "BLOCK_LOG_SEGMENT_MADE:5",
        "BLOCK_LOG_COMPACTED:1",
        "BLOCK_LOG_COMPACTED:3",
      })
  void givenDeathAtAPoint_thenWhatWasSaidIsThere(String point) throws Exception {
    List<Long> said = new ArrayList<>(run(point, 400, CrashPoint.STATUS));
    assertThere(said);
    said.addAll(run("", 25, 0));

    assertThere(said);
  }

  /** Runs a process; the numbers that it said. */
  private List<Long> run(String point, int rounds, int status)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StoreWorkload.class.getName(),
                folder.toString(),
                Integer.toString(rounds))
            .redirectInput(new File("/dev/null"))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put(CrashPoint.VARIABLE, point);
    Process process = builder.start();
    List<Long> said;
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      said = out.lines().map(Long::valueOf).toList();
    }
    assertEquals(status, process.waitFor(), "after " + said.size() + " rounds");
    return said;
  }

  private void assertThere(List<Long> said) throws IOException {
    try (DealStore store = StoreWorkload.store(folder);
        FileBlockStore blocks = StoreWorkload.blocks(folder)) {
      Map<String, Node> numbers = store.documents("numbers");
      long last = said.isEmpty() ? 0 : said.getLast();
      long counted = store.document("counter", "round").map(Node::asLong).orElse(0L);
      assertTrue(counted == last || counted == last + 1, counted + ", said " + last);
      Set<Cid> numbered = new HashSet<>();
      for (LogEntry entry : blocks.log().read(1, Long.MAX_VALUE, Integer.MAX_VALUE)) {
        assertTrue(numbered.add(entry.cid()), "two numbers for one block");
      }
      for (long number : said) {
        assertTrue(numbered.contains(StoreWorkload.block(number).cid()), "no number: " + number);
        String name = Long.toString(number % StoreWorkload.NAMES);
        assertTrue(numbers.get(name).asLong() >= number, name);
        Block block = StoreWorkload.block(number);
        assertEquals(block.data(), blocks.get(block.cid()).orElseThrow().data());
        assertTrue(store.load(new MachineId("c-" + number)).isPresent());
      }
    }
  }
}
