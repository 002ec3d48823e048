/** The port to the ledger on which channels are opened and settled. */
@NullMarked
package io.sluice.payments.ledger;

import org.jspecify.annotations.NullMarked;
