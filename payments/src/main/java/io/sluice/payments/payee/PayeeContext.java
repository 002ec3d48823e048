package io.sluice.payments.payee;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What all channels that pay this home share.
 *
 * @param policy what is taken, and how far payers are trusted
 * @param clock wall clock
 * @param listener hears of changes of live deals' credit; never called under a channel's monitor
 * @param exposure what all live deals have open
 */
record PayeeContext(PayeePolicy policy, Clock clock, PayeeListener listener, Exposure exposure) {
  /** Now, as precisely as it is stored. */
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }
}
