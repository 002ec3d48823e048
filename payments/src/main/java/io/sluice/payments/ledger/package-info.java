/**
 * The port to the ledger on which channels are opened and settled, with the values that cross it.
 *
 * <p>{@link io.sluice.payments.ledger.ChannelLedger} is written from the contract's point of view:
 * intents go in under ids chosen before the first try, events come out by cursor, and views answer
 * from the head or from a height below it. Every ledger obeys one contract test.
 */
@NullMarked
package io.sluice.payments.ledger;

import org.jspecify.annotations.NullMarked;
