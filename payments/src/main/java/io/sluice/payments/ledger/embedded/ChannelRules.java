package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.LedgerEvent.How;
import io.sluice.payments.ledger.LedgerEvent.Stamp;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Signatures;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The payment channel contract's rules and storage, in memory. Spec: PAYMENT CHANNELS, 6.2 to 6.6.
 *
 * <p>Redeeming is open to everyone, idempotent and monotone, and orders vouchers by amount alone:
 * any set of vouchers in any order has the same effect. A voucher that the deposit does not cover
 * is paid in part, and the lane advances by what was paid, so that the rest can follow after a
 * top-up.
 *
 * <p>Every check comes before the first change, as a contract's revert has it. Not thread-safe.
 */
final class ChannelRules {
  static final long MIN_CHALLENGE_SECONDS = 1;
  static final long MAX_CHALLENGE_SECONDS = 30L * 24 * 3600;

  private final Domain domain;
  private final Map<Bytes32, ChannelEntry> channels = new HashMap<>();
  final Accounts credits = new Accounts();
  final Accounts balances = new Accounts();

  ChannelRules(Domain domain) {
    this.domain = domain;
  }

  Optional<ChannelEntry> channel(Bytes32 id) {
    return Optional.ofNullable(channels.get(id));
  }

  /** Checks an intent at that moment without doing it; throws {@link LedgerRefusal}. */
  void check(Intent intent, Stamp at) {
    run(intent, at, true, true);
  }

  /** Does an intent that was checked, now or by whoever wrote it down. */
  List<LedgerEvent> apply(Intent intent, Stamp at) {
    return run(intent, at, false, false);
  }

  /**
   * @param verify whether it is to be done now: then its signatures are looked at, and it keeps
   *     rules that what was written down in earlier versions need not
   */
  private List<LedgerEvent> run(Intent intent, Stamp at, boolean verify, boolean dry) {
    return switch (intent) {
      case Intent.Open open -> open(open, at, verify, dry);
      case Intent.TopUp topUp -> topUp(topUp, at, dry);
      case Intent.Redeem redeem -> redeem(redeem.vouchers(), at, verify, dry);
      case Intent.Settle settle -> settle(settle, at, dry);
      case Intent.Collect collect -> collect(collect, at, dry);
      case Intent.Close close -> close(close, at, verify, dry);
      case Intent.CloseByConsent close -> close(close, at, verify, dry);
      case Intent.Withdraw withdraw -> withdraw(withdraw, at, verify, dry);
    };
  }

  private List<LedgerEvent> open(Intent.Open open, Stamp at, boolean verify, boolean dry) {
    require(
        !open.payee().isZero() && !open.signer().isZero() && !(verify && isContract(open.payee())),
        LedgerError.ZERO_ADDRESS,
        "zero party");
    require(
        !open.payee().equals(open.sender()) && !(verify && open.payee().equals(open.signer())),
        LedgerError.SAME_PARTY,
        "payer pays itself");
    require(!open.amount().isZero(), LedgerError.ZERO_AMOUNT, "empty deposit");
    require(
        open.challengeSeconds() >= MIN_CHALLENGE_SECONDS
            && open.challengeSeconds() <= MAX_CHALLENGE_SECONDS,
        LedgerError.CHALLENGE_OUT_OF_RANGE,
        "challenge of %d s, allowed %d to %d"
            .formatted(open.challengeSeconds(), MIN_CHALLENGE_SECONDS, MAX_CHALLENGE_SECONDS));
    Bytes32 id = open.channel(domain);
    require(!channels.containsKey(id), LedgerError.CHANNEL_EXISTS, id.toString());
    balances.require(open.token(), open.sender(), open.amount(), LedgerError.INSUFFICIENT_BALANCE);
    if (dry) {
      return List.of();
    }
    balances.take(open.token(), open.sender(), open.amount(), LedgerError.INSUFFICIENT_BALANCE);
    channels.put(id, new ChannelEntry(id, open, at.height()));
    return List.of(
        new LedgerEvent.ChannelOpened(
            at,
            id,
            open.sender(),
            open.payee(),
            open.token(),
            open.signer(),
            open.amount(),
            open.challengeSeconds(),
            open.salt()));
  }

