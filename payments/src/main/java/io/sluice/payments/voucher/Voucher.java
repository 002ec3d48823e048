package io.sluice.payments.voucher;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;

/**
 * The statement "on this lane of this channel I owe you so much in total".
 *
 * @param channel the channel's id
 * @param lane the lane, below 2^63
 * @param nonce grows with each voucher of the lane, below 2^63; information only, the amount alone
 *     decides which voucher is better
 * @param amount all that the lane has paid so far, never an increment
 */
public record Voucher(Bytes32 channel, long lane, long nonce, TokenAmount amount)
    implements TypedMessage {
  /** The stored form, among the fields of the {@link SignedVoucher}. */
  static final MapCodec<Voucher> CODEC =
      MapCodec.of(
          f ->
              new Voucher(
                  f.get("Channel", HASH, Voucher::channel),
                  f.get("Lane", LONG, Voucher::lane),
                  f.get("Nonce", LONG, Voucher::nonce),
                  f.get("Amount", AMOUNT, Voucher::amount)));

  static final Bytes32 TYPE_HASH =
      Keccak.hash("Voucher(bytes32 channelId,uint64 lane,uint64 nonce,uint128 cumulativeAmount)");

  /** Throws {@link IllegalArgumentException} if lane or nonce is negative. */
  public Voucher {
    if (lane < 0 || nonce < 0) {
      throw new IllegalArgumentException("lane %d, nonce %d".formatted(lane, nonce));
    }
  }

  /** The EIP-712 struct hash. */
  Bytes32 structHash() {
    return new AbiWords(5)
        .put(TYPE_HASH)
        .put(channel)
        .put(lane)
        .put(nonce)
        .put(amount.value())
        .hash();
  }

  @Override
  public String primaryType() {
    return "Voucher";
  }

  @Override
  public List<TypedField> fields() {
    return List.of(
        TypedField.of("channelId", channel),
        TypedField.of("lane", lane),
        TypedField.of("nonce", nonce),
        new TypedField("cumulativeAmount", "uint128", amount.value().toString()));
  }

  @Override
  public Bytes32 digest(Domain domain) {
    return domain.digest(structHash());
  }
}
