package io.sluice.payments;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;
import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;

import io.sluice.payments.PaymentRecord.ChannelIdle;
import io.sluice.payments.PaymentRecord.ConsentGiven;
import io.sluice.payments.PaymentRecord.CreditGathers;
import io.sluice.payments.PaymentRecord.DealBound;
import io.sluice.payments.PaymentRecord.DealEnded;
import io.sluice.payments.PaymentRecord.DealLeft;
import io.sluice.payments.PaymentRecord.FundsAsked;
import io.sluice.payments.PaymentRecord.IntentEnded;
import io.sluice.payments.PaymentRecord.IntentPlanned;
import io.sluice.payments.PaymentRecord.LaneTaken;
import io.sluice.payments.PaymentRecord.VoucherAdopted;
import io.sluice.payments.PaymentRecord.VoucherGiven;
import io.sluice.payments.PaymentRecord.VoucherTaken;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.KindCodec;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.retrieval.Terms;
import java.time.Instant;
import java.util.Optional;

/** The stored form of payment records, version 1; stores keep the kind beside the fields. */
final class PaymentRecordCodec {
  private static final NodeCodec<DealRef> DEAL = TEXT.as(DealRef::new, DealRef::value);
  private static final NodeCodec<IntentId> INTENT_ID = TEXT.as(IntentId::new, IntentId::value);
  private static final NodeCodec<Instant> SECONDS =
      LONG.as(Instant::ofEpochSecond, Instant::getEpochSecond);

  private static final KindCodec<PaymentRecord> CODEC =
      new KindCodec<PaymentRecord>("payment record", "BAD_RECORD")
          .with(
              "intent-planned",
              IntentPlanned.class,
              MapCodec.of(
                  f ->
                      new IntentPlanned(
                          f.among(Domain.CODEC, IntentPlanned::domain),
                          f.get("Intent", Intent.CODEC, IntentPlanned::intent))))
          .with(
              "intent-ended",
              IntentEnded.class,
              MapCodec.of(
                  f ->
                      new IntentEnded(
                          f.get("ID", INTENT_ID, IntentEnded::id),
                          f.find("Refused", TEXT, IntentEnded::refused))))
          .with(
              "credit-gathers",
              CreditGathers.class,
              MapCodec.of(
                  f ->
                      new CreditGathers(
                          f.among(Domain.CODEC, CreditGathers::domain),
                          f.get("Token", ADDRESS, CreditGathers::token),
                          f.get("Since", SECONDS, CreditGathers::since))))
          .with(
              "funds-asked",
              FundsAsked.class,
              MapCodec.of(
                  f ->
                      new FundsAsked(
                          f.get("Deal", DEAL, FundsAsked::deal),
                          f.get("Channel", HASH, FundsAsked::channel),
                          f.get("Amount", AMOUNT, FundsAsked::amount))))
          .with(
              "lane-taken",
              LaneTaken.class,
              MapCodec.of(
                  f ->
                      new LaneTaken(
                          f.get("Deal", DEAL, LaneTaken::deal),
                          f.get("Channel", HASH, LaneTaken::channel),
                          f.get("Lane", LONG, LaneTaken::lane),
                          f.get("Base", AMOUNT, LaneTaken::base),
                          f.get("Budget", AMOUNT, LaneTaken::budget))))
          .with(
              "voucher-given",
              VoucherGiven.class,
              MapCodec.of(
                  f ->
                      new VoucherGiven(
                          f.get("Deal", DEAL, VoucherGiven::deal),
                          f.get("Voucher", SignedVoucher.CODEC, VoucherGiven::voucher))))
          .with(
              "voucher-adopted",
              VoucherAdopted.class,
              MapCodec.of(
                  f ->
                      new VoucherAdopted(
                          f.get("Deal", DEAL, VoucherAdopted::deal),
                          f.get("Voucher", SignedVoucher.CODEC, VoucherAdopted::voucher))))
          .with(
              "deal-left",
              DealLeft.class,
              MapCodec.of(
                  f ->
                      new DealLeft(
                          f.get("Deal", DEAL, DealLeft::deal),
                          f.find("MayOwe", BOOL, left -> ifSo(left.mayOwe())).orElse(false))))
          .with(
              "channel-idle",
              ChannelIdle.class,
              MapCodec.of(
                  f ->
                      new ChannelIdle(
                          f.get("Channel", HASH, ChannelIdle::channel),
                          f.get("Since", SECONDS, ChannelIdle::since))))
          .with(
              "consent-given",
              ConsentGiven.class,
              MapCodec.of(
                  f ->
                      new ConsentGiven(
                          f.get("Channel", HASH, ConsentGiven::channel),
                          f.get("Total", AMOUNT, ConsentGiven::total),
                          f.get("Deadline", LONG, ConsentGiven::deadline))))
          .with(
              "deal-bound",
              DealBound.class,
              MapCodec.of(
                  f ->
                      new DealBound(
                          f.get("Deal", DEAL, DealBound::deal),
                          f.among(Domain.CODEC, DealBound::domain),
                          f.get("Channel", HASH, DealBound::channel),
                          f.get("Lane", LONG, DealBound::lane),
                          f.get("Base", AMOUNT, DealBound::base),
                          f.get("Payer", ADDRESS, DealBound::payer),
                          f.get("Signer", ADDRESS, DealBound::signer),
                          f.get("Terms", Terms.CODEC, DealBound::terms),
                          f.find("Best", SignedVoucher.CODEC, DealBound::best))))
          .with(
              "voucher-taken",
              VoucherTaken.class,
              MapCodec.of(
                  f ->
                      new VoucherTaken(
                          f.get("Deal", DEAL, VoucherTaken::deal),
                          f.get("Voucher", SignedVoucher.CODEC, VoucherTaken::voucher),
                          f.get("Counted", AMOUNT, VoucherTaken::credit),
                          f.find("Time", SECONDS, VoucherTaken::time))))
          .with(
              "deal-ended",
              DealEnded.class,
              MapCodec.of(
                  f ->
                      new DealEnded(
                          f.get("Deal", DEAL, DealEnded::deal),
                          f.get("Charged", LONG, DealEnded::charged),
                          f.get("Time", SECONDS, DealEnded::time))));

  private PaymentRecordCodec() {}

  /** Written only where it is so: records from before it was known read as "not so". */
  private static Optional<Boolean> ifSo(boolean flag) {
    return flag ? Optional.of(true) : Optional.empty();
  }

  static String kind(PaymentRecord record) {
    return CODEC.kind(record);
  }

  static Node encode(PaymentRecord record) {
    return CODEC.encodeFields(record);
  }

  static PaymentRecord decode(String kind, Node node) {
    try {
      return CODEC.decode(kind, node);
    } catch (ProtocolException e) {
      // Also values that no record may have, such as an empty deal id: damage all the same.
      throw new ProtocolException("BAD_RECORD", kind + ": " + e.getMessage());
    }
  }
}
