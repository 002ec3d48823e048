package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * The statement "on this lane of this channel I owe you so much in total".
 *
 * @param channel the channel's id
 * @param lane the lane, below 2^63
 * @param nonce grows with each voucher of the lane, below 2^63; information only, the amount alone
 *     decides which voucher is better
 * @param amount all that the lane has paid so far, never an increment
 */
public record Voucher(Bytes32 channel, long lane, long nonce, TokenAmount amount) {
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

  /** The digest that is signed. */
  public Bytes32 digest(Domain domain) {
    return domain.digest(structHash());
  }
}
