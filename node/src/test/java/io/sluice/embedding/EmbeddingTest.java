package io.sluice.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.node.RunningNode;
import io.sluice.node.api.Reports;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.transfer.TransferManager;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/how-to/embed.md shows is a class here, and does what the page says. */
@Timeout(120)
class EmbeddingTest {
  @TempDir Path folder;

  @Test
  void givenTwoPrograms_thenOneBuysFromTheOther() throws Exception {
    Map<String, String> environment =
        Map.of("SLUICE_LEDGER", folder.resolve("ledger").toString(), "SLUICE_STORAGE_FREE", "0");
    byte[] content = new byte[3 << 20];
    new Random(7).nextBytes(content);
    Path file = Files.write(folder.resolve("file"), content);
    Path out = folder.resolve("out");
    try (RunningNode seller = EmbeddingExample.sell(folder.resolve("seller"), file, environment)) {
      String cid = seller.service().contents().getFirst().cid();

      Reports.RetrievalReport bought =
          EmbeddingExample.buy(
              folder.resolve("buyer"), cid, seller.addresses().getFirst(), out, environment);

      assertArrayEquals(content, Files.readAllBytes(out));
      assertEquals("COMPLETED", bought.state());
      assertEquals(TokenAmount.of(3_001), bought.totalPaid());
    }
  }

  @Test
  void givenTransfersOfTheirOwn_thenOnePullsWithTicketsAndTheOtherJudgesThem() throws Exception {
    Map<String, String> environment =
        Map.of("SLUICE_LEDGER", folder.resolve("ledger").toString(), "SLUICE_STORAGE_FREE", "0");
    byte[] content = new byte[3 << 20];
    new Random(7).nextBytes(content);
    Path file = Files.write(folder.resolve("file"), content);
    Home home = new Home(folder.resolve("giver"));
    String cid;
    try (RunningNode before = EmbeddingExample.sell(home.directory(), file, environment)) {
      cid = before.service().contents().getFirst().cid();
    }
    Map<String, List<String>> listen = Map.of("listen", List.of("/ip4/127.0.0.1/tcp/0"));
    Path other = folder.resolve("taker");
    new Home(other).init(Optional.of("secret"), 32_768);
    try (RunningNode giver =
            EmbeddingExample.serveMembers(
                home, NodeConfig.read(home.directory(), environment, listen));
        RunningNode taker =
            RunningNode.start(
                new Home(other), NodeConfig.read(other, environment, listen), () -> "secret")) {
      TransferManager.TransferEnd end =
          EmbeddingExample.pull(taker, cid, giver.addresses().getFirst());

      assertEquals(TransferStatus.COMPLETED, end.status(), end.message());
      assertEquals(1, end.channel().vouchers().count());
      assertTrue(end.channel().received().bytes() > content.length);
      Reports.TransferReport shown = taker.service().transfers().getFirst();
      assertEquals("pull", shown.direction());
      assertEquals("COMPLETED", shown.status());
    }
  }

  @Test
  void pageShowsTheClass() throws IOException {
    String source =
        Files.readString(
            Path.of("src", "test", "java", "io", "sluice", "embedding", "EmbeddingExample.java"));
    String shown = source.substring(source.indexOf("import "));
    String page = Files.readString(Path.of("..", "docs", "how-to", "embed.md"));

    assertTrue(page.contains("```java\n" + shown + "```\n"), "docs/how-to/embed.md is stale");
  }
}
