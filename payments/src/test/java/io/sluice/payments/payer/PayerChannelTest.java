package io.sluice.payments.payer;

import static io.sluice.payments.Samples.COIN;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.hash;
import static io.sluice.payments.Samples.payee;
import static io.sluice.payments.Samples.view;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.DealCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PayerChannelTest {
  private static final DealRef DEAL = new DealRef("c-1");
  private static final Intent.Open OPEN =
      new Intent.Open(
          new IntentId("open"),
          PAYER.address(),
          PAYEE,
          PAYER.address(),
          COIN,
          3600,
          hash(5),
          amount(100));

  private final PayerChannel channel = new PayerChannel(DOMAIN, OPEN, 1);

  @BeforeEach
  void confirmed() {
    channel.see(view(channel(channel.id, 100, 0), 100, 1));
    channel.grant(new FundsRequest(DEAL, payee(PAYEE, 0, 1), amount(60))).orElseThrow().commit();
  }

  private static SignedVoucher sign(Voucher voucher) {
    return PAYER.sign(DOMAIN, voucher);
  }

  /** The key may be missing, or the machine out of memory: the next payment has to go through. */
  @Test
  void signingFails_laneIsFreeToSignAgain() {
    PaymentException noKey = new PaymentException(DealCode.NOT_OUR_VOUCHER, "no key");
    assertThrows(
        PaymentException.class,
        () ->
            channel.pay(
                DEAL,
                amount(5),
                voucher -> {
                  throw noKey;
                }));
    assertThrows(
        OutOfMemoryError.class,
        () ->
            channel.pay(
                DEAL,
                amount(5),
                voucher -> {
                  throw new OutOfMemoryError();
                }));

    Prepared<SignedVoucher> paid = channel.pay(DEAL, amount(5), PayerChannelTest::sign);
    assertEquals(1, paid.value().voucher().nonce(), "nothing was signed before");
    assertThrows(
        IllegalStateException.class,
        () -> channel.pay(DEAL, amount(6), PayerChannelTest::sign),
        "two at a time could share a nonce");
    paid.commit();
    assertEquals(2, channel.pay(DEAL, amount(6), PayerChannelTest::sign).value().voucher().nonce());
  }
}
