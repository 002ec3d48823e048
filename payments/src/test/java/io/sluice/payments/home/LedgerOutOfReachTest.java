package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Money while the ledger does not answer, and after. */
class LedgerOutOfReachTest {
  @TempDir Path directory;
  private Market market;
  private BrokenLine line;
  private Home client;
  private Home provider;

  @BeforeEach
  void open() throws IOException {
    market = new Market(directory);
    line = new BrokenLine(market.ledger);
    client = new Home(1, line.ledger, market.clock, 1_000_000, 0, 1);
    provider = new Home(2, line.ledger, market.clock, 1_000_000, 0, 1);
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  private DealCode unconfirmed(String deal, long budget) {
    return assertThrows(
            PaymentException.class, () -> client.acquire(deal, provider.payee(), budget))
        .code();
  }

  @Test
  void openingsAnswerLost_oneChannelInTheEnd() throws Exception {
    line.answersLost = true;
    client.acquire("c-1", provider.payee(), 700);
    assertEquals(1, client.payments.books().size());
    line.answersLost = false;

    client.payments.poll();
    client.restart();

    client.acquire("c-1", provider.payee(), 700);
    assertEquals(1, client.payments.books().size());
    assertEquals(amount(700), client.book(ChannelBook.Role.PAYER).deposit());
  }

  @Test
  void downFromTheStart_goesOnWhenItIsBack() throws Exception {
    line.down = true;
    assertEquals(DealCode.NOT_CONFIRMED, unconfirmed("c-1", 700));
    client.restart();
    assertEquals(DealCode.NOT_CONFIRMED, unconfirmed("c-1", 700));
    line.down = false;

    client.payments.poll();

    client.acquire("c-1", provider.payee(), 700);
    assertEquals(1, client.payments.books().size());
    assertEquals(amount(700), client.book(ChannelBook.Role.PAYER).deposit());
  }

  @Test
  void topUpsAnswerLost_toppedUpOnce() throws Exception {
    client.acquire("c-1", provider.payee(), 700);
    line.answersLost = true;
    client.acquire("c-2", provider.payee(), 300);
    line.answersLost = false;

    client.restart();
    client.acquire("c-3", provider.payee(), 50);

    assertEquals(amount(1050), client.book(ChannelBook.Role.PAYER).deposit());
  }

  @Test
  void topUpWhileDown_countsAfterTheNextPoll() throws Exception {
    client.acquire("c-1", provider.payee(), 700);
    client.payments.poll(); // all that has happened until now is known
    line.down = true;
    client.payer().topUp(client.book(ChannelBook.Role.PAYER).id(), amount(300));
    assertEquals(amount(700), client.book(ChannelBook.Role.PAYER).confirmed());
    line.down = false;

    client.payments.poll();

    assertEquals(amount(1000), client.book(ChannelBook.Role.PAYER).confirmed());
  }

  @Test
  void openingWhileDown_saidAsStale() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 700);
    DealOpening open = client.opening(ticket, 1, Market.TERMS, provider.payee());
    line.down = true;

    OpeningDecision.OpeningRefused refused =
        assertInstanceOf(OpeningDecision.OpeningRefused.class, provider.open("p-1", open));

    assertEquals(DealCode.CHAIN_STALE, refused.code());
  }

  @Test
  void downForTooLong_vouchersKeptAndCountedAfterwards() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 700);
    DealOpening open = client.opening(ticket, 1, Market.TERMS, provider.payee());
    DealAccount account =
        provider.done(
            assertInstanceOf(OpeningDecision.Admitted.class, provider.open("p-1", open)).account());
    give(100);
    line.down = true;
    provider.payments.poll();
    give(200);
    assertEquals(amount(200), account.credit());
    market.clock.turn(Duration.ofMinutes(11));
    provider.payments.poll();

    give(500);

    assertEquals(amount(200), account.credit());
    assertEquals(amount(500), account.vouchered());
    line.down = false;
    provider.payments.poll();
    assertEquals(amount(500), account.credit());
  }

  /** The lane of a deal that the provider has admitted. */
  private LaneTicket admitted() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 700);
    DealOpening open = client.opening(ticket, 1, Market.TERMS, provider.payee());
    provider.done(
        assertInstanceOf(OpeningDecision.Admitted.class, provider.open("p-1", open)).account());
    return ticket;
  }

  private void give(long due) throws IOException {
    VoucherDecision judgement =
        provider
            .payeeSide()
            .receive(new DealRef("p-1"), client.pay("c-1", due).payment(1, 0, false));
    provider.done(assertInstanceOf(VoucherDecision.Kept.class, judgement).taken());
  }

  @Test
  void redemptionsAnswerLost_redeemedOnce() throws Exception {
    LaneTicket ticket = admitted();
    give(600);
    line.answersLost = true;
    provider.payeeSide().redeem(ticket.channel());
    line.answersLost = false;

    provider.payments.poll();

    assertEquals(amount(600), market.ledger.credit(Home.COIN, provider.key.address()));
    assertEquals(amount(600), market.ledger.redeemed(ticket.channel(), 0));
  }

  /** Refused once the ledger is back: what is redeemed then is another try. */
  @Test
  void redemptionsAnswerLate_theNextMayBegin() throws Exception {
    LaneTicket ticket = admitted();
    give(300);
    line.down = true;
    provider.payeeSide().redeem(ticket.channel());
    line.down = false;
    provider.payments.poll();
    assertEquals(amount(300), market.ledger.redeemed(ticket.channel(), 0));
    give(600);

    provider.payeeSide().redeem(ticket.channel());

    assertEquals(amount(600), market.ledger.redeemed(ticket.channel(), 0));
    assertEquals(List.of(provider.payee()), provider.payeeSide().payees());
  }
}