  private List<LedgerEvent> topUp(Intent.TopUp topUp, Stamp at, boolean dry) {
    ChannelEntry entry = opened(topUp.channel());
    Channel channel = entry.now();
    require(channel.settleAt().isEmpty(), LedgerError.CHANNEL_SETTLING, "settling");
    require(!topUp.amount().isZero(), LedgerError.ZERO_AMOUNT, "empty top-up");
    require(
        channel.deposit().value().add(topUp.amount().value()).bitLength() <= 128,
        LedgerError.AMOUNT_OUT_OF_RANGE,
        "deposit above 2^128-1");
    balances.require(
        channel.token(), topUp.sender(), topUp.amount(), LedgerError.INSUFFICIENT_BALANCE);
    if (dry) {
      return List.of();
    }
    balances.take(
        channel.token(), topUp.sender(), topUp.amount(), LedgerError.INSUFFICIENT_BALANCE);
    TokenAmount deposit = channel.deposit().plus(topUp.amount());
    entry.deposit(deposit, at.height());
    return List.of(new LedgerEvent.ChannelToppedUp(at, channel.id(), topUp.amount(), deposit));
  }

  private List<LedgerEvent> redeem(
      List<SignedVoucher> vouchers, Stamp at, boolean verify, boolean dry) {
    requireBatch(vouchers);
    Redemption redemption = new Redemption(at);
    for (SignedVoucher signed : vouchers) {
      ChannelEntry entry = channels.get(signed.voucher().channel());
      if (entry != null && !redemption.bringsNothing(entry, signed.voucher())) {
        if (verify) {
          verify(entry.now().signer(), signed);
        }
        redemption.add(entry, signed.voucher());
      }
    }
    return dry ? List.of() : redemption.make(credits);
  }

  private static void requireBatch(List<SignedVoucher> vouchers) {
    require(
        vouchers.size() <= ChannelLedger.MAX_BATCH,
        LedgerError.BATCH_TOO_LARGE,
        vouchers.size() + " vouchers, at most " + ChannelLedger.MAX_BATCH);
  }

  private void verify(EvmAddress signer, SignedVoucher signed) {
    require(
        Signatures.by(signer, signed.signature(), signed.voucher().digest(domain)),
        LedgerError.BAD_SIGNATURE,
        "voucher not signed by " + signer);
  }

  private List<LedgerEvent> settle(Intent.Settle settle, Stamp at, boolean dry) {
    ChannelEntry entry = opened(settle.channel());
    Channel channel = entry.now();
    require(channel.payer().equals(settle.sender()), LedgerError.NOT_PAYER, "" + settle.sender());
    require(channel.settleAt().isEmpty(), LedgerError.CHANNEL_SETTLING, "settling already");
    if (dry) {
      return List.of();
    }
    var settleAt = at.time().plusSeconds(channel.challengeSeconds());
    entry.settle(settleAt, at.height());
    return List.of(new LedgerEvent.SettleStarted(at, channel.id(), settle.sender(), settleAt));
  }

  private List<LedgerEvent> collect(Intent.Collect collect, Stamp at, boolean dry) {
    ChannelEntry entry = opened(collect.channel());
    require(
        entry.over(at.time()),
        LedgerError.NOT_SETTLED,
        entry
            .now()
            .settleAt()
            .map(time -> "it settles at %s, and it is %s".formatted(time, at.time()))
            .orElse("nobody settles it"));
    return dry ? List.of() : List.of(end(entry, How.COLLECT, at));
  }

  private List<LedgerEvent> close(Intent.Close close, Stamp at, boolean verify, boolean dry) {
    ChannelEntry entry = opened(close.channel());
    require(entry.now().payee().equals(close.sender()), LedgerError.NOT_PAYEE, "" + close.sender());
    if (verify && !close.vouchers().isEmpty()) {
      require(!entry.over(at.time()), LedgerError.TOO_LATE, "the vouchers bring nothing any more");
      requireOfOneChannel(close, at);
    }
    List<LedgerEvent> events = new ArrayList<>(redeem(close.vouchers(), at, verify, dry));
    if (!dry) {
      events.add(end(entry, How.PAYEE, at));
    }
    return events;
  }

