package io.sluice.node.watch;

import io.sluice.payments.token.Amounts;
import java.time.Duration;

/**
 * From where on something about a node's money is worth telling a person: the one place where that
 * stands. Health is judged by it, and so are the alerts, which read it among the metrics.
 *
 * @param lag how old the ledger's newest block may be
 * @param deadline how long before vouchers become worthless they should be redeemed
 * @param redemptions for the gas of how many redemptions the account should hold coin
 * @param outbox how long a transaction may wait for a block
 * @param valueAtRisk most that clients may owe in vouchers that are not redeemed; of a token of
 *     which there is none there is no such bound
 */
public record WatchLimits(
    Duration lag, Duration deadline, int redemptions, Duration outbox, Amounts valueAtRisk) {}
