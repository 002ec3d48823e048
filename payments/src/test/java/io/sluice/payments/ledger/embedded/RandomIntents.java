package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What a few parties may do with the channels that there are, in any order. */
final class RandomIntents {
  private final ChannelRules rules;
  private final Domain domain;
  private final List<SigningKey> keys;
  private final Random random;
  private final List<SignedVoucher> signed = new ArrayList<>();
  private int nextId;

  RandomIntents(ChannelRules rules, Domain domain, List<SigningKey> keys, Random random) {
    this.rules = rules;
    this.domain = domain;
    this.keys = keys;
    this.random = random;
  }

  /** Something to be done at that moment, in seconds, sensible or not. */
  Intent next(long time) {
    IntentId id = new IntentId("i" + nextId++);
    EvmAddress sender = keys.get(random.nextInt(keys.size())).address();
    Bytes32 channel = someChannel();
    return switch (random.nextInt(12)) {
      case 0 -> open(id, sender);
      case 1 -> new Intent.TopUp(id, sender, channel, TokenAmount.of(random.nextInt(200)));
      case 2, 3, 4, 5, 6 -> new Intent.Redeem(id, sender, vouchers());
      case 7 ->
          random.nextInt(4) == 0
              ? new Intent.Settle(id, sender, channel)
              : new Intent.Redeem(id, sender, vouchers());
      case 8 -> new Intent.Collect(id, sender, channel);
      case 9 ->
          random.nextInt(6) == 0
              ? new Intent.Close(id, sender, channel, vouchers())
              : new Intent.Redeem(id, sender, vouchers());
      case 10 -> consent(id, sender, channel, time);
      default ->
          new Intent.Withdraw(
              id,
              sender,
              EvmAddress.ZERO,
              random.nextInt(8) == 0 ? domain.contract() : sender,
              TokenAmount.of(random.nextInt(50)));
    };
  }

  private Intent open(IntentId id, EvmAddress sender) {
    byte[] salt = new byte[32];
    salt[0] = (byte) random.nextInt(12);
    EvmAddress payee =
        random.nextInt(12) == 0
            ? domain.contract()
            : keys.get(random.nextInt(keys.size())).address();
    return new Intent.Open(
        id,
        sender,
        payee,
        random.nextInt(12) == 0 ? payee : sender,
        EvmAddress.ZERO,
        10 + random.nextInt(40),
        Bytes32.of(salt),
        TokenAmount.of(random.nextInt(300)));
  }

  private Bytes32 someChannel() {
    List<Bytes32> all = new ArrayList<>();
    rules.channels().forEach(entry -> all.add(entry.now().id()));
    Collections.sort(all);
    return all.isEmpty() ? Bytes32.of(new byte[32]) : all.get(random.nextInt(all.size()));
  }

  private List<SignedVoucher> vouchers() {
    List<SignedVoucher> batch = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      if (!signed.isEmpty() && random.nextInt(4) == 0) {
        batch.add(signed.get(random.nextInt(signed.size())));
        continue;
      }
      Voucher voucher =
          new Voucher(
              someChannel(),
              random.nextInt(3),
              random.nextInt(20),
              TokenAmount.of(random.nextInt(300)));
      EvmAddress signer =
          rules
              .channel(voucher.channel())
              .map(entry -> entry.now().signer())
              .orElse(keys.get(0).address());
      SigningKey key =
          random.nextInt(30) == 0
              ? keys.get(random.nextInt(keys.size()))
              : keys.stream().filter(k -> k.address().equals(signer)).findFirst().orElseThrow();
      SignedVoucher made = key.sign(domain, voucher);
      signed.add(made);
      batch.add(made);
    }
    return batch;
  }

  private Intent consent(IntentId id, EvmAddress sender, Bytes32 channel, long time) {
    CloseConsent consent =
        new CloseConsent(
            channel, TokenAmount.of(random.nextInt(300)), time - 2 + random.nextInt(9));
    SigningKey key = keys.get(random.nextInt(keys.size()));
    return new Intent.CloseByConsent(id, sender, consent, key.sign(consent.digest(domain)));
  }
}
