package io.sluice.node.watch;

import io.sluice.payments.token.Tokens;
import java.util.List;

/** Judges a node by the newest look at its money. Safe for many threads. */
public final class MoneyHealth {
  private final LatestFigures figures;
  private final WatchLimits limits;
  private final Tokens tokens;

  /** By those limits; amounts are shown with those tokens. */
  public MoneyHealth(LatestFigures figures, WatchLimits limits, Tokens tokens) {
    this.figures = figures;
    this.limits = limits;
    this.tokens = tokens;
  }

  /** How it is now. Blocks for a moment, as {@link LatestFigures#get}. */
  public Health now() {
    return Health.of(concerns());
  }

  /** What is the matter now. */
  public List<Concern.Found> concerns() {
    return figures
        .get()
        .map(money -> Concern.all(money, limits, tokens))
        .orElseGet(
            () ->
                List.of(
                    new Concern.Found(
                        Concern.LEDGER_UNREACHABLE, "the ledger has not answered yet")));
  }
}
