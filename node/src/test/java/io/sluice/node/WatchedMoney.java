package io.sluice.node;

import io.sluice.node.metrics.Metrics;
import io.sluice.node.watch.LatestFigures;
import io.sluice.node.watch.MoneyHealth;
import io.sluice.node.watch.WatchLimits;
import io.sluice.payments.ledger.LedgerStanding;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.watch.MoneyFigures;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.EvmAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Money as somebody may see it, for tests of what is made of it. */
final class WatchedMoney {
  private static final WatchLimits LIMITS =
      new WatchLimits(
          Duration.ofMinutes(10), Duration.ofHours(6), 10, Duration.ofMinutes(30), Amounts.NONE);

  private static final Tokens TOKENS = new Tokens(new Token("FIL", EvmAddress.ZERO, 18), List.of());

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final long PATIENCE_MILLIS = 10_000;

  private WatchedMoney() {}

  /** Shows it as that of a node on a chain whose ledger does not answer. */
  static void show(Metrics metrics) {
    LedgerStanding.NodeStanding way =
        new LedgerStanding.NodeStanding("rpc.example", true, 1, Duration.ZERO, Map.of());
    MoneyFigures figures = standing(List.of(way));
    LatestFigures latest = new LatestFigures(() -> figures, Ticker.SYSTEM, PATIENCE_MILLIS);
    MoneyMetrics.show(
        metrics, latest, new MoneyHealth(latest, LIMITS, TOKENS), LIMITS, TOKENS, List.of(way));
  }

  private static MoneyFigures standing(List<LedgerStanding.NodeStanding> nodes) {
    return new MoneyFigures(
        Optional.empty(),
        Optional.empty(),
        NOW,
        NOW,
        List.of(),
        new LedgerStanding(
            nodes,
            LedgerStanding.Waiting.NONE,
            Map.of(),
            new LedgerStanding.Reorganisations(0, 0),
            0),
        0,
        0,
        0);
  }
}
