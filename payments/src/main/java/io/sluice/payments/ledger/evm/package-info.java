/** A ledger on an EVM chain. */
@NullMarked
package io.sluice.payments.ledger.evm;

import org.jspecify.annotations.NullMarked;
