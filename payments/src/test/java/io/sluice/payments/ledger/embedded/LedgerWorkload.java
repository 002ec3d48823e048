package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/**
 * A process of its own that works on a shared ledger: top-ups of one channel, one line for each.
 */
final class LedgerWorkload {
  private LedgerWorkload() {}

  static SigningKey payer() {
    byte[] secret = new byte[32];
    secret[31] = 5;
    return SigningKey.of(secret);
  }

  static Intent.Open opening() {
    EvmAddress payer = payer().address();
    byte[] payee = new byte[20];
    payee[0] = 9;
    return new Intent.Open(
        new IntentId("open"),
        payer,
        EvmAddress.of(payee),
        payer,
        EvmAddress.ZERO,
        1000,
        Bytes32.of(new byte[32]),
        TokenAmount.of(1));
  }

  /** Arguments: file, a name for the ids, how many top-ups of 1. */
  public static void main(String[] args) throws Exception {
    try (EmbeddedLedger ledger =
        EmbeddedLedger.open(Path.of(args[0]), Clock.systemUTC(), new SecureRandom())) {
      Bytes32 channel = opening().channel(ledger.domain());
      for (int i = 0; i < Integer.parseInt(args[2]); i++) {
        IntentId id = new IntentId(args[1] + "-" + i);
        Outcome outcome =
            ledger.submit(new Intent.TopUp(id, payer().address(), channel, TokenAmount.of(1)));
        if (!(outcome instanceof Outcome.Included)) {
          throw new IllegalStateException(outcome.toString());
        }
        System.out.println(id);
      }
    }
  }
}
