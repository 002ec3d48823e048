package io.sluice.payments;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Head;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Accounts, channels and vouchers for tests of single classes. */
public final class Samples {
  public static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");
  public static final SigningKey PAYER = key(1);
  public static final SigningKey STRANGER = key(2);
  public static final EvmAddress PAYEE = key(3).address();
  public static final EvmAddress COIN = EvmAddress.ZERO;
  public static final Domain DOMAIN = new Domain(7, key(4).address());
  public static final Bytes32 CHANNEL = hash(9);

  /** A channel's opening with 100 in it, an hour's challenge, and the payer for its own signer. */
  public static final Intent.Open OPEN =
      new Intent.Open(
          new IntentId("open"),
          PAYER.address(),
          PAYEE,
          PAYER.address(),
          COIN,
          3600,
          hash(5),
          amount(100));

  /** One unit a byte, windows of 1000 bytes. */
  public static final Terms TERMS =
      new Terms(TokenAmount.of(Terms.MIB), TokenAmount.ZERO, 1000, 0, 1000, 600);

  private Samples() {}

  private static SigningKey key(int seed) {
    byte[] secret = new byte[32];
    secret[31] = (byte) seed;
    return SigningKey.of(secret);
  }

  public static Bytes32 hash(int fill) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    Arrays.fill(bytes, (byte) fill);
    return Bytes32.of(bytes);
  }

  public static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  public static SignedVoucher voucher(Bytes32 channel, long lane, long nonce, long total) {
    return PAYER.sign(DOMAIN, new Voucher(channel, lane, nonce, amount(total)));
  }

  public static Payee payee(EvmAddress account, long minDeposit, long confirmations) {
    return new Payee(
        DOMAIN.chainId(),
        DOMAIN.contract(),
        COIN,
        account,
        3600,
        amount(minDeposit),
        confirmations,
        Optional.empty(),
        Optional.empty());
  }

  /** An open channel of the payer's to the payee. */
  public static Channel channel(Bytes32 id, long deposit, long redeemed) {
    return new Channel(
        id,
        PAYER.address(),
        PAYEE,
        PAYER.address(),
        COIN,
        3600,
        false,
        Optional.empty(),
        amount(deposit),
        amount(redeemed));
  }

  public static Channel settling(Channel channel, Instant at) {
    return ending(channel, false, Optional.of(at));
  }

  public static Channel closed(Channel channel) {
    return ending(channel, true, Optional.empty());
  }

  private static Channel ending(Channel it, boolean closed, Optional<Instant> settleAt) {
    return new Channel(
        it.id(),
        it.payer(),
        it.payee(),
        it.signer(),
        it.token(),
        it.challengeSeconds(),
        closed,
        settleAt,
        it.deposit(),
        it.redeemed());
  }

  /** What the ledger says in that turn, a height a second. */
  public static ChannelView view(Channel channel, long confirmed, long turn) {
    return view(channel, confirmed, turn, Map.of());
  }

  public static ChannelView view(
      Channel channel, long confirmed, long turn, Map<Long, TokenAmount> redeemed) {
    Head head = new Head(turn, NOW.plus(Duration.ofSeconds(turn)));
    return new ChannelView(channel, amount(confirmed), redeemed, head, turn);
  }
}
