package io.sluice.payments.ledger.embedded;

import static io.sluice.payments.Samples.amount;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.payments.Samples;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.protocol.retrieval.EvmAddress;
import org.junit.jupiter.api.Test;

/** Sums by token and account. */
class AccountsTest {
  private static final EvmAddress PAYER = Samples.PAYER.address();
  private static final EvmAddress PAYEE = Samples.PAYEE;
  private static final EvmAddress TOKEN = EvmAddress.ZERO;
  private static final EvmAddress ANOTHER = PAYEE;

  private final Accounts accounts = new Accounts();

  @Test
  void givenMoneyOfManyAccounts_thenTheTotalIsThatOfOneToken() {
    accounts.add(TOKEN, PAYER, amount(5));
    accounts.add(TOKEN, PAYER, amount(2));
    accounts.add(TOKEN, PAYEE, amount(10));
    accounts.add(ANOTHER, PAYER, amount(100));

    assertEquals(amount(7), accounts.of(TOKEN, PAYER));
    assertEquals(amount(17), accounts.total(TOKEN));
    assertEquals(amount(100), accounts.total(ANOTHER));
  }

  @Test
  void givenLessThanIsTaken_thenItIsRefusedAndNothingChanges() {
    accounts.add(TOKEN, PAYER, amount(5));

    var refused =
        assertThrows(
            LedgerRefusal.class,
            () -> accounts.take(TOKEN, PAYER, amount(6), LedgerError.INSUFFICIENT_BALANCE));

    assertEquals(LedgerError.INSUFFICIENT_BALANCE, refused.error);
    assertEquals(amount(5), accounts.of(TOKEN, PAYER));
    accounts.take(TOKEN, PAYER, amount(5), LedgerError.INSUFFICIENT_BALANCE);
    assertEquals(amount(0), accounts.total(TOKEN));
  }
}
