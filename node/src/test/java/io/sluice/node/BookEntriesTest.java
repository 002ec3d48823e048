package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ChannelBook;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rows of the books, of deals and channels that are made up. */
class BookEntriesTest {
  private static final Instant NOW = Instant.parse("2026-11-28T00:00:00Z");
  private static final Bytes32 CHANNEL = Bytes32.of(new byte[Bytes32.LENGTH]);
  private static final EvmAddress OTHER =
      EvmAddress.parse("0x00000000000000000000000000000000000000aa");

  private static final Tokens TOKENS = new Tokens(new Token("TST", EvmAddress.ZERO, 2), List.of());

  private static ChannelBook channel(long vouchered) {
    return new ChannelBook(
        CHANNEL,
        ChannelBook.Role.PAYEE,
        new Domain(7, OTHER),
        OTHER,
        EvmAddress.ZERO,
        TokenAmount.of(1_000),
        TokenAmount.of(1_000),
        TokenAmount.of(vouchered),
        TokenAmount.ZERO,
        TokenAmount.ZERO,
        "open",
        Optional.empty(),
        List.of());
  }

  private static Reports.DealReport deal(String id, long lane, long base, long credit) {
    return new Reports.DealReport(
        id,
        "provider",
        "12D3",
        "bafy",
        "COMPLETED",
        Optional.empty(),
        10,
        9,
        TokenAmount.of(credit),
        TokenAmount.of(credit),
        TokenAmount.ZERO,
        TokenAmount.of(base),
        1,
        1,
        Optional.of(CHANNEL.toString()),
        Optional.of(lane),
        Optional.of(EvmAddress.ZERO.toString()),
        NOW.toString(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  private static LedgerEvent redeemed(String id, long lane, long cumulative) {
    return new LedgerEvent.Redeemed(
        new LedgerEvent.Stamp(1, NOW, new IntentId(id)),
        CHANNEL,
        lane,
        1,
        TokenAmount.of(cumulative),
        TokenAmount.of(1),
        TokenAmount.of(1));
  }

  private static List<String> transactions(List<Reports.BookEntryReport> rows) {
    return rows.stream().map(row -> row.transaction().orElse("-")).toList();
  }

  /** A deal is paid out when its lane is, up to the deal's own end. */
  @Test
  void theTransactionIsTheFirstThatPaidAllOfTheDeal() throws ServiceException {
    BookEntries entries = new BookEntries(List.of(channel(70)), TOKENS);
    entries.note(redeemed("early", 0, 15));
    entries.note(redeemed("later", 0, 40));
    entries.note(redeemed("other-lane", 1, 99));

    assertEquals(
        List.of("early", "later", "later", "-"),
        transactions(
            entries.of(
                List.of(
                    deal("p-1", 0, 0, 15),
                    deal("p-2", 0, 15, 10),
                    deal("p-3", 0, 25, 15),
                    deal("p-4", 0, 40, 30)))));
  }

  @Test
  void whatIsNoDealsHasARowSoThatTheSumHolds() throws ServiceException {
    List<Reports.BookEntryReport> rows =
        new BookEntries(List.of(channel(70)), TOKENS)
            .of(List.of(deal("p-1", 0, 0, 40), deal("p-2", 1, 0, 0)));

    assertEquals(2, rows.size(), rows::toString); // what was free has none
    assertEquals(TokenAmount.of(30), rows.getLast().amount());
    assertEquals(Optional.empty(), rows.getLast().deal());
    assertEquals("provider", rows.getLast().role());
  }

  @Test
  void givenDealsPaidMoreThanTheirChannel_thenSaidInsteadOfAWrongSum() {
    ServiceException wrong =
        assertThrows(
            ServiceException.class,
            () -> new BookEntries(List.of(channel(70)), TOKENS).of(List.of(deal("p-1", 0, 0, 71))));

    assertEquals(ErrorCode.STORE_CORRUPT, wrong.code());
    assertTrue(wrong.getMessage().contains("was paid 0.71 TST,"), wrong.getMessage());
  }
}
