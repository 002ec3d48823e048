package io.sluice.payments.ledger;

import java.time.Duration;

/**
 * What to know of a ledger before using it.
 *
 * @param kind {@code embedded} or {@code evm}
 * @param symbol the native coin's symbol
 * @param decimals how many decimals the native coin is shown with
 * @param minChallenge shortest challenge period of a channel
 * @param maxChallenge longest challenge period of a channel
 */
public record LedgerFacts(
    String kind, String symbol, int decimals, Duration minChallenge, Duration maxChallenge) {}
