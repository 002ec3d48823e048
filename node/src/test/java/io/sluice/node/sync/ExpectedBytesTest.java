package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectedBytesTest {
  @ParameterizedTest
  @ValueSource(strings = {"golden", "five", "fivev0", "forty", "one", "oneraw"})
  void whatIsExpectedIsWhatTheBlocksHave(String name) throws Exception {
    SyncContent content = SyncContent.of(name);
    for (int from = 0; from <= content.nodes().size(); from++) {
      Manifest some =
          new Manifest(content.nodes().subList(from, content.nodes().size()), List.of());
      long bytes = some.nodes().stream().map(content::block).mapToLong(Block::size).sum();
      assertEquals(bytes, ExpectedBytes.of(content.info(), some));
    }
    assertEquals(
        0, ExpectedBytes.of(Info.of(content.info().manifest()), content.info().manifest()));
  }
}
