package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.payments.payee.Credit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.OpeningDecision.Admitted;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would cost money if a line that guards it were wrong, end to end. */
class GuardedMoneyTest {
  @TempDir Path directory;
  private Market market;
  private Home client;
  private Home provider;

  @BeforeEach
  void open() throws IOException {
    market = new Market(directory);
    client = market.client;
    provider = market.provider;
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  private static OpeningRefused refused(DealCode code, OpeningDecision opening) {
    OpeningRefused refused = assertInstanceOf(OpeningRefused.class, opening, opening.toString());
    assertEquals(code, refused.code(), refused.message());
    return refused;
  }

  private DealOpening opening(LaneTicket ticket, long deal, Optional<SignedVoucher> best) {
    LaneTicket said =
        new LaneTicket(
            ticket.deal(),
            ticket.domain(),
            ticket.channel(),
            ticket.signer(),
            ticket.lane(),
            ticket.base(),
            ticket.budget(),
            best);
    return client.opening(said, deal, Market.TERMS, provider.payee());
  }

  private SignedVoucher signed(SigningKey key, Bytes32 channel, long lane, long total) {
    return key.sign(market.ledger.domain(), new Voucher(channel, lane, 1, amount(total)));
  }

  // openings

  @Test
  void bestVoucherOfAnOpening_hasToBeTheLanesOwnAndSigned() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 5000);
    Bytes32 channel = ticket.channel();
    SigningKey stranger = SigningKey.generate(new SecureRandom());
    byte[] other = channel.bytes();
    other[0] ^= 1;

