package io.sluice.payments.ledger;

import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.util.List;

/** Something to be done on a ledger: one call of the contract, by one sender, under one id. */
public sealed interface Intent {
  /** The form in which journals and the embedded ledger keep it. */
  NodeCodec<Intent> CODEC = IntentCodec.CODEC;

  /** Chosen before the first try. */
  IntentId id();

  /** The account that acts and pays for it. */
  EvmAddress sender();

  /** The most that it can move, in base units of whatever that is; zero if it moves nothing. */
  default TokenAmount moved() {
    return switch (this) {
      case Open open -> open.amount();
      case TopUp topUp -> topUp.amount();
      case Redeem redeem -> total(redeem.vouchers());
      case Close close -> total(close.vouchers());
      case CloseByConsent close -> close.consent().finalRedeemed();
      case Withdraw withdraw -> withdraw.amount();
      case Settle settle -> TokenAmount.ZERO;
      case Collect collect -> TokenAmount.ZERO;
    };
  }

  private static TokenAmount total(List<SignedVoucher> vouchers) {
    BigInteger most = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
    return new TokenAmount(
        vouchers.stream()
            .map(voucher -> voucher.amount().value())
            .reduce(BigInteger.ZERO, BigInteger::add)
            .min(most));
  }

  /**
   * Opens a channel; the sender is its payer.
   *
   * @param signer the key whose vouchers count, normally the payer's own
   * @param salt makes the channel's id unique
   * @param amount the first deposit
   */
  record Open(
      IntentId id,
      EvmAddress sender,
      EvmAddress payee,
      EvmAddress signer,
      EvmAddress token,
      long challengeSeconds,
      Bytes32 salt,
      TokenAmount amount)
      implements Intent {
    /** Throws {@link IllegalArgumentException} if the challenge period is negative. */
    public Open {
      if (challengeSeconds < 0) {
        throw new IllegalArgumentException("challenge of " + challengeSeconds + " seconds");
      }
    }

    /** The id that the channel will have. */
    public Bytes32 channel(Domain domain) {
      return domain.channelId(sender, payee, signer, token, challengeSeconds, salt);
    }
  }

  /** Adds to a channel's deposit. Anyone may. */
  record TopUp(IntentId id, EvmAddress sender, Bytes32 channel, TokenAmount amount)
      implements Intent {}

  /**
   * Redeems vouchers, of any channels. Anyone may; vouchers that bring nothing are skipped, one
   * with a wrong signature refuses the whole.
   */
  record Redeem(IntentId id, EvmAddress sender, List<SignedVoucher> vouchers) implements Intent {
    /** Copies the list. */
    public Redeem {
      vouchers = List.copyOf(vouchers);
    }
  }

  /** Starts the challenge period. Only the payer may. */
  record Settle(IntentId id, EvmAddress sender, Bytes32 channel) implements Intent {}

  /** Ends a channel whose challenge period is over. Anyone may. */
  record Collect(IntentId id, EvmAddress sender, Bytes32 channel) implements Intent {}

  /** Redeems vouchers, perhaps none, and ends the channel at once. Only the payee may. */
  record Close(IntentId id, EvmAddress sender, Bytes32 channel, List<SignedVoucher> vouchers)
      implements Intent {
    /** Copies the list. */
    public Close {
      vouchers = List.copyOf(vouchers);
    }
  }

  /** Ends the channel at a total that the payee signed for. Only the payer may. */
  record CloseByConsent(IntentId id, EvmAddress sender, CloseConsent consent, Signature signature)
      implements Intent {}

  /** Takes out of the sender's credit. */
  record Withdraw(
      IntentId id, EvmAddress sender, EvmAddress token, EvmAddress to, TokenAmount amount)
      implements Intent {}
}
