package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;

/**
 * The payee's consent to close a channel at once at an agreed total.
 *
 * @param channel the channel's id
 * @param finalRedeemed what the payee shall have got from the channel in all
 * @param deadline the last moment of the ledger's time at which it may be used, seconds since 1970
 */
public record CloseConsent(Bytes32 channel, TokenAmount finalRedeemed, long deadline)
    implements TypedMessage {
  static final Bytes32 TYPE_HASH =
      Keccak.hash("CloseConsent(bytes32 channelId,uint128 finalRedeemed,uint64 deadline)");

  /** Throws {@link IllegalArgumentException} if the deadline is negative. */
  public CloseConsent {
    if (deadline < 0) {
      throw new IllegalArgumentException("negative deadline: " + deadline);
    }
  }

  @Override
  public String primaryType() {
    return "CloseConsent";
  }

  @Override
  public List<TypedField> fields() {
    return List.of(
        TypedField.of("channelId", channel),
        new TypedField("finalRedeemed", "uint128", finalRedeemed.value().toString()),
        TypedField.of("deadline", deadline));
  }

  @Override
  public Bytes32 digest(Domain domain) {
    return domain.digest(
        new AbiWords(4)
            .put(TYPE_HASH)
            .put(channel)
            .put(finalRedeemed.value())
            .put(deadline)
            .hash());
  }
}
