package io.sluice.payments.ledger;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;
import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;
import static io.sluice.protocol.retrieval.FieldCodecs.SIGNATURE;

import io.sluice.payments.ledger.Intent.Close;
import io.sluice.payments.ledger.Intent.CloseByConsent;
import io.sluice.payments.ledger.Intent.Collect;
import io.sluice.payments.ledger.Intent.Open;
import io.sluice.payments.ledger.Intent.Redeem;
import io.sluice.payments.ledger.Intent.Settle;
import io.sluice.payments.ledger.Intent.TopUp;
import io.sluice.payments.ledger.Intent.Withdraw;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ipld.KindCodec;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.MapCodec.Fields;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.List;

/** The stored form of intents, version 1: a map with the kind under {@code Do}. */
final class IntentCodec {
  private static final NodeCodec<IntentId> ID = TEXT.as(IntentId::new, IntentId::value);
  private static final NodeCodec<List<SignedVoucher>> VOUCHERS = SignedVoucher.CODEC.list();
  private static final MapCodec<CloseConsent> CONSENT =
      MapCodec.of(
          f ->
              new CloseConsent(
                  f.get("Channel", HASH, CloseConsent::channel),
                  f.get("Amount", AMOUNT, CloseConsent::finalRedeemed),
                  f.get("Deadline", LONG, CloseConsent::deadline)));

  static final KindCodec<Intent> CODEC =
      new KindCodec<Intent>("Do", "BAD_RECORD")
          .with(
              "open",
              Open.class,
              MapCodec.of(
                  f ->
                      new Open(
                          id(f),
                          sender(f),
                          f.get("Payee", ADDRESS, Open::payee),
                          f.get("Signer", ADDRESS, Open::signer),
                          f.get("Token", ADDRESS, Open::token),
                          f.get("Challenge", LONG, Open::challengeSeconds),
                          f.get("Salt", HASH, Open::salt),
                          f.get("Amount", AMOUNT, Open::amount))))
          .with(
              "top-up",
              TopUp.class,
              MapCodec.of(
                  f ->
                      new TopUp(
                          id(f),
                          sender(f),
                          f.get("Channel", HASH, TopUp::channel),
                          f.get("Amount", AMOUNT, TopUp::amount))))
          .with(
              "redeem",
              Redeem.class,
              MapCodec.of(
                  f -> new Redeem(id(f), sender(f), f.get("Vouchers", VOUCHERS, Redeem::vouchers))))
          .with(
              "settle",
              Settle.class,
              MapCodec.of(
                  f -> new Settle(id(f), sender(f), f.get("Channel", HASH, Settle::channel))))
          .with(
              "collect",
              Collect.class,
              MapCodec.of(
                  f -> new Collect(id(f), sender(f), f.get("Channel", HASH, Collect::channel))))
          .with(
              "close",
              Close.class,
              MapCodec.of(
                  f ->
                      new Close(
                          id(f),
                          sender(f),
                          f.get("Channel", HASH, Close::channel),
                          f.get("Vouchers", VOUCHERS, Close::vouchers))))
          .with(
              "close-by-consent",
              CloseByConsent.class,
              MapCodec.of(
                  f ->
                      new CloseByConsent(
                          id(f),
                          sender(f),
                          f.among(CONSENT, CloseByConsent::consent),
                          f.get("Signature", SIGNATURE, CloseByConsent::signature))))
          .with(
              "withdraw",
              Withdraw.class,
              MapCodec.of(
                  f ->
                      new Withdraw(
                          id(f),
                          sender(f),
                          f.get("Token", ADDRESS, Withdraw::token),
                          f.get("To", ADDRESS, Withdraw::to),
                          f.get("Amount", AMOUNT, Withdraw::amount))));

  private IntentCodec() {}

  private static <T extends Intent> IntentId id(Fields<T> fields) {
    return fields.get("ID", ID, Intent::id);
  }

  private static <T extends Intent> EvmAddress sender(Fields<T> fields) {
    return fields.get("Sender", ADDRESS, Intent::sender);
  }
}
