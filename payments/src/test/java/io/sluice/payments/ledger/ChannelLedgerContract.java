package io.sluice.payments.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every ledger does, whatever it is made of. A ledger's own test extends this and says how to
 * make one, how to get money into it and how to turn its time.
 */
public abstract class ChannelLedgerContract {
  protected static final SigningKey PAYER = key(0x46);
  protected static final SigningKey PAYEE = key(0x47);
  protected static final SigningKey STRANGER = key(0x48);
  protected static final EvmAddress COIN = EvmAddress.ZERO;
  protected static final long CHALLENGE = 1000;

  protected ChannelLedger ledger;
  private int ids;

  protected static SigningKey key(int fill) {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) fill);
    return SigningKey.of(secret);
  }

  /** A ledger without channels on which {@link #PAYER} owns {@code funds} of the native coin. */
  protected abstract ChannelLedger ledger(TokenAmount funds) throws IOException;

  /** Turns the ledger's time forward. */
  protected abstract void advance(Duration by) throws IOException;

  /** A moment of the ledger's time that the next intent is still before, or at. */
  protected long soon() throws IOException {
    return ledger.head().time().getEpochSecond();
  }

  @BeforeEach
  void open() throws IOException {
    ledger = ledger(amount(1000));
  }

  @AfterEach
  void close() throws IOException {
    ledger.close();
  }

  protected static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  protected IntentId id() {
    return new IntentId("intent-" + ++ids);
  }

  protected static Bytes32 salt(int value) {
    byte[] salt = new byte[32];
    salt[31] = (byte) value;
    return Bytes32.of(salt);
  }

  protected Intent.Open opening(int salt, long deposit) {
    return new Intent.Open(
        id(),
        PAYER.address(),
        PAYEE.address(),
        PAYER.address(),
        COIN,
        CHALLENGE,
        salt(salt),
        amount(deposit));
  }

  protected Bytes32 opened(int salt, long deposit) throws IOException {
    Intent.Open open = opening(salt, deposit);
    included(open);
    return open.channel(ledger.domain());
  }

  protected SignedVoucher voucher(Bytes32 channel, long lane, long nonce, long total) {
    return PAYER.sign(ledger.domain(), new Voucher(channel, lane, nonce, amount(total)));
  }

  protected Intent.Redeem redeeming(SignedVoucher... vouchers) {
    return new Intent.Redeem(id(), STRANGER.address(), List.of(vouchers));
  }

  protected Intent.Settle settling(Bytes32 channel) {
    return new Intent.Settle(id(), PAYER.address(), channel);
  }

  protected Intent.Collect collecting(Bytes32 channel) {
    return new Intent.Collect(id(), STRANGER.address(), channel);
  }

  protected Outcome.Included included(Intent intent) throws IOException {
    return assertInstanceOf(Outcome.Included.class, ledger.submit(intent));
  }

  protected void refused(LedgerError error, Intent intent) throws IOException {
    Outcome.Refused refused =
        assertInstanceOf(Outcome.Refused.class, ledger.submit(intent), intent.toString());
    assertEquals(error, refused.error());
    assertInstanceOf(Outcome.Unknown.class, ledger.outcome(intent.id()));
  }

  private long paid(SignedVoucher... vouchers) throws IOException {
    return included(redeeming(vouchers)).paid().value().longValueExact();
  }

  private Channel channel(Bytes32 id) throws IOException {
    return ledger.channel(id).orElseThrow();
  }

  @Test
  void opened_asStated() throws IOException {
    Bytes32 id = opened(1, 10);

    Channel channel = channel(id);
    assertEquals(PAYER.address(), channel.payer());
    assertEquals(PAYEE.address(), channel.payee());
    assertEquals(CHALLENGE, channel.challengeSeconds());
    assertEquals(amount(10), channel.deposit());
    assertEquals("open", channel.state());
    assertEquals(amount(990), ledger.balance(COIN, PAYER.address()));
    assertTrue(ledger.channel(salt(9)).isEmpty());
  }

  @Test
  void openings_refusedEachForItsCause() throws IOException {
    Intent.Open good = opening(1, 10);
    EvmAddress payer = PAYER.address();
    EvmAddress payee = PAYEE.address();
    EvmAddress nobody = EvmAddress.ZERO;
    refused(LedgerError.ZERO_ADDRESS, open(payer, nobody, payer, CHALLENGE, 10));
    refused(LedgerError.ZERO_ADDRESS, open(payer, payee, nobody, CHALLENGE, 10));
    refused(LedgerError.SAME_PARTY, open(payer, payer, payer, CHALLENGE, 10));
    refused(LedgerError.ZERO_AMOUNT, open(payer, payee, payer, CHALLENGE, 0));
    refused(LedgerError.CHALLENGE_OUT_OF_RANGE, open(payer, payee, payer, 0, 10));
    refused(
        LedgerError.CHALLENGE_OUT_OF_RANGE,
        open(payer, payee, payer, ledger.facts().maxChallenge().toSeconds() + 1, 10));
    refused(LedgerError.INSUFFICIENT_BALANCE, open(payer, payee, payer, CHALLENGE, 1001));
    included(good);
    refused(LedgerError.CHANNEL_EXISTS, opening(1, 10));
    included(open(payer, payee, payer, ledger.facts().minChallenge().toSeconds(), 10));
    included(open(payer, payee, payer, ledger.facts().maxChallenge().toSeconds(), 980));
  }

  private Intent.Open open(
      EvmAddress sender, EvmAddress payee, EvmAddress signer, long challenge, long deposit) {
    return new Intent.Open(id(), sender, payee, signer, COIN, challenge, salt(7), amount(deposit));
  }

  @Test
  void sameIntentAgain_oneEffectOneAnswer() throws IOException {
    Intent.Open open = opening(1, 10);
    Outcome first = ledger.submit(open);

    assertEquals(first, ledger.submit(open));

    assertEquals(first, ledger.outcome(open.id()));
    assertEquals(amount(990), ledger.balance(COIN, PAYER.address()));
    Intent other =
        new Intent.TopUp(open.id(), PAYER.address(), open.channel(ledger.domain()), amount(1));
    assertThrows(IllegalArgumentException.class, () -> ledger.submit(other));
  }

  /** Spec: PAYMENT CHANNELS, 6.4, the example. */
  @Test
  void workedExampleOfPartialPayment() throws IOException {
    Bytes32 id = opened(1, 10);

    assertEquals(4, paid(voucher(id, 0, 1, 4)));
    assertEquals(6, paid(voucher(id, 1, 1, 9)));
    assertEquals(amount(6), ledger.redeemed(id, 1));
    included(new Intent.TopUp(id(), PAYER.address(), id, amount(5)));
    assertEquals(3, paid(voucher(id, 1, 1, 9)));
    assertEquals(amount(9), ledger.redeemed(id, 1));
    included(settling(id));
    advance(Duration.ofSeconds(CHALLENGE));
    included(collecting(id));
    assertEquals(amount(2), ledger.credit(COIN, PAYER.address()));
    assertEquals(amount(13), ledger.credit(COIN, PAYEE.address()));
    included(withdrawing(PAYEE.address(), 13));
    included(withdrawing(PAYER.address(), 2));
    assertEquals(amount(13), ledger.balance(COIN, PAYEE.address()));
    assertEquals(amount(987), ledger.balance(COIN, PAYER.address()));
  }

  private Intent.Withdraw withdrawing(EvmAddress account, long units) {
    return new Intent.Withdraw(id(), account, COIN, account, amount(units));
  }

  @Test
  void laterNonceWithLowerAmount_bringsNothing() throws IOException {
    Bytes32 id = opened(1, 100);
    assertEquals(10, paid(voucher(id, 0, 1, 10)));

    assertEquals(0, paid(voucher(id, 0, 2, 5)));
    assertEquals(0, paid(voucher(id, 0, Long.MAX_VALUE, 10)));

    // A burnt nonce stops nothing: the amount alone decides.
    assertEquals(1, paid(voucher(id, 0, Long.MAX_VALUE, 11)));
    assertEquals(9, paid(voucher(id, 0, 2, 20)));
  }

  /** A payer that submits the highest nonce there is, for next to nothing, takes nothing away. */
  @Test
  void nonceBurntByThePayer_betterVouchersPayAllTheSame() throws IOException {
    Bytes32 id = opened(1, 10);
    included(new Intent.Redeem(id(), PAYER.address(), List.of(voucher(id, 0, Long.MAX_VALUE, 1))));

    assertEquals(6, paid(voucher(id, 0, 2, 7)));
    assertEquals(amount(7), ledger.credit(COIN, PAYEE.address()));
  }

  @Test
  void batchWithDeadItems_paysTheRest() throws IOException {
    Bytes32 id = opened(1, 100);
    Bytes32 closed = opened(2, 100);
    included(new Intent.Close(id(), PAYEE.address(), closed, List.of()));
    SignedVoucher live = voucher(id, 3, 1, 7);

    long paid =
        paid(
            live,
            live,
            voucher(id, 3, 1, 5),
            voucher(closed, 0, 1, 50),
            voucher(salt(99), 0, 1, 50),
            voucher(id, 4, 1, 8));

    assertEquals(15, paid);
    assertEquals(0, paid(live));
  }

  @Test
  void deadItemWithAnyonesSignature_skippedUnlookedAt() throws IOException {
    Bytes32 id = opened(1, 100);
    SignedVoucher forged = STRANGER.sign(ledger.domain(), new Voucher(id, 3, 2, amount(7)));

    assertEquals(7, paid(voucher(id, 3, 1, 7), forged));
  }

  @Test
  void oneForgedItem_refusesTheWhole() throws IOException {
    Bytes32 id = opened(1, 100);
    SignedVoucher forged = STRANGER.sign(ledger.domain(), new Voucher(id, 1, 1, amount(50)));

    refused(LedgerError.BAD_SIGNATURE, redeeming(voucher(id, 0, 1, 10), forged));

    assertEquals(amount(0), channel(id).redeemed());
  }

  @Test
  void voucherOfAnotherContract_refused() throws IOException {
    Bytes32 id = opened(1, 100);
    Domain elsewhere = new Domain(ledger.domain().chainId() + 1, ledger.domain().contract());
    SignedVoucher foreign = PAYER.sign(elsewhere, new Voucher(id, 0, 1, amount(5)));

    refused(LedgerError.BAD_SIGNATURE, redeeming(foreign));
  }

  @Test
  void batchTooLarge_refused() throws IOException {
    Bytes32 id = opened(1, 100);
    SignedVoucher[] many = new SignedVoucher[ChannelLedger.MAX_BATCH + 1];
    Arrays.fill(many, voucher(id, 0, 1, 1));

    refused(LedgerError.BATCH_TOO_LARGE, redeeming(many));
    included(redeeming(Arrays.copyOf(many, ChannelLedger.MAX_BATCH)));
  }

  @Test
  void topUps_refusedEachForItsCause() throws IOException {
    Bytes32 id = opened(1, 10);
    EvmAddress payer = PAYER.address();
    refused(LedgerError.ZERO_AMOUNT, new Intent.TopUp(id(), payer, id, amount(0)));
    refused(LedgerError.CHANNEL_NOT_OPEN, new Intent.TopUp(id(), payer, salt(9), amount(1)));
    refused(LedgerError.INSUFFICIENT_BALANCE, new Intent.TopUp(id(), payer, id, amount(991)));
    included(settling(id));
    refused(LedgerError.CHANNEL_SETTLING, new Intent.TopUp(id(), payer, id, amount(1)));
  }

  /** C9, C10: vouchers count until settleAt and not from then on; nothing moves it. */
  @Test
  void settling_boundaries() throws IOException {
    Bytes32 id = opened(1, 100);
    refused(LedgerError.NOT_SETTLED, collecting(id));
    refused(LedgerError.NOT_PAYER, new Intent.Settle(id(), PAYEE.address(), id));
    included(settling(id));
    var settleAt = channel(id).settleAt();
    refused(LedgerError.CHANNEL_SETTLING, settling(id));
    advance(Duration.ofSeconds(CHALLENGE - 100));
    assertEquals(5, paid(voucher(id, 0, 1, 5)));
    refused(LedgerError.NOT_SETTLED, collecting(id));
    assertEquals(settleAt, channel(id).settleAt());
    advance(Duration.ofSeconds(100));
    assertEquals(0, paid(voucher(id, 0, 2, 50)));

    assertEnded(LedgerEvent.How.COLLECT, 5, 95, included(collecting(id)));

    assertEquals("closed", channel(id).state());
    assertEquals(amount(95), ledger.credit(COIN, PAYER.address()));
    refused(LedgerError.CHANNEL_NOT_OPEN, collecting(id));
    refused(LedgerError.CHANNEL_NOT_OPEN, settling(id));
    refused(LedgerError.CHANNEL_EXISTS, opening(1, 10));
  }

  private static void assertEnded(
      LedgerEvent.How how, long total, long refund, Outcome.Included outcome) {
    LedgerEvent.ChannelClosed closed =
        assertInstanceOf(LedgerEvent.ChannelClosed.class, outcome.events().getLast());
    assertEquals(how, closed.how());
    assertEquals(amount(total), closed.payeeTotal());
    assertEquals(amount(refund), closed.refund());
  }

  @Test
  void payeeCloses_atOnceAndAlsoWhileSettling() throws IOException {
    Bytes32 id = opened(1, 100);
    refused(LedgerError.NOT_PAYEE, new Intent.Close(id(), PAYER.address(), id, List.of()));
    included(settling(id));

    Outcome.Included closed =
        included(
            new Intent.Close(
                id(), PAYEE.address(), id, List.of(voucher(id, 0, 1, 30), voucher(id, 1, 1, 10))));

    assertEquals(amount(40), closed.paid());
    assertEquals(amount(60), ledger.credit(COIN, PAYER.address()));
    assertEquals(amount(40), ledger.credit(COIN, PAYEE.address()));
  }

  @Test
  void consent_withinItsBoundsAndTimeOnly() throws IOException {
    Bytes32 id = opened(1, 100);
    assertEquals(10, paid(voucher(id, 0, 1, 10)));
    long now = ledger.head().time().getEpochSecond();
    refused(LedgerError.AMOUNT_OUT_OF_RANGE, consented(PAYEE, id, 9, now + 500));
    refused(LedgerError.AMOUNT_OUT_OF_RANGE, consented(PAYEE, id, 101, now + 500));
    refused(LedgerError.BAD_SIGNATURE, consented(PAYER, id, 50, now + 500));
    refused(LedgerError.DEADLINE_PASSED, consented(PAYEE, id, 50, now - 1));
    CloseConsent consent = new CloseConsent(id, amount(50), now + 500);
    refused(
        LedgerError.NOT_PAYER,
        new Intent.CloseByConsent(
            id(), STRANGER.address(), consent, PAYEE.sign(consent.digest(ledger.domain()))));

    assertEnded(LedgerEvent.How.COOPERATIVE, 50, 50, included(consented(PAYEE, id, 50, soon())));

    assertEquals(amount(50), ledger.credit(COIN, PAYEE.address()));
    assertEquals(amount(50), ledger.credit(COIN, PAYER.address()));
  }

  @Test
  void consent_toNothingMoreOrToAllOfIt() throws IOException {
    Bytes32 less = opened(1, 100);
    assertEquals(10, paid(voucher(less, 0, 1, 10)));
    Bytes32 all = opened(2, 100);

    assertEnded(LedgerEvent.How.COOPERATIVE, 10, 90, included(consented(PAYEE, less, 10, soon())));
    assertEnded(LedgerEvent.How.COOPERATIVE, 100, 0, included(consented(PAYEE, all, 100, soon())));
  }

  private Intent.CloseByConsent consented(SigningKey by, Bytes32 id, long total, long deadline) {
    CloseConsent consent = new CloseConsent(id, amount(total), deadline);
    return new Intent.CloseByConsent(
        id(), PAYER.address(), consent, by.sign(consent.digest(ledger.domain())));
  }

  @Test
  void withdrawals_refusedEachForItsCause() throws IOException {
    Bytes32 id = opened(1, 10);
    assertEquals(10, paid(voucher(id, 0, 1, 10)));
    EvmAddress payee = PAYEE.address();
    refused(LedgerError.INSUFFICIENT_CREDIT, withdrawing(payee, 11));
    refused(LedgerError.ZERO_AMOUNT, withdrawing(payee, 0));
    refused(
        LedgerError.ZERO_ADDRESS,
        new Intent.Withdraw(id(), payee, COIN, EvmAddress.ZERO, amount(1)));
    included(withdrawing(payee, 10));
    refused(LedgerError.INSUFFICIENT_CREDIT, withdrawing(payee, 1));
  }

  @Test
  void signerApartFromPayer_alone() throws IOException {
    Intent.Open open =
        new Intent.Open(
            id(),
            PAYER.address(),
            PAYEE.address(),
            STRANGER.address(),
            COIN,
            CHALLENGE,
            salt(1),
            amount(10));
    included(open);
    Bytes32 id = open.channel(ledger.domain());
    refused(LedgerError.BAD_SIGNATURE, redeeming(voucher(id, 0, 1, 5)));

    included(redeeming(STRANGER.sign(ledger.domain(), new Voucher(id, 0, 1, amount(5)))));

    assertEquals(amount(5), ledger.redeemed(id, 0));
  }

  @Test
  void largestAmounts() throws IOException {
    Bytes32 id = opened(1, 10);
    TokenAmount most =
        new TokenAmount(java.math.BigInteger.ONE.shiftLeft(128).subtract(java.math.BigInteger.ONE));

    Outcome.Included redeemed =
        included(
            redeeming(
                PAYER.sign(
                    ledger.domain(), new Voucher(id, Long.MAX_VALUE, Long.MAX_VALUE, most))));

    assertEquals(amount(10), redeemed.paid());
  }

  @Test
  void events_eachOnceInOrderAndInAbsoluteFigures() throws IOException {
    Cursor before = ledger.end();
    Bytes32 id = opened(1, 10);
    paid(voucher(id, 0, 1, 4));
    included(new Intent.TopUp(id(), PAYER.address(), id, amount(5)));
    included(settling(id));
    included(new Intent.Close(id(), PAYEE.address(), id, List.of()));
    included(withdrawing(PAYEE.address(), 4));

    List<LedgerEvent> events = new ArrayList<>();
    Cursor cursor = before;
    for (EventPage page = ledger.events(cursor, 2);
        !page.events().isEmpty();
        page = ledger.events(cursor, 2)) {
      assertTrue(page.events().size() <= 2);
      events.addAll(page.events());
      cursor = page.next();
    }

    assertEquals(
        List.of(
            "ChannelOpened",
            "Redeemed",
            "ChannelToppedUp",
            "SettleStarted",
            "ChannelClosed",
            "Withdrawn"),
        events.stream().map(event -> event.getClass().getSimpleName()).toList());
    LedgerEvent.ChannelToppedUp toppedUp = (LedgerEvent.ChannelToppedUp) events.get(2);
    assertEquals(amount(15), toppedUp.deposit());
    LedgerEvent.ChannelClosed closed = (LedgerEvent.ChannelClosed) events.get(4);
    assertEquals(amount(11), closed.refund());
    assertEquals(amount(4), closed.payeeTotal());
    assertEquals(LedgerEvent.How.PAYEE, closed.how());
  }

  @Test
  void earlierHeights_asTheyWere() throws IOException {
    Bytes32 id = opened(1, 10);
    long height = ledger.head().height();
    advance(Duration.ofSeconds(20));
    included(new Intent.TopUp(id(), PAYER.address(), id, amount(5)));

    assertEquals(Optional.of(amount(10)), ledger.channel(id, height).map(Channel::deposit));
    assertEquals(
        Optional.of(amount(15)), ledger.channel(id, ledger.head().height()).map(Channel::deposit));
    assertEquals(Optional.empty(), ledger.channel(id, height - 1000));
  }
}