  /** Vouchers are judged one after the other: those before a foreign one come first. */
  private void requireOfOneChannel(Intent.Close close, Stamp at) {
    requireBatch(close.vouchers());
    List<SignedVoucher> before =
        close.vouchers().stream()
            .takeWhile(signed -> signed.voucher().channel().equals(close.channel()))
            .toList();
    if (before.size() < close.vouchers().size()) {
      redeem(before, at, true, true);
      throw new LedgerRefusal(LedgerError.WRONG_CHANNEL, "a voucher of another channel");
    }
  }

  private boolean isContract(EvmAddress account) {
    return account.equals(domain.contract());
  }

  private List<LedgerEvent> close(
      Intent.CloseByConsent close, Stamp at, boolean verify, boolean dry) {
    ChannelEntry entry = opened(close.consent().channel());
    Channel channel = entry.now();
    TokenAmount total = close.consent().finalRedeemed();
    require(channel.payer().equals(close.sender()), LedgerError.NOT_PAYER, "" + close.sender());
    require(
        at.time().getEpochSecond() <= close.consent().deadline(),
        LedgerError.DEADLINE_PASSED,
        "consent was good until " + close.consent().deadline());
    require(
        !channel.redeemed().exceeds(total) && !total.exceeds(channel.deposit()),
        LedgerError.AMOUNT_OUT_OF_RANGE,
        "%s, must lie from %s to %s"
            .formatted(
                Accounts.written(total, channel.token()),
                Accounts.written(channel.redeemed(), channel.token()),
                Accounts.written(channel.deposit(), channel.token())));
    if (verify) {
      require(
          Signatures.by(channel.payee(), close.signature(), close.consent().digest(domain)),
          LedgerError.BAD_SIGNATURE,
          "consent not signed by " + channel.payee());
    }
    if (dry) {
      return List.of();
    }
    credits.add(channel.token(), channel.payee(), total.minus(channel.redeemed()));
    entry.redeemed(total, at.height());
    return List.of(end(entry, How.COOPERATIVE, at));
  }

  private LedgerEvent end(ChannelEntry entry, How how, Stamp at) {
    entry.close(at.height());
    Channel channel = entry.now();
    TokenAmount refund = channel.headroom();
    credits.add(channel.token(), channel.payer(), refund);
    return new LedgerEvent.ChannelClosed(at, channel.id(), channel.redeemed(), refund, how);
  }

  private List<LedgerEvent> withdraw(
      Intent.Withdraw withdraw, Stamp at, boolean verify, boolean dry) {
    require(
        !withdraw.to().isZero() && !(verify && isContract(withdraw.to())),
        LedgerError.ZERO_ADDRESS,
        "withdraw to nobody");
    require(!withdraw.amount().isZero(), LedgerError.ZERO_AMOUNT, "withdraw nothing");
    credits.require(
        withdraw.token(), withdraw.sender(), withdraw.amount(), LedgerError.INSUFFICIENT_CREDIT);
    if (dry) {
      return List.of();
    }
    credits.take(
        withdraw.token(), withdraw.sender(), withdraw.amount(), LedgerError.INSUFFICIENT_CREDIT);
    balances.add(withdraw.token(), withdraw.to(), withdraw.amount());
    return List.of(
        new LedgerEvent.Withdrawn(
            at, withdraw.sender(), withdraw.token(), withdraw.to(), withdraw.amount()));
  }

  private ChannelEntry opened(Bytes32 id) {
    ChannelEntry entry = channels.get(id);
    require(entry != null && !entry.now().closed(), LedgerError.CHANNEL_NOT_OPEN, id.toString());
    return Objects.requireNonNull(entry);
  }

  private static void require(boolean holds, LedgerError error, String message) {
    if (!holds) {
      throw new LedgerRefusal(error, message);
    }
  }

  Iterable<ChannelEntry> channels() {
    return channels.values();
  }
}