    refused(
        DealCode.VOUCHER_BAD_SIGNATURE,
        provider.open("p-1", opening(ticket, 1, Optional.of(signed(stranger, channel, 0, 900)))));
    refused(
        DealCode.VOUCHER_WRONG_LANE,
        provider.open("p-1", opening(ticket, 1, Optional.of(signed(client.key, channel, 1, 900)))));
    refused(
        DealCode.VOUCHER_WRONG_CHANNEL,
        provider.open(
            "p-1", opening(ticket, 1, Optional.of(signed(client.key, Bytes32.of(other), 0, 900)))));
    assertEquals(List.of(), provider.payments.books());
  }

  @Test
  void voucherThatCameWithAnOpening_isOursAlsoAfterARestart() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 5000);
    SignedVoucher lost = signed(client.key, ticket.channel(), ticket.lane(), 900);

    Admitted admitted =
        assertInstanceOf(
            Admitted.class, provider.open("p-1", opening(ticket, 1, Optional.of(lost))));
    DealAccount account = provider.done(admitted.account());

    assertEquals(amount(900), account.base());
    assertEquals(amount(900), provider.book(ChannelBook.Role.PAYEE).vouchered());
    provider.restart();
    assertEquals(amount(900), provider.book(ChannelBook.Role.PAYEE).vouchered());
    provider.payeeSide().redeem(ticket.channel());
    assertEquals(
        amount(900),
        market.ledger.credit(Home.COIN, provider.key.address()),
        "and can be turned into money");
  }

  @Test
  void twoOpeningsAtOnce_oneGetsTheLane() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 5000);
    DealOpening open = opening(ticket, 1, Optional.empty());
    Admitted first = assertInstanceOf(Admitted.class, provider.open("p-1", open));

    OpeningRefused busy =
        refused(DealCode.LANE_BUSY, provider.open("p-2", opening(ticket, 2, Optional.empty())));
    assertEquals(Optional.of(new DealRef("p-1")), busy.deal());

    first.account().release();
    assertInstanceOf(Admitted.class, provider.open("p-2", opening(ticket, 2, Optional.empty())));
  }

  @Test
  void openingBelowWhatTheLedgerPaid_behind() throws Exception {
    market.deal(1, 5000);
    market.give(1, client.pay("c-1", 900));
    Bytes32 channel = provider.payments.books().getFirst().id();
    provider.payeeSide().redeem(channel);
    market.end(1, 900);
    // The provider has lost its vouchers, and the client is said to have lost its own.
    provider.journal.clear();
    provider.restart();
    LaneTicket ticket = client.acquire("c-2", provider.payee(), 5000);

    refused(DealCode.LANE_BEHIND, provider.open("p-2", opening(ticket, 2, Optional.empty())));
    assertInstanceOf(Admitted.class, provider.open("p-2", opening(ticket, 2, ticket.best())));
  }

  // what deals leave behind

  @Test
  void debtOfAnEndedDeal_keptByASnapshot() throws Exception {
    DealAccount account = market.deal(1, 5000);
    long charged = Market.TERMS.mostUnpaid(0) + 1;
    account.charged(charged);
    market.end(1, charged);

    provider.start(provider.payments.snapshot());

    LaneTicket ticket = client.acquire("c-2", provider.payee(), 5000);
    OpeningRefused refused =
        refused(DealCode.UNPAID, provider.open("p-2", opening(ticket, 2, Optional.empty())));
    assertEquals(Optional.of(amount(charged)), refused.amount());
    assertEquals(amount(charged), provider.account("p-1").owed());
  }

  @Test
  void snapshot_isTheSameStateAgain() throws Exception {
    market.deal(1, 5000).charged(700);
    market.give(1, client.pay("c-1", 600));
    market.end(1, 700);
    market.deal(2, 3000).charged(10);
    market.give(2, client.pay("c-2", 10));
    market.deal(3, 100);
    List<PaymentRecord> before = provider.payments.snapshot();
    List<ChannelBook> books = provider.payments.books();

    provider.start(before);

    assertEquals(before, provider.payments.snapshot());
    assertEquals(books, provider.payments.books());
    List<PaymentRecord> paying = client.payments.snapshot();
    List<ChannelBook> paid = client.payments.books();
    client.start(paying);
    assertEquals(paying, client.payments.snapshot());
    assertEquals(paid, client.payments.books());
  }

  @Test
  void endedDeal_leavesThePayersLimitToTheOthers() throws Exception {
    unpaidAtMost(900, provider.payeePolicy.nodeUnpaidBytes());
    market.deal(1, 3000).charged(900);
    DealAccount other = market.deal(2, 3000);
    assertEquals(BlockPermit.PAYER_LIMIT, other.pass(10));

    market.end(1, 900);

    assertEquals(BlockPermit.OPEN, other.pass(10));
  }

  private void unpaidAtMost(long ofPayer, long inAll) throws IOException {
    PayeePolicy all = provider.payeePolicy;
    provider.payeePolicy =
        new PayeePolicy(
            all.payees(),
            ofPayer,
            inAll,
            all.minimumStep(),
            all.minimumRedemption(),
            all.maxUnredeemedAge(),
            all.maxUnredeemed(),
            all.staleAfter(),
            all.maxLanes(),
            all.maxChannels());
    provider.restart();
  }

  @Test
  void debtor_getsNoWindowOfANodeThatTrustsTooMany() throws Exception {
    unpaidAtMost(1_000_000, 5000);
    market.deal(1, 5000).charged(500);
    market.end(1, 500);
    DealAccount next = market.deal(2, 5000);
    DealAccount other = market.deal(3, 5000);
    assertEquals(1000, next.limit());

    other.charged(5000);

    assertEquals(0, next.limit());
    market.give(2, client.pay("c-2", 700));
    assertEquals(700, next.limit(), "what is paid goes");
  }

  @Test
  void debtsOfOneSize_theFirstIsNamed() throws Exception {
    long charged = Market.TERMS.mostUnpaid(0);
    market.deal(1, 5000);
    market.deal(2, 5000);
    market.end(1, charged);
    market.end(2, charged);
    LaneTicket ticket = client.acquire("c-3", provider.payee(), 5000);

    OpeningRefused refused =
        refused(DealCode.UNPAID, provider.open("p-3", opening(ticket, 3, Optional.empty())));

    assertEquals(Optional.of(new DealRef("p-1")), refused.deal());
    assertTrue(refused.message().contains("left " + 2 * charged + " bytes"), refused.message());
  }

  @Test
  void endedDeal_forgottenOnceALaterOneOfItsLaneEnds() throws Exception {
    market.deal(1, 5000).charged(700);
    market.give(1, client.pay("c-1", 700));
    market.end(1, 700);
    market.deal(2, 3000);
    assertTrue(provider.payeeSide().account(new DealRef("p-1")).isPresent());

    market.end(2, 0);

    assertEquals(Optional.empty(), provider.payeeSide().account(new DealRef("p-1")));
    assertTrue(provider.payeeSide().account(new DealRef("p-2")).isPresent());
  }

  /** Of two vouchers on their way to the disk the better one may arrive first. */
  @Test
  void lowerVoucherDurableLater_doesNotReplaceTheBetterOne() throws Exception {
    DealAccount account = market.deal(1, 5000);
    Prepared<Credit> lower = kept(client.pay("c-1", 300));
    SignedVoucher best = client.pay("c-1", 500);
    Prepared<Credit> better = kept(best);

    provider.done(better);
    provider.done(lower);

    assertEquals(amount(500), account.vouchered());
    ChannelBook book = provider.book(ChannelBook.Role.PAYEE);
    assertEquals(amount(500), book.vouchered());
    provider.payeeSide().redeem(book.id());
    assertEquals(amount(500), market.ledger.credit(Home.COIN, provider.key.address()));
  }

  private Prepared<Credit> kept(SignedVoucher voucher) {
    return assertInstanceOf(VoucherDecision.Kept.class, market.judge(1, voucher)).taken();
  }

  // redeeming

  @Test
  void moreLanesThanABatch_closedWithAllOfThem() throws Exception {
    int lanes = ChannelLedger.MAX_BATCH + 3;
    client.payer().open(provider.payee(), amount(100_000));
    client.payments.poll();
    for (int deal = 1; deal <= lanes; deal++) {
      market.deal(deal, 100);
      market.give(deal, client.pay("c-" + deal, 100));
    }
    Bytes32 channel = provider.book(ChannelBook.Role.PAYEE).id();
    assertEquals(
        DealCode.CHANNEL_IN_USE,
        assertThrows(PaymentException.class, () -> provider.payeeSide().close(channel, false))
            .code());

    assertInstanceOf(Outcome.Included.class, provider.payeeSide().close(channel, true));

    assertEquals(amount(100L * lanes), market.ledger.credit(Home.COIN, provider.key.address()));
    assertTrue(market.ledger.channel(channel).orElseThrow().closed());
  }

  /** Anyone may redeem: what is asked of the ledger is what it has not paid by then. */
  @Test
  void redeemedBySomebodyElse_notSentAgain() throws Exception {
    market.deal(1, 5000);
    SignedVoucher voucher = client.pay("c-1", 900);
    market.give(1, voucher);
    Bytes32 channel = provider.book(ChannelBook.Role.PAYEE).id();
    market.ledger.submit(
        new Intent.Redeem(new IntentId("other"), client.key.address(), List.of(voucher)));
    int records = provider.journal.size();

    assertEquals(Optional.empty(), provider.payeeSide().redeem(channel));
    assertEquals(records, provider.journal.size());
    market.give(1, client.pay("c-1", 950));
    market.ledger.submit(
        new Intent.Redeem(
            new IntentId("again"), client.key.address(), List.of(client.pay("c-1", 950))));
    provider.payeeSide().close(channel, true);

    Intent.Close close =
        provider.journal.stream()
            .filter(PaymentRecord.IntentPlanned.class::isInstance)
            .map(record -> ((PaymentRecord.IntentPlanned) record).intent())
            .filter(Intent.Close.class::isInstance)
            .map(Intent.Close.class::cast)
            .findFirst()
            .orElseThrow();
    assertEquals(List.of(), close.vouchers());
    assertEquals(amount(950), market.ledger.credit(Home.COIN, provider.key.address()));
  }

  // the payer

  @Test
  void channelOfAnotherPayeeOrOnOtherConditions_notUsed() throws Exception {
    Bytes32 first = client.acquire("c-1", provider.payee(), 100).channel();
    Payee other = new Home(9, market.ledger, market.clock, 1_000_000, 0, 1).payee();
    Payee slower =
        new Payee(
            other.chainId(),
            other.contract(),
            other.token(),
            provider.key.address(),
            7200,
            amount(0),
            1,
            Optional.empty(),
            Optional.empty());

    Bytes32 second = client.acquire("c-2", other, 100).channel();
    Bytes32 third = client.acquire("c-3", slower, 100).channel();

    assertNotEquals(first, second);
    assertEquals(other.address(), market.ledger.channel(second).orElseThrow().payee());
    assertNotEquals(first, third);
    assertEquals(7200, market.ledger.channel(third).orElseThrow().challengeSeconds());
    assertEquals(third, client.acquire("c-4", provider.payee(), 100).channel());
  }

  /** The top-up goes out for whom? After a crash only the journal can tell. */
  @Test
  void askForFunds_durableBeforeTheTopUp() throws Exception {
    client.acquire("c-1", provider.payee(), 100);
    int before = client.journal.size();

    client.acquire("c-2", provider.payee(), 250);

    List<PaymentRecord> since = client.journal.subList(before, client.journal.size());
    PaymentRecord.FundsAsked asked =
        assertInstanceOf(PaymentRecord.FundsAsked.class, since.getFirst());
    assertEquals(new DealRef("c-2"), asked.deal());
    assertEquals(amount(250), asked.amount());
    assertInstanceOf(PaymentRecord.IntentPlanned.class, since.get(1));
  }
}
