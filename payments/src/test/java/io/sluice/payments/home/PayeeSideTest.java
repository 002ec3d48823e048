package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.payments.payee.Credit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpenRequest;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayeeSideTest {
  @TempDir Path directory;
  private Market market;
  private Home client;
  private Home provider;

  @BeforeEach
  void open() throws IOException {
    start(0, 1);
  }

  private void start(long minDeposit, long confirmations) throws IOException {
    if (market != null) {
      market.close();
      directory = directory.resolve("next");
    }
    market = new Market(directory, 1_000_000, minDeposit, confirmations);
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

  private static OpeningDecision.OpeningRefused refused(DealCode code, OpeningDecision opening) {
    OpeningDecision.OpeningRefused refused =
        assertInstanceOf(OpeningDecision.OpeningRefused.class, opening, opening.toString());
    assertEquals(code, refused.code(), refused.message());
    return refused;
  }

  private static void refused(DealCode code, VoucherDecision judgement) {
    assertEquals(code, assertInstanceOf(VoucherDecision.VoucherRefused.class, judgement).code());
  }

  private SignedVoucher signed(Bytes32 channel, long lane, long nonce, long total) {
    return client.key.sign(
        market.ledger.domain(), new Voucher(channel, lane, nonce, amount(total)));
  }

  // openings

  @Test
  void goodOpening_admittedAndAgainTheSame() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 5000);
    DealOpening open = client.opening(ticket, 1, Market.TERMS, provider.payee());
    DealAccount account =
        provider.done(
            assertInstanceOf(OpeningDecision.Admitted.class, provider.open("p-1", open)).account());

    OpeningDecision.Admitted again =
        assertInstanceOf(OpeningDecision.Admitted.class, provider.open("p-1", open));

    assertEquals(Optional.empty(), again.account().record());
    assertEquals(account, again.account().value());
    assertEquals(amount(0), account.base());
    assertEquals(1, provider.payments.books().size());
  }

  @Test
  void openingForAnotherDealPeerOrContent_refusedFirst() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 5000);
    DealOpening good = client.opening(ticket, 1, Market.TERMS, provider.payee());
    DealOpening otherId = copy(good, 2, good.terms(), good.lane(), good.signature());
    Terms cheap = new Terms(amount(1), amount(0), 1000, 0, 1000, 600);
    DealOpening otherTerms = copy(good, 1, cheap, good.lane(), good.signature());
    DealOpening otherLane = copy(good, 1, good.terms(), 5, good.signature());
    byte[] bytes = good.signature().bytes();
    bytes[3] ^= 1;
    DealOpening forged = copy(good, 1, good.terms(), good.lane(), Signature.of(bytes));

    for (DealOpening bad : List.of(otherId, otherTerms, otherLane, forged)) {
      refused(DealCode.OPEN_BAD_SIGNATURE, provider.open("p-1", bad));
    }
    refused(
        DealCode.OPEN_BAD_SIGNATURE,
        provider
            .payeeSide()
            .open(
                new OpenRequest(
                    new DealRef("p-1"),
                    good,
                    Home.PROVIDER,
                    Home.PROVIDER,
                    Home.ROOT,
                    Home.SELECTOR)));
    assertEquals(List.of(), provider.journal);
    assertEquals(List.of(), provider.payments.books());
  }

  private static DealOpening copy(
      DealOpening open, long id, Terms terms, long lane, Signature signature) {
    return new DealOpening(id, terms, open.payee(), open.channel(), lane, open.best(), signature);
  }

  @Test
  void channelsNotForUs_refused() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 5000);
    DealOpening good = client.opening(ticket, 1, Market.TERMS, provider.payee());
    DealOpening unknown =
        new DealOpening(
            1,
            good.terms(),
            good.payee(),
            Bytes32.of(new byte[32]),
            0,
            Optional.empty(),
            good.signature());
    refused(DealCode.CHANNEL_UNACCEPTABLE, provider.open("p-1", unknown));
    // Somebody else is its payee.
    Home third = new Home(3, market.ledger, market.clock, 1_000_000, 0, 1);
    DealOpening theirs = client.opening(ticket, 1, Market.TERMS, third.payee());
    refused(DealCode.CHANNEL_UNACCEPTABLE, third.open("p-1", theirs));
    refused(DealCode.CHANNEL_UNACCEPTABLE, provider.open("p-1", theirs));
  }

  @Test
  void challengeTooShort_refused() throws Exception {
    Payee hasty =
        new Payee(
            provider.payee().chainId(),
            provider.payee().contract(),
            Home.COIN,
            provider.key.address(),
            10,
            amount(0),
            1,
            Optional.empty(),
            Optional.empty());
    LaneTicket ticket = client.acquire("c-1", hasty, 5000);

    refused(
        DealCode.CHANNEL_UNACCEPTABLE,
        provider.open("p-1", client.opening(ticket, 1, Market.TERMS, hasty)));
  }

  @Test
  void depositNotDeepEnough_refusedWithTheShortfall() throws Exception {
    Home patient = new Home(2, market.ledger, market.clock, 1_000_000, 0, 10);
    // The client goes by one confirmation, as if the offer had said so.
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 500);
    DealOpening open = client.opening(ticket, 1, Market.TERMS, provider.payee());

    OpeningDecision.OpeningRefused refused =
        refused(DealCode.INSUFFICIENT_DEPOSIT, patient.open("p-1", open));

    assertEquals(amount(1), refused.amount().orElseThrow());
    market.ledger.advance(Duration.ofSeconds(10));
    assertInstanceOf(OpeningDecision.Admitted.class, patient.open("p-1", open));
  }

  @Test
  void depositSignedAwayAlready_refused() throws Exception {
    client.acquire("c-1", provider.payee(), 500);
    client.pay("c-1", 500);
    DealOpening open = client.opening(refreshed("c-1"), 1, Market.TERMS, provider.payee());

    OpeningDecision.OpeningRefused refused =
        refused(DealCode.INSUFFICIENT_DEPOSIT, provider.open("p-1", open));

    assertEquals(amount(1), refused.amount().orElseThrow());
  }

  private LaneTicket refreshed(String deal) {
    return client.payer().ticket(new DealRef(deal)).orElseThrow();
  }

  @Test
  void minimumDeposit_needed() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 100);
    provider.payeePolicy = PayeePolicy.of(List.of(provider.payee(5000, 1)));
    provider.restart();

    OpeningDecision.OpeningRefused refused =
        refused(
            DealCode.INSUFFICIENT_DEPOSIT,
            provider.open("p-1", client.opening(ticket, 1, Market.TERMS, provider.payee())));

    assertEquals(amount(4900), refused.amount().orElseThrow());
  }

  @Test
  void settlingChannel_closed() throws Exception {
    LaneTicket ticket = client.acquire("c-1", provider.payee(), 100);
    client.payer().settle(ticket.channel(), true);

    refused(
        DealCode.CHANNEL_CLOSING,
        provider.open("p-1", client.opening(ticket, 1, Market.TERMS, provider.payee())));
  }

  @Test
  void laneOfALiveDeal_busy() throws Exception {
    market.deal(1, 1000);
    client.leave("c-1");
    LaneTicket same = client.acquire("c-2", provider.payee(), 1000);
    assertEquals(0, same.lane());

    OpeningDecision.OpeningRefused refused =
        refused(
            DealCode.LANE_BUSY,
            provider.open("p-2", client.opening(same, 2, Market.TERMS, provider.payee())));

    assertEquals(new DealRef("p-1"), refused.deal().orElseThrow());
    LaneTicket other = client.payer().another(new DealRef("c-2"));
    market.bound(2, other, Market.TERMS);
  }

  @Test
  void sameDealOtherLane_taken() throws Exception {
    market.deal(1, 1000);
    LaneTicket other = client.payer().another(new DealRef("c-1"));

    refused(
        DealCode.DEAL_ID_TAKEN,
        provider.open("p-1", client.opening(other, 1, Market.TERMS, provider.payee())));
  }

  @Test
  void clientThatLostItsState_toldWhereTheLaneStands() throws Exception {
    market.deal(1, 5000);
    market.give(1, client.pay("c-1", 900));
    market.end(1, 900);
    // Everything after opening the channel is gone.
    client.start(
        client.journal.stream()
            .filter(
                record ->
                    record instanceof PaymentRecord.IntentPlanned
                        || record instanceof PaymentRecord.IntentEnded)
            .toList());
    LaneTicket ticket = client.acquire("c-2", provider.payee(), 1000);
    DealOpening open = client.opening(ticket, 2, Market.TERMS, provider.payee());
    OpeningDecision.OpeningRefused behind =
        refused(DealCode.LANE_BEHIND, provider.open("p-2", open));

    LaneTicket adopted = client.payer().adopt(new DealRef("c-2"), behind.best().orElseThrow());

    assertEquals(amount(900), adopted.base());
    DealAccount account = market.bound(2, adopted, Market.TERMS);
    assertEquals(amount(900), account.base());
    assertEquals(amount(100), market.give(2, client.pay("c-2", 100)).credit());
  }

  /** The final voucher was lost on its way; the next deal's opening brings it. */
  @Test
  void betterVoucherInOpening_paysForTheDealBefore() throws Exception {
    market.deal(1, 5000);
    market.give(1, client.pay("c-1", 900));
    client.pay("c-1", 1500);
    market.end(1, 1500);
    assertEquals(amount(600), provider.account("p-1").owed());
    LaneTicket ticket = client.acquire("c-2", provider.payee(), 1000);
    DealOpening open = client.opening(ticket, 2, Market.TERMS, provider.payee());

    OpeningDecision.PreviousPaid previous =
        assertInstanceOf(OpeningDecision.PreviousPaid.class, provider.open("p-2", open));
    assertEquals(new DealRef("p-1"), previous.previous());
    assertEquals(amount(1500), provider.done(previous.paid()).credit());

    assertEquals(amount(0), provider.account("p-1").owed());
    DealAccount account = market.bound(2, ticket, Market.TERMS);
    assertEquals(amount(1500), account.base());
    assertEquals(amount(0), account.credit());
  }

  @Test
  void betterVoucherForALiveDeal_paysItAndTheLaneIsBusy() throws Exception {
    market.deal(1, 5000);
    client.pay("c-1", 1500);
    client.leave("c-1");
    LaneTicket ticket = client.acquire("c-2", provider.payee(), 1000);
    DealOpening open = client.opening(ticket, 2, Market.TERMS, provider.payee());
    provider.done(
        assertInstanceOf(OpeningDecision.PreviousPaid.class, provider.open("p-2", open)).paid());

    refused(DealCode.LANE_BUSY, provider.open("p-2", open));

    assertEquals(amount(1500), provider.account("p-1").credit());
  }

  // vouchers

  @Test
  void vouchersInAnyOrder_sameCreditInTheEnd() throws Exception {
    market.deal(1, 5000);
    SignedVoucher first = client.pay("c-1", 100);
    SignedVoucher second = client.pay("c-1", 300);
    SignedVoucher third = client.pay("c-1", 700);

    assertEquals(amount(300), market.give(1, second).credit());
    assertEquals(amount(300), market.give(1, first).credit());
    assertEquals(amount(300), market.give(1, second).credit());
    assertEquals(amount(700), market.give(1, third).credit());
    assertEquals(
        2, provider.journal.stream().filter(PaymentRecord.VoucherTaken.class::isInstance).count());
  }

  @Test
  void foreignForgedAndMalformedOnes_refusedEachByItsName() throws Exception {
    DealAccount account = market.deal(1, 5000);
    Bytes32 channel = account.channel();
    Domain here = market.ledger.domain();
    refused(DealCode.VOUCHER_WRONG_LANE, market.judge(1, signed(channel, 1, 1, 100)));
    refused(
        DealCode.VOUCHER_WRONG_CHANNEL,
        market.judge(1, signed(Bytes32.of(new byte[32]), 0, 1, 100)));
    Domain elsewhere = new Domain(here.chainId() + 1, here.contract());
    refused(
        DealCode.VOUCHER_WRONG_CHANNEL,
        market.judge(1, client.key.sign(elsewhere, new Voucher(channel, 0, 1, amount(100)))));
    refused(
        DealCode.VOUCHER_BAD_SIGNATURE,
        market.judge(1, provider.key.sign(here, new Voucher(channel, 0, 1, amount(100)))));
    SignedVoucher good = signed(channel, 0, 1, 100);
    refused(DealCode.VOUCHER_UNEXPECTED, market.judge(7, good));
    Payment more =
        new Payment(
            1,
            here.chainId(),
            here.contract(),
            channel,
            0,
            1,
            amount(101),
            0,
            false,
            good.signature());
    refused(DealCode.VOUCHER_BAD_SIGNATURE, provider.payeeSide().receive(new DealRef("p-1"), more));
    assertEquals(amount(0), account.vouchered());
    assertEquals(amount(100), market.give(1, good).credit());
  }

  @Test
  void notDurable_countsForNothing() throws Exception {
    DealAccount account = market.deal(1, 5000);
    SignedVoucher voucher = client.pay("c-1", 100);
    VoucherDecision.Kept kept =
        assertInstanceOf(VoucherDecision.Kept.class, market.judge(1, voucher));
    assertEquals(amount(100), kept.taken().value().credit());
    assertEquals(amount(0), account.credit());

    kept.taken().release();

    assertEquals(amount(0), account.credit());
    assertEquals(amount(100), market.give(1, voucher).credit());
    provider.diskFails = true;
    assertThrows(IOException.class, () -> market.give(1, client.pay("c-1", 200)));
    assertEquals(amount(100), account.credit());
  }

  /** A client that signs more than lies in the channel, or before it is deep enough. */
  @Test
  void beyondTheDeposit_keptAndCountedOnceItIsThere() throws Exception {
    DealAccount account = market.deal(1, 1000);
    market.give(1, client.pay("c-1", 400));
    Credit credit = market.give(1, signed(account.channel(), 0, 5, 1500));
    assertEquals(amount(1000), credit.credit());
    assertEquals(amount(1500), credit.vouchered());

    client.payer().topUp(account.channel(), amount(300));
    provider.payments.poll();

    assertEquals(amount(1300), account.credit());
    assertTrue(provider.told.contains(new DealRef("p-1")));
    provider.restart();
    assertEquals(amount(1300), provider.account("p-1").credit());
    client.payer().topUp(account.channel(), amount(300));
    provider.payments.poll();
    assertEquals(amount(1500), provider.account("p-1").credit());
  }

  @Test
  void beyondTheDepositOnTwoLanes_neverCountedTwice() throws Exception {
    DealAccount one = market.deal(1, 500);
    DealAccount two = market.deal(2, 500);
    market.give(1, signed(one.channel(), 0, 1, 800));
    market.give(2, signed(two.channel(), 1, 1, 800));

    assertEquals(amount(800), one.credit());
    assertEquals(amount(200), two.credit());
    provider.restart();
    assertEquals(amount(800), provider.account("p-1").credit());
    assertEquals(amount(200), provider.account("p-2").credit());
  }

  @Test
  void topUpNotDeepEnough_doesNotCountYet() throws Exception {
    start(0, 10);
    client.payer().open(provider.payee(), amount(1000));
    market.ledger.advance(Duration.ofSeconds(20));
    client.payments.poll();
    DealAccount account = market.deal(1, 1000);
    client.payer().topUp(account.channel(), amount(500));
    provider.payments.poll();
    market.give(1, signed(account.channel(), 0, 1, 1500));
    assertEquals(amount(1000), account.credit());

    market.ledger.advance(Duration.ofSeconds(10));
    provider.payments.poll();

    assertEquals(amount(1500), account.credit());
  }

  @Test
  void settlingChannel_newVouchersCountWhenRedeemed() throws Exception {
    DealAccount account = market.deal(1, 1000);
    market.give(1, client.pay("c-1", 400));
    client.payer().settle(account.channel(), true);
    provider.payments.poll();
    assertEquals(amount(400), market.ledger.redeemed(account.channel(), 0));

    Credit credit = market.give(1, client.pay("c-1", 600));

    assertEquals(amount(400), credit.credit());
    assertEquals(amount(600), credit.vouchered());
    provider.payments.poll();
    assertEquals(amount(600), account.credit());
    assertEquals(amount(600), market.ledger.redeemed(account.channel(), 0));
  }

  @Test
  void smallerVoucherOvertakes_countsForItselfOnly() throws Exception {
    DealAccount account = market.deal(1, 5000);
    SignedVoucher small = client.pay("c-1", 300);
    SignedVoucher large = client.pay("c-1", 1100);
    Prepared<Credit> first = kept(large);
    Prepared<Credit> second = kept(small);
    assertEquals(amount(300), second.value().credit());

    provider.done(second);
    assertEquals(amount(300), account.credit());
    first.release();

    assertEquals(amount(300), account.credit());
    assertEquals(amount(300), account.vouchered());
  }

  private Prepared<Credit> kept(SignedVoucher voucher) {
    return assertInstanceOf(VoucherDecision.Kept.class, market.judge(1, voucher)).taken();
  }

  @Test
  void smallSteps_countTogetherOrWhenTheyClear() throws Exception {
    PayeePolicy defaults = provider.payeePolicy;
    provider.payeePolicy =
        new PayeePolicy(
            defaults.payees(),
            defaults.payerUnpaidBytes(),
            defaults.nodeUnpaidBytes(),
            amount(100),
            defaults.minimumRedemption(),
            defaults.maxUnredeemedAge(),
            defaults.maxUnredeemed(),
            defaults.staleAfter(),
            defaults.maxLanes(),
            defaults.maxChannels());
    provider.restart();
    DealAccount account = market.deal(1, 5000);
    account.charged(500);

    assertEquals(amount(0), market.give(1, client.pay("c-1", 60)).credit());
    assertEquals(amount(120), market.give(1, client.pay("c-1", 120)).credit());
    assertEquals(amount(120), market.give(1, client.pay("c-1", 130)).credit());
    market.give(1, client.pay("c-1", 450));
    assertEquals(amount(500), market.give(1, client.pay("c-1", 500)).credit());
  }

  // the gate

  @Test
  void gate_closesAtTheWindowAndOpensWithTheVoucher() throws Exception {
    DealAccount account = market.deal(1, 5000);
    assertEquals(1000, account.limit());
    account.charged(999);
    assertEquals(BlockPermit.OPEN, account.pass(300));
    account.charged(1299);
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(300));
    assertEquals(amount(1299), account.owed());

    market.give(1, client.pay("c-1", 1299));

    assertEquals(BlockPermit.OPEN, account.pass(300));
    assertEquals(2299, account.limit());
    assertTrue(account.settled());
  }

  @Test
  void fee_beforeTheFirstByte() throws Exception {
    Terms terms = new Terms(amount(Terms.MIB), amount(50), 1000, 0, 1000, 600);
    DealAccount account = market.deal(1, 5000, terms);
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(1));
    assertEquals(amount(50), account.owed());

    market.give(1, client.pay("c-1", 50));

    assertEquals(BlockPermit.OPEN, account.pass(1));
    assertEquals(amount(0), account.owed());
  }

  @Test
  void feeAloneAndDepositUsedByIt_bytesAreFree() throws Exception {
    Terms terms = new Terms(amount(0), amount(50), 1000, 0, 1000, 600);
    DealAccount account = market.deal(1, 50, terms);
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(1));
    market.give(1, client.pay("c-1", 50));
    account.charged(1_000_000);

    assertEquals(BlockPermit.OPEN, account.pass(1_000_000));
  }

  @Test
  void depositUsed_saidWithTheShortfallOnceAllIsPaid() throws Exception {
    DealAccount account = market.deal(1, 1500);
    account.charged(1000);
    market.give(1, client.pay("c-1", 1000));
    account.charged(1600);
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(100));
    market.give(1, client.pay("c-1", 1500));
    // 100 are owed that the budget does not cover: still a matter of paying.
    assertEquals(BlockPermit.PAYMENT_NEEDED, account.pass(100));
    client.payer().topUp(account.channel(), amount(100));
    market.poll();
    client.acquire("c-1", provider.payee(), 1600);
    market.give(1, client.pay("c-1", 1600));

    assertEquals(BlockPermit.DEPOSIT_USED, account.pass(100));
    assertEquals(amount(1000), account.shortfall());
    client.payer().cover(new DealRef("c-1"), account.shortfall(), Duration.ZERO);
    provider.payments.poll();
    assertEquals(BlockPermit.OPEN, account.pass(100));
  }

  /** The last bytes of an exactly funded deal cost nothing more, by rounding: they must pass. */
  @Test
  void exactlyFunded_nothingMoreToPay_passes() throws Exception {
    Terms cheap = new Terms(amount(1), amount(0), 1000, 0, 1000, 600);
    DealAccount account = market.deal(1, 1, cheap);
    assertEquals(BlockPermit.OPEN, account.pass(900));
    account.charged(900);

    assertEquals(BlockPermit.OPEN, account.pass(900));
  }

  @Test
  void otherDealsOfThePayer_shareTheDeposit() throws Exception {
    DealAccount one = market.deal(1, 600);
    DealAccount two = market.deal(2, 400);
    one.charged(900);
    two.charged(99);
    assertEquals(BlockPermit.OPEN, two.pass(100));
    two.charged(100);
    assertEquals(BlockPermit.PAYMENT_NEEDED, two.pass(100));

    provider.done(provider.payeeSide().ended(new DealRef("p-1"), 900));

    assertEquals(BlockPermit.OPEN, two.pass(100));
    assertTrue(provider.told.contains(new DealRef("p-2")));
  }

  @Test
  void capOfOnePayer_stopsItsDealsOnly() throws Exception {
    PayeePolicy defaults = provider.payeePolicy;
    provider.payeePolicy =
        new PayeePolicy(
            defaults.payees(),
            1500,
            1_000_000,
            amount(0),
            defaults.minimumRedemption(),
            defaults.maxUnredeemedAge(),
            defaults.maxUnredeemed(),
            defaults.staleAfter(),
            defaults.maxLanes(),
            defaults.maxChannels());
    provider.restart();
    DealAccount one = market.deal(1, 10_000);
    DealAccount two = market.deal(2, 10_000);
    DealAccount three = market.deal(3, 10_000);
    one.charged(900);
    two.charged(600);

    assertEquals(BlockPermit.PAYER_LIMIT, three.pass(100));
    assertEquals(BlockPermit.PAYMENT_NEEDED, two.pass(100));
    market.give(1, client.pay("c-1", 900));
    assertEquals(BlockPermit.OPEN, three.pass(100));
  }

  @Test
  void capOfTheNode_shrinksWindowsNeverToNothing() throws Exception {
    PayeePolicy defaults = provider.payeePolicy;
    provider.payeePolicy =
        new PayeePolicy(
            defaults.payees(),
            1_000_000,
            5000,
            amount(0),
            defaults.minimumRedemption(),
            defaults.maxUnredeemedAge(),
            defaults.maxUnredeemed(),
            defaults.staleAfter(),
            defaults.maxLanes(),
            defaults.maxChannels());
    provider.restart();
    Terms growing = new Terms(amount(Terms.MIB), amount(0), 1000, 1000, 64_000, 600);
    DealAccount one = market.deal(1, 100_000, growing);
    DealAccount two = market.deal(2, 100_000, growing);
    one.charged(10_000);
    market.give(1, client.pay("c-1", 10_000));
    assertEquals(15_000, one.limit());
    two.charged(5000);

    assertEquals(11_000, one.limit());
  }

  // debts

  @Test
  void leftUnpaid_refusedUntilPaidOrOld() throws Exception {
    market.deal(1, 5000);
    long charged = Terms.LAST_BLOCK + 2500;
    provider.account("p-1").charged(charged);
    market.end(1, charged);
    LaneTicket ticket = client.acquire("c-2", provider.payee(), 1000);
    DealOpening open = client.opening(ticket, 2, Market.TERMS, provider.payee());
    OpeningDecision.OpeningRefused unpaid = refused(DealCode.UNPAID, provider.open("p-2", open));
    assertEquals(new DealRef("p-1"), unpaid.deal().orElseThrow());
    assertEquals(amount(charged), unpaid.amount().orElseThrow());
    provider.restart();
    refused(DealCode.UNPAID, provider.open("p-2", open));

    // One interval a day is forgiven; a window and a block are what an honest client may leave.
    market.clock.turn(Duration.ofHours(35));
    refused(DealCode.UNPAID, provider.open("p-2", open));
    market.clock.turn(Duration.ofHours(2));
    market.bound(2, ticket, Market.TERMS);
  }

  @Test
  void leftUnpaid_stillPayableAndThenGood() throws Exception {
    market.deal(1, 5000);
    SignedVoucher last = client.pay("c-1", 2500);
    market.end(1, Terms.LAST_BLOCK + 2500);
    LaneTicket other = client.acquire("c-2", provider.payee(), 1000);
    // From any channel of that payer, and on any lane.
    LaneTicket fresh = client.payer().another(new DealRef("c-2"));
    DealOpening open = client.opening(fresh, 2, Market.TERMS, provider.payee());
    refused(DealCode.UNPAID, provider.open("p-2", open));

    assertEquals(amount(2500), market.give(1, last).credit());

    market.bound(2, fresh, Market.TERMS);
    assertFalse(other.lane() == fresh.lane());
  }

  /** The window is that of the deal that owes most: it has grown with what was paid. */
  @Test
  void leftUnpaid_allDealsTogetherMayLeaveAWindow() throws Exception {
    Terms growing = new Terms(TokenAmount.of(Terms.MIB), TokenAmount.ZERO, 1_000, 1_000, 9_000, 1);
    long paid = 6_000;
    long window = 4_000; // the intervals end at 1,000, 3,000, 6,000, 10,000
    market.deal(1, 10_000, growing);
    market.give(1, client.pay("c-1", paid));
    market.end(1, paid + window / 2 + 1);
    LaneTicket second = client.acquire("c-2", provider.payee(), 1000);
    market.bound(2, second, growing);
    market.end(2, window / 2 - 1);
    LaneTicket third = client.acquire("c-3", provider.payee(), 1000);
    market.bound(3, third, growing);
    market.end(3, 1);
    LaneTicket fourth = client.acquire("c-4", provider.payee(), 1000);

    refused(
        DealCode.UNPAID,
        provider.open("p-4", client.opening(fourth, 4, growing, provider.payee())));
  }

  @Test
  void leftUnpaid_asMuchAsAGateLetsOutIsForgivenOnce() throws Exception {
    long most = Market.TERMS.mostUnpaid(0);
    market.deal(1, 5000);
    market.end(1, most);
    LaneTicket second = client.acquire("c-2", provider.payee(), 1000);
    market.bound(2, second, Market.TERMS);
    market.end(2, 1);
    LaneTicket third = client.acquire("c-3", provider.payee(), 1000);
    DealOpening open = client.opening(third, 3, Market.TERMS, provider.payee());

    OpeningDecision.OpeningRefused unpaid = refused(DealCode.UNPAID, provider.open("p-3", open));
    assertEquals(new DealRef("p-1"), unpaid.deal().orElseThrow());
    assertTrue(unpaid.message().contains(most + " base units, in p-1"), unpaid.message());
  }

  // redeeming

  @Test
  void quietChannel_redeemedByPolicy() throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.give(1, client.pay("c-1", 700));
    provider.payments.poll();
    assertEquals(amount(0), market.ledger.redeemed(account.channel(), 0));
    market.end(1, 700);

    provider.payments.poll();

    assertEquals(amount(700), market.ledger.redeemed(account.channel(), 0));
    int records = provider.journal.size();
    provider.payments.poll();
    assertEquals(records, provider.journal.size());
  }

  @Test
  void oldVouchers_redeemedAlsoInUse() throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.give(1, client.pay("c-1", 700));
    market.clock.turn(Duration.ofHours(25));

    provider.payments.poll();

    assertEquals(amount(700), market.ledger.redeemed(account.channel(), 0));
  }

  /** P6, K21: a payer settles while the provider is down. */
  @Test
  void settledWhileDown_redeemedAtStart() throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.deal(2, 1000);
    market.give(1, client.pay("c-1", 700));
    market.give(2, client.pay("c-2", 300));
    client.payer().settle(account.channel(), true);
    market.ledger.advance(Duration.ofMinutes(30));

    provider.restart();

    assertEquals(amount(1000), market.ledger.channel(account.channel()).orElseThrow().redeemed());
  }

  @Test
  void redeemedByHand_closedAndWithdrawn() throws Exception {
    DealAccount account = market.deal(1, 5000);
    market.give(1, client.pay("c-1", 700));
    assertEquals(
        amount(700),
        assertInstanceOf(
                Outcome.Included.class,
                provider.payeeSide().redeem(account.channel()).orElseThrow())
            .paid());
    assertEquals(Optional.empty(), provider.payeeSide().redeem(account.channel()));
    market.give(1, client.pay("c-1", 900));
    assertEquals(
        DealCode.CHANNEL_IN_USE,
        assertThrows(
                PaymentException.class, () -> provider.payeeSide().close(account.channel(), false))
            .code());
    market.end(1, 900);

    assertInstanceOf(Outcome.Included.class, provider.payeeSide().close(account.channel(), false));

    Domain domain = market.ledger.domain();
    assertEquals(amount(900), provider.payments.credit(domain, Home.COIN, provider.key.address()));
    assertEquals(amount(4100), provider.payments.credit(domain, Home.COIN, client.key.address()));
    assertEquals("closed", provider.book(ChannelBook.Role.PAYEE).state());
  }

  @Test
  void booksOfBothEnds_agree() throws Exception {
    market.deal(1, 5000);
    market.deal(2, 5000);
    market.give(1, client.pay("c-1", 700));
    market.give(2, client.pay("c-2", 300));
    market.end(1, 700);
    DealAccount third = market.deal(3, 1000);
    market.give(3, client.pay("c-3", 50));
    market.poll();

    ChannelBook paid = client.book(ChannelBook.Role.PAYER);
    ChannelBook got = provider.book(ChannelBook.Role.PAYEE);

    assertEquals(0, third.lane());
    assertEquals(amount(700), third.base());
    assertEquals(paid.vouchered(), got.vouchered());
    assertEquals(amount(1050), got.vouchered());
    assertEquals(
        paid.lanes().stream().map(ChannelBook.LaneBook::amount).toList(),
        got.lanes().stream().map(ChannelBook.LaneBook::amount).toList());
    assertEquals(paid.deposit(), got.deposit());
  }
}
