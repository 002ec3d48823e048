package io.sluice.payments.payee;

import io.sluice.payments.DealRef;

/**
 * Hears that a deal's credit or its room under the deposit may have changed by something else than
 * its own voucher: a ledger event, another deal's payment or end. Called without a lock held, from
 * whatever thread found out; should only pass it on.
 */
@FunctionalInterface
public interface PayeeListener {
  /** Look at that deal's account again. */
  void changed(DealRef deal);
}
