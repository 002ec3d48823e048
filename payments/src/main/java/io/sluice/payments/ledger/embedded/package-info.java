/**
 * A ledger in one local file, for trying out, tests and one operator's nodes: the rules of the
 * payment channel contract without a chain.
 *
 * <p>{@link io.sluice.payments.ledger.embedded.EmbeddedLedger} is the door. Several processes may
 * use one file at a time, and any may be killed at any moment. There is nothing behind the money in
 * it, and whoever can write the file can write anything into it.
 */
@NullMarked
package io.sluice.payments.ledger.embedded;

import org.jspecify.annotations.NullMarked;
