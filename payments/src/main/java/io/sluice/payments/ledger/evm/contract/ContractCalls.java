package io.sluice.payments.ledger.evm.contract;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;

/** The calls of the contract, byte by byte. Spec: PAYMENT CHANNELS, 6.3. */
public final class ContractCalls {
  private static final String VOUCHER = "(bytes32,uint64,uint64,uint128)";
  private static final int VOUCHER_BYTES = 4 * AbiWriter.WORD;
  private static final int SIGNATURE_BYTES = AbiWriter.sizeOfBytes(Signature.LENGTH);

  static final String OPEN = "open(address,address,address,uint32,bytes32,uint128)";
  static final String TOP_UP = "topUp(bytes32,uint128)";
  static final String REDEEM = "redeem(" + VOUCHER + ",bytes)";
  static final String REDEEM_MANY = "redeemMany(" + VOUCHER + "[],bytes[])";
  static final String SETTLE = "settle(bytes32)";
  static final String COLLECT = "collect(bytes32)";
  static final String CLOSE = "closeByPayee(bytes32)";
  static final String REDEEM_AND_CLOSE = "redeemAndClose(" + VOUCHER + "[],bytes[],bytes32)";
  static final String CLOSE_COOPERATIVE = "closeCooperative(bytes32,uint128,uint64,bytes)";
  static final String WITHDRAW = "withdraw(address,address,uint256)";

  private ContractCalls() {}

  /** What an intent calls the contract with. */
  public static byte[] of(Intent intent) {
    return switch (intent) {
      case Intent.Open open ->
          AbiWriter.call(OPEN)
              .address(open.payee())
              .address(open.signer())
              .address(open.token())
              .number(Math.min(open.challengeSeconds(), 0xffff_ffffL))
              .word(open.salt())
              .amount(open.amount())
              .done();
      case Intent.TopUp topUp ->
          AbiWriter.call(TOP_UP).word(topUp.channel()).amount(topUp.amount()).done();
      case Intent.Redeem redeem when redeem.vouchers().size() == 1 ->
          redeemOne(redeem.vouchers().getFirst());
      case Intent.Redeem redeem -> redeemMany(redeem.vouchers());
      case Intent.Settle settle -> AbiWriter.call(SETTLE).word(settle.channel()).done();
      case Intent.Collect collect -> AbiWriter.call(COLLECT).word(collect.channel()).done();
      case Intent.Close close when close.vouchers().isEmpty() ->
          AbiWriter.call(CLOSE).word(close.channel()).done();
      case Intent.Close close -> redeemAndClose(close.vouchers(), close.channel());
      case Intent.CloseByConsent close ->
          AbiWriter.call(CLOSE_COOPERATIVE)
              .word(close.consent().channel())
              .amount(close.consent().finalRedeemed())
              .number(close.consent().deadline())
              .number(4L * AbiWriter.WORD)
              .bytes(close.signature().bytes())
              .done();
      case Intent.Withdraw withdraw ->
          AbiWriter.call(WITHDRAW)
              .address(withdraw.token())
              .address(withdraw.to())
              .amount(withdraw.amount())
              .done();
    };
  }

  /** Redeems nothing: what every redemption costs besides its vouchers. */
  public static byte[] redeemNothing() {
    return redeemMany(List.of());
  }

  private static byte[] redeemOne(SignedVoucher signed) {
    AbiWriter writer = AbiWriter.call(REDEEM);
    voucher(writer, signed.voucher());
    return writer.number(VOUCHER_BYTES + AbiWriter.WORD).bytes(signed.signature().bytes()).done();
  }

  private static byte[] redeemMany(List<SignedVoucher> vouchers) {
    AbiWriter writer = AbiWriter.call(REDEEM_MANY);
    int head = 2 * AbiWriter.WORD;
    writer.number(head).number(head + sizeOfVouchers(vouchers));
    return batch(writer, vouchers).done();
  }

  private static byte[] redeemAndClose(List<SignedVoucher> vouchers, Bytes32 channel) {
    AbiWriter writer = AbiWriter.call(REDEEM_AND_CLOSE);
    int head = 3 * AbiWriter.WORD;
    writer.number(head).number(head + sizeOfVouchers(vouchers)).word(channel);
    return batch(writer, vouchers).done();
  }

  private static int sizeOfVouchers(List<SignedVoucher> vouchers) {
    return AbiWriter.WORD + vouchers.size() * VOUCHER_BYTES;
  }

  /**
   * Both lists: the vouchers, whose size is fixed, and the signatures, each found by its offset.
   */
  private static AbiWriter batch(AbiWriter writer, List<SignedVoucher> vouchers) {
    int count = vouchers.size();
    writer.number(count);
    for (SignedVoucher signed : vouchers) {
      voucher(writer, signed.voucher());
    }
    writer.number(count);
    for (int index = 0; index < count; index++) {
      writer.number(count * AbiWriter.WORD + index * SIGNATURE_BYTES);
    }
    for (SignedVoucher signed : vouchers) {
      writer.bytes(signed.signature().bytes());
    }
    return writer;
  }

  private static void voucher(AbiWriter writer, Voucher voucher) {
    writer
        .word(voucher.channel())
        .number(voucher.lane())
        .number(voucher.nonce())
        .amount(voucher.amount());
  }

  /** Lets another take so much of a token, in place of what it was let take before. */
  public static byte[] approve(EvmAddress spender, TokenAmount amount) {
    return AbiWriter.call("approve(address,uint256)").address(spender).amount(amount).done();
  }
}
