package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole deals, figure by figure, through vouchers, credit and gate. */
class WorkedTablesTest {
  @TempDir Path directory;

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  /**
   * Spec: PAYMENT CHANNELS, 4.2: price 2 a byte, I = 1000, J = 500, fee 100, data ends at 3100. A
   * client that pays only when asked, at the boundaries, sees the classic figures.
   */
  @Test
  void classicTable() throws Exception {
    Terms terms = new Terms(amount(2 * Terms.MIB), amount(100), 1000, 500, 1 << 20, 600);
    try (Market market = new Market(directory)) {
      DealAccount account = market.deal(1, 10_000, terms);
      step(account, 0, 100, 0);
      pay(market, account, 100, 1000);
      step(account, 1000, 2000, 1000);
      pay(market, account, 2100, 2500);
      step(account, 2500, 3000, 2500);
      pay(market, account, 5100, 4500);
      account.charged(3100);
      assertEquals(BlockPermit.OPEN, account.pass(1));
      assertEquals(amount(1200), account.owed());
      pay(market, account, 6300, 3100 + 2000);
      assertEquals(amount(0), account.owed());
      assertEquals(true, account.settled());
    }
  }

  private static void step(DealAccount account, long charged, long owed, long limit) {
    account.charged(charged);
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(1));
    assertEquals(amount(owed), account.owed());
    assertEquals(limit, account.limit());
  }

  private static void pay(Market market, DealAccount account, long due, long limit)
      throws Exception {
    assertEquals(amount(due), market.give(1, market.client.pay("c-1", due)).credit());
    assertEquals(limit, account.limit());
  }

  /** Q5: paying what is asked at each closing comes to fee + ⌈bytes × price / 2^20⌉, exactly. */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 65536, 65536, 1048576, 10000001, 700",
    "1048575, 3, 1000, 0, 1000, 31999, 333",
    "1048577, 0, 1000, 1000, 4000, 32000, 999",
    "7, 11, 4096, 1, 5000, 123456, 4096",
    "3000000, 1000, 1000, 500, 100000, 1000, 1000",
    "0, 25, 1000, 500, 100000, 77777, 1000",
  })
  void paidWhenAsked_comesToTheExactTotal(
      long price, long fee, long first, long increase, long most, long size, long block)
      throws Exception {
    Terms terms = new Terms(amount(price), amount(fee), first, increase, most, 600);
    try (Market market = new Market(directory)) {
      long total = terms.due(size).value().longValueExact();
      DealAccount account = market.deal(1, total, terms);
      long charged = 0;
      int closings = 0;
      while (charged < size) {
        long next = Math.min(block, size - charged);
        BlockPermit pass = account.pass(next);
        if (pass == BlockPermit.OPEN) {
          charged += next;
          account.charged(charged);
        } else {
          assertEquals(BlockPermit.PAYMENT_NEEDED, pass);
          closings++;
          long exposed = charged - Math.min(charged, terms.paidBytes(account.credit()));
          assertEquals(true, exposed <= terms.window(charged) + block, "P2");
          market.give(1, market.client.pay("c-1", terms.due(charged).value().longValueExact()));
        }
      }
      market.give(1, market.client.pay("c-1", total));

      assertEquals(amount(total), account.credit());
      assertEquals(amount(0), account.owed());
      assertEquals(true, account.settled());
      assertEquals(amount(total), market.client.book(ChannelBook.Role.PAYER).vouchered());
      assertEquals(true, closings < size / Math.min(block, size) + 2);
    }
  }
}
