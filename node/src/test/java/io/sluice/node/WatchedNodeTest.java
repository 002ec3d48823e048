package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the metrics and the health of two nodes say of money that really moved between them. */
@Timeout(120)
class WatchedNodeTest {
  private static final int SIZE = 1 << 20;
  private static final long FUNDS = 100_000_000;

  @TempDir Path folder;

  private TestNode node(String name) throws Exception {
    return new TestNode(folder.resolve(name))
        .with("SLUICE_LEDGER", folder.resolve("ledger").toString());
  }

  /** The ledger is looked at once a second, and a word of the other end may be on its way. */
  private static void awaitMetric(TestNode node, String line) throws Exception {
    String text = node.metrics();
    while (text.lines().noneMatch(line::equals)) {
      LockSupport.parkNanos(20_000_000);
      text = node.metrics();
    }
  }

  private static void assertMetrics(TestNode node, String... lines) throws Exception {
    List<String> shown = node.metrics().lines().toList();
    for (String line : lines) {
      assertTrue(
          shown.contains(line),
          () -> line + " in " + shown.stream().filter(l -> !l.startsWith("#")).toList());
    }
  }

  private static final String OF_COIN = "token=\"" + EvmAddress.ZERO + "\"";

  @Test
  void givenAPaidDeal_whenItIsSettled_thenBothNodesShowWhereTheMoneyIs() throws Exception {
    try (TestNode seller =
            node("seller")
                .with("SLUICE_PAYMENTS_MINIMUM_REDEMPTION", "1000000000000")
                .with("SLUICE_WATCH_VALUE_AT_RISK", "1000")
                .start();
        TestNode buyer = node("buyer").start();
        NodeService buying = buyer.commands()) {
      Cid content = seller.offer(SIZE, TokenAmount.of(1 << 20));
      buying.faucet(buying.id().paymentAddress(), TokenAmount.of(FUNDS), Optional.empty());
      assertEquals("200 {\"ready\":true,\"concerns\":[]}\n", seller.health());

      long paid = buy(buying, content, seller.address()).longValueExact();

      Reports.ChannelReport channel = buying.channels().getFirst();
      long deposit = channel.deposit().value().longValueExact();
      awaitMetric(
          seller, "sluice_value_at_risk{role=\"provider\"," + OF_COIN + "} " + (double) paid);
      assertMetrics(
          seller,
          "sluice_deposits{role=\"provider\"," + OF_COIN + "} " + (double) deposit,
          "sluice_channels{role=\"provider\",state=\"open\"," + OF_COIN + "} 1.0",
          "sluice_deadline_seconds +Inf",
          "sluice_redemptions_total 0.0",
          "sluice_credit{" + OF_COIN + "} 0.0",
          "sluice_ledger_reachable 1.0",
          "sluice_limit_deadline_seconds 21600.0",
          "sluice_limit_value_at_risk{" + OF_COIN + "} 1000.0",
          "sluice_concern{concern=\"value_at_risk\"} 1.0",
          "sluice_ready 1.0");
      String health = seller.health();
      assertTrue(health.startsWith("200 {\"ready\":true,"), health);
      assertTrue(health.contains("\"code\":\"value_at_risk\",\"grave\":false"), health);
      awaitMetric(buyer, "sluice_balance{" + OF_COIN + "} " + (double) (FUNDS - deposit));
      assertMetrics(
          buyer,
          "sluice_coin_balance " + (double) (FUNDS - deposit),
          "sluice_deposits{role=\"client\"," + OF_COIN + "} " + (double) deposit,
          "sluice_value_at_risk{role=\"client\"," + OF_COIN + "} " + (double) (deposit - paid));

      buying.settle(channel.id());

      // A look may be between the ledger's word and what is made of it.
      awaitMetric(seller, "sluice_credit{" + OF_COIN + "} " + (double) paid);
      awaitMetric(seller, "sluice_redemptions_total 1.0");
      awaitMetric(seller, "sluice_settles_total 1.0");
      awaitMetric(seller, "sluice_value_at_risk{role=\"provider\"," + OF_COIN + "} 0.0");
      awaitMetric(
          seller, "sluice_channels{role=\"provider\",state=\"settling\"," + OF_COIN + "} 1.0");
      awaitMetric(seller, "sluice_deadline_seconds +Inf");
      awaitMetric(buyer, "sluice_channels{role=\"client\",state=\"settling\"," + OF_COIN + "} 1.0");
    }
  }

  private static java.math.BigInteger buy(NodeService buying, Cid content, String provider)
      throws Exception {
    return buying
        .retrieve(
            new Requests.RetrieveRequest(
                content.toString(),
                List.of(provider),
                Optional.empty(),
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                content.toString()),
            progress -> {})
        .totalPaid()
        .value();
  }
}
