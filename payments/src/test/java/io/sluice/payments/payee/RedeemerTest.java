package io.sluice.payments.payee;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.TERMS;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.payee;
import static io.sluice.payments.Samples.view;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.DealRef;
import io.sluice.payments.IntentQueue;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In what pieces and when vouchers go to a ledger, which pays them all or refuses. */
class RedeemerTest {
  private static final int BATCH = ChannelLedger.MAX_BATCH;
  private static final Bytes32 CHANNEL_2 = Bytes32.of(bytes(2));
  private static final Bytes32 CHANNEL_3 = Bytes32.of(bytes(3));
  private static final DealRef DEAL = new DealRef("p-1");
  private static final Signature ANY = voucher(CHANNEL, 0, 1, 1).signature();

  private final Clock clock = Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC);
  private final PayeePolicy policy = PayeePolicy.of(List.of(payee(PAYEE, 0, 1)));
  private final PayeeContext context = new PayeeContext(policy, clock, deal -> {}, new Exposure());
  private final PayeeChannel channel =
      new PayeeChannel(DOMAIN, CHANNEL, PAYER.address(), PAYER.address(), 1, context);

  private final List<Intent> submitted = new ArrayList<>();
  private final Map<Long, TokenAmount> redeemed = new HashMap<>();
  private final List<PaymentRecord> journal = new ArrayList<>();
  private Optional<LedgerError> refuses = Optional.empty();

  /** What a redemption costs; nobody knows if absent. */
  private Optional<TokenAmount> cost = Optional.of(TokenAmount.ZERO);

  private final Map<io.sluice.payments.voucher.Domain, ChannelLedger> ledgers =
      Map.of(DOMAIN, ledger());
  private final Redeemer redeemer = redeemer(ledgers);
  private long turn;

  private static byte[] bytes(int fill) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    bytes[0] = (byte) fill;
    return bytes;
  }

  private Redeemer redeemer(Map<io.sluice.payments.voucher.Domain, ChannelLedger> all) {
    return new Redeemer(
        policy,
        all,
        new IntentQueue(all, journal::add),
        clock,
        new SecureRandom(),
        it -> look(false),
        () -> List.of(channel));
  }

  private ChannelLedger ledger() {
    return (ChannelLedger)
        Proxy.newProxyInstance(
            ChannelLedger.class.getClassLoader(),
            new Class<?>[] {ChannelLedger.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("redemptionCost")) {
                return cost.orElseThrow(() -> new IOException("no way to the ledger"));
              }
              return submit((Intent) arguments[0]);
            });
  }

  private Outcome submit(Intent intent) {
    submitted.add(intent);
    if (refuses.isPresent()) {
      return new Outcome.Refused(intent.id(), refuses.get(), "no");
    }
    if (intent instanceof Intent.Redeem redeem) {
      redeem.vouchers().forEach(signed -> redeemed.put(signed.voucher().lane(), signed.amount()));
    }
    return new Outcome.Included(intent.id(), 1, List.of());
  }

  @BeforeEach
  void open() {
    look(false);
  }

  private void look(boolean settling) {
    TokenAmount sum = redeemed.values().stream().reduce(TokenAmount.ZERO, TokenAmount::plus);
    var state = channel(CHANNEL, 1_000_000, sum.value().longValueExact());
    channel.see(view(settling ? Samples.settling(state, NOW) : state, 1_000_000, ++turn, redeemed));
  }

  /** As an earlier run left them; the ledger looks at no signature here. */
  private void lanes(int count) {
    for (long lane = 0; lane < count; lane++) {
      Voucher voucher = new Voucher(CHANNEL, lane, 1, amount(1000 + lane));
      channel.restore(
          new PaymentRecord.VoucherTaken(
              DEAL, new SignedVoucher(DOMAIN, voucher, ANY), voucher.amount(), Optional.of(NOW)),
          NOW);
    }
  }

  private DealAccount live() {
    return channel
        .restore(
            new PaymentRecord.DealBound(
                DEAL,
                DOMAIN,
                CHANNEL,
                0,
                amount(0),
                PAYER.address(),
                PAYER.address(),
                TERMS,
                Optional.empty()),
            NOW)
        .orElseThrow();
  }

  private List<Integer> batches() {
    return submitted.stream()
        .map(
            intent ->
                intent instanceof Intent.Redeem redeem
                    ? redeem.vouchers().size()
                    : -((Intent.Close) intent).vouchers().size())
        .toList();
  }

  @Test
  void redeemed_bestFirstAndOneBatchAtMost() throws IOException {
    assertEquals(Optional.empty(), redeemer.redeem(channel));
    lanes(BATCH + 1);

    assertInstanceOf(Outcome.Included.class, redeemer.redeem(channel).orElseThrow());

    Intent.Redeem redeem = assertInstanceOf(Intent.Redeem.class, submitted.getFirst());
    assertEquals(PAYEE, redeem.sender());
    assertEquals(BATCH, redeem.vouchers().size());
    assertEquals(BATCH, redeem.vouchers().getFirst().voucher().lane(), "it is worth most");
    assertEquals(amount(1000), channel.redeemable().value(), "that of lane 0 is left");
  }

  @Test
  void closed_allBeyondOneBatchIsRedeemedBefore() throws IOException {
    lanes(2 * BATCH + 1);

    assertInstanceOf(Outcome.Included.class, redeemer.close(channel, false));

    assertEquals(List.of(BATCH, BATCH, -1), batches());
    Intent.Close close = assertInstanceOf(Intent.Close.class, submitted.getLast());
    assertEquals(CHANNEL, close.channel());
    assertEquals(PAYEE, close.sender());
  }

  @Test
  void closed_oneBatchGoesWithIt() throws IOException {
    lanes(BATCH);

    redeemer.close(channel, false);

    assertEquals(List.of(-BATCH), batches());
  }

  /** It is not tried for ever; the close says why it is refused. */
  @Test
  void closed_redemptionRefused_theCloseIsTriedOnce() throws IOException {
    lanes(BATCH + 1);
    refuses = Optional.of(LedgerError.CHANNEL_NOT_OPEN);

    assertInstanceOf(Outcome.Refused.class, redeemer.close(channel, false));

    assertEquals(List.of(BATCH, -BATCH), batches());
  }

  @Test
  void closed_inUse_onlyWhenToldSo() throws IOException {
    live();

    assertEquals(
        DealCode.CHANNEL_IN_USE,
        assertThrows(PaymentException.class, () -> redeemer.close(channel, false)).code());
    assertEquals(List.of(), submitted);
    redeemer.close(channel, true);
    assertEquals(1, submitted.size());
  }

  @Test
  void ended_theNextMayBegin() throws IOException {
    lanes(1);
    Intent.Redeem old =
        new Intent.Redeem(
            io.sluice.payments.ledger.IntentId.random(new SecureRandom()), PAYEE, List.of());
    channel.redemptionPlanned(old.id());
    assertEquals(Optional.empty(), redeemer.redeem(channel), "one is under way");

    redeemer.ended(old, new Outcome.Refused(old.id(), LedgerError.BAD_SIGNATURE, "no"));

    assertTrue(redeemer.redeem(channel).isPresent());
  }

  @Test
  void due_whenThereIsSomethingAndALedgerToAsk() throws IOException {
    redeemer.redeemDue();
    assertEquals(List.of(), submitted, "nothing to redeem");
    lanes(1);

    redeemer(Map.of()).redeemDue();
    assertEquals(List.of(), submitted, "no ledger");
    cost = Optional.of(amount(1000));
    redeemer.redeemDue();
    assertEquals(List.of(), submitted, "too dear");
    cost = Optional.of(amount(0));
    redeemer.redeemDue();
    assertEquals(List.of(1), batches());
    redeemer.redeemDue();
    assertEquals(List.of(1), batches(), "once");
  }

  @Test
  void due_costUnknown_onlyWhenThePayerSettles() throws IOException {
    lanes(1);
    cost = Optional.empty();
    redeemer.redeemDue();
    assertEquals(List.of(), submitted);

    look(true);
    redeemer.redeemDue();

    assertEquals(List.of(1), batches(), "too dear is better than too late");
  }

  /** The other is worth 5 times the cost, the third is not; neither would go by itself. */
  @Test
  void due_othersThatAreWorthLittleMoreGoAlong() throws IOException {
    cost = Optional.of(amount(50));
    owe(channel, 2, 600);
    PayeeChannel other = another(CHANNEL_2);
    owe(other, 1, 250);
    PayeeChannel third = another(CHANNEL_3);
    owe(third, 1, 249);

    together(channel, other, third).redeemDue();

    Intent.Redeem redeem = assertInstanceOf(Intent.Redeem.class, submitted.getFirst());
    assertEquals(
        List.of(CHANNEL, CHANNEL, CHANNEL_2),
        redeem.vouchers().stream().map(it -> it.voucher().channel()).toList());
    assertEquals(1, submitted.size());
  }

  @Test
  void due_noneIsWorthATransaction_theyWaitThoughTheyCouldGoTogether() throws IOException {
    cost = Optional.of(amount(50));
    owe(channel, 1, 999);
    PayeeChannel other = another(CHANNEL_2);
    owe(other, 1, 999);

    together(channel, other).redeemDue();

    assertEquals(List.of(), submitted);
  }

  @Test
  void due_moreThanABatch_theRestWaits() throws IOException {
    lanes(BATCH - 1);
    PayeeChannel other = another(CHANNEL_2);
    owe(other, 3, 10);

    together(channel, other).redeemDue();

    assertEquals(List.of(BATCH), batches());
    Intent.Redeem redeem = assertInstanceOf(Intent.Redeem.class, submitted.getFirst());
    assertEquals(CHANNEL_2, redeem.vouchers().getLast().voucher().channel());
  }

  @Test
  void plans_sayWhenAndWhy() {
    lanes(1);
    cost = Optional.of(amount(50));
    assertEquals(Optional.of(clock.instant()), redeemer.plans().getFirst().at());

    cost = Optional.of(amount(51));
    live();
    PlannedAct waits = redeemer.plans().getFirst();
    assertEquals(PlannedAct.Kind.REDEEM, waits.kind());
    assertEquals(amount(1000), waits.amount());
    assertEquals(Optional.of(NOW.plus(policy.maxUnredeemedAge())), waits.at());

    cost = Optional.of(amount(334));
    assertEquals(Optional.empty(), redeemer.plans().getFirst().at());
    cost = Optional.empty();
    assertEquals("the ledger is silent", redeemer.plans().getFirst().reason());
    assertEquals(List.of(), redeemer(Map.of()).plans());
  }

  private PayeeChannel another(Bytes32 id) {
    PayeeChannel other = new PayeeChannel(DOMAIN, id, PAYER.address(), PAYER.address(), 1, context);
    other.see(view(channel(id, 1_000_000, 0), 1_000_000, ++turn, Map.of()));
    return other;
  }

  private void owe(PayeeChannel owing, int count, long each) {
    for (long lane = 0; lane < count; lane++) {
      Voucher voucher = new Voucher(owing.id, lane, 1, amount(each));
      owing.restore(
          new PaymentRecord.VoucherTaken(
              DEAL, new SignedVoucher(DOMAIN, voucher, ANY), voucher.amount(), Optional.of(NOW)),
          NOW);
    }
  }

  private Redeemer together(PayeeChannel... channels) {
    return new Redeemer(
        policy,
        ledgers,
        new IntentQueue(ledgers, journal::add),
        clock,
        new SecureRandom(),
        it -> {},
        () -> List.of(channels));
  }
}
