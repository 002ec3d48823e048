package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealStatus;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node does while it runs, as a peer and an operator see it. */
@Timeout(120)
class RunningNodeTest {
  private static final Cid ELSEWHERE =
      Cid.parse("bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy");
  private static final long PATIENCE = 30;

  @TempDir Path folder;

  @Test
  void givenARefusal_whenMetricsAreRead_thenItIsCountedByReason() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        Stranger stranger = new Stranger()) {
      assertEquals(
          DealStatus.REJECTED.code(),
          stranger
              .propose(node.address(), 1, ELSEWHERE)
              .answer
              .get(PATIENCE, TimeUnit.SECONDS)
              .statusCode());

      String text = node.metrics();

      assertTrue(
          text.contains("sluice_refusals_total{reason=\"NOT_OFFERED\",role=\"provider\"} 1.0"),
          text);
    }
  }

  @Test
  void givenAFreeDeal_whenItIsOver_thenItsCourseIsCounted() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        Stranger stranger = new Stranger()) {
      Cid content = node.give(3_000);

      stranger.propose(node.address(), 1, content).completed.get(PATIENCE, TimeUnit.SECONDS);

      String text = node.metrics();
      assertTrue(
          text.contains("sluice_deals_started_total{paid=\"false\",role=\"provider\"} 1.0"), text);
      assertTrue(text.contains("sluice_sent_bytes_total 3000.0"), text);
    }
  }
}
