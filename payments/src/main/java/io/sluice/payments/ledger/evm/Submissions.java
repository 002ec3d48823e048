package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.LedgerFacts;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.evm.contract.ContractCalls;
import io.sluice.payments.ledger.evm.contract.Reverts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * How an intent becomes a transaction: what is wrong with it is found before a nonce and gas are
 * spent, in the order of what it costs to ask. Safe for many threads.
 */
final class Submissions {
  private static final long MAX_CHALLENGE = 0xffff_ffffL;

  private final Endpoints endpoints;
  private final Outbox outbox;
  private final ChainViews views;
  private final LedgerFacts facts;
  private final Domain domain;
  private final Approvals approvals;

  /** Into that outbox, on the chain that those endpoints show. */
  Submissions(
      Endpoints endpoints, Outbox outbox, ChainViews views, LedgerFacts facts, Domain domain) {
    this.endpoints = endpoints;
    this.outbox = outbox;
    this.views = views;
    this.facts = facts;
    this.domain = domain;
    this.approvals = new Approvals(endpoints, outbox, domain);
  }

  /**
   * Brings an intent on its way that is not in the outbox yet.
   *
   * @return what has become of it already: refused, or waiting for an approval; empty if its
   *     transaction is in the outbox now
   */
  Optional<Outcome> begin(Intent intent) throws IOException {
    Optional<Outcome> early = tried(intent);
    // As long as it waits for an approval, others' approvals have to cover it, too.
    if (early.filter(Outcome.Pending.class::isInstance).isEmpty()) {
      approvals.done(intent.id());
    }
    return early;
  }

  /** Its transaction is in the outbox, by whomever: no approval has to cover it any more. */
  void begun(IntentId intent) {
    approvals.done(intent);
  }

  /** Brings an intent on its way; else says what stands in the way. */
  private Optional<Outcome> tried(Intent intent) throws IOException {
    EvmAddress token = tokenPaidIn(intent);
    TokenAmount amount = amountPaidIn(intent);
    TokenAmount value = token.isZero() ? amount : TokenAmount.ZERO;
    Optional<Outcome> refused = refusedUntried(intent, token, amount);
    if (refused.isPresent()) {
      return refused;
    }
    if (!token.isZero() && !amount.isZero()) {
      switch (approvals.ensure(intent, token, amount)) {
        case Approvals.Progress.Done done -> {}
        case Approvals.Progress.OnItsWay onItsWay -> {
          return Optional.of(new Outcome.Pending(intent.id()));
        }
        case Approvals.Progress.Refused refusal -> {
          return Optional.of(new Outcome.Refused(intent.id(), refusal.error(), refusal.message()));
        }
      }
    }
    Transaction transaction =
        new Transaction(
            intent.sender(), domain.contract(), value, RawBytes.of(ContractCalls.of(intent)));
    return switch (endpoints.ask(node -> node.estimate(transaction))) {
      case ChainNode.Estimate.Reverted reverted -> Optional.of(refused(intent.id(), reverted));
      case ChainNode.Estimate.Gas gas -> send(intent, transaction, Fees.padded(gas.units()));
    };
  }

  private static Outcome refused(IntentId id, ChainNode.Estimate.Reverted reverted) {
    Reverts.Reason reason = Reverts.reason(reverted.data().bytes());
    return new Outcome.Refused(id, reason.error(), reason.message());
  }

  private Optional<Outcome> send(Intent intent, Transaction transaction, long gas)
      throws IOException {
    Fees fees = outbox.fees();
    TokenAmount most = new TokenAmount(fees.most().multiply(BigInteger.valueOf(gas)));
    TokenAmount owned = views.balance(EvmAddress.ZERO, intent.sender());
    TokenAmount needed = transaction.value().plus(most);
    if (needed.exceeds(owned)) {
      return Optional.of(
          tooPoor(
              intent,
              EvmAddress.ZERO,
              owned,
              needed,
              " (%s of it for gas)".formatted(Token.coinOf(facts).show(most))));
    }
    outbox.begin(intent.id().value(), Optional.of(intent), transaction, gas, fees);
    return Optional.empty();
  }

  /** What no contract has to be asked for. */
  private Optional<Outcome> refusedUntried(Intent intent, EvmAddress token, TokenAmount amount)
      throws IOException {
    if (intent instanceof Intent.Open open && open.challengeSeconds() > MAX_CHALLENGE) {
      return Optional.of(
          new Outcome.Refused(
              intent.id(), LedgerError.CHALLENGE_OUT_OF_RANGE, "more than 2^32-1 seconds"));
    }
    if (!amount.isZero()) {
      TokenAmount owned = views.balance(token, intent.sender());
      if (amount.exceeds(owned)) {
        return Optional.of(tooPoor(intent, token, owned, amount, ""));
      }
    }
    return Optional.empty();
  }

  private Outcome tooPoor(
      Intent intent, EvmAddress token, TokenAmount owned, TokenAmount needed, String note) {
    Tokens tokens = new Tokens(Token.coinOf(facts), List.of());
    return new Outcome.Refused(
        intent.id(),
        LedgerError.INSUFFICIENT_BALANCE,
        "%s on chain %d has %s, and needs %s%s; %s missing"
            .formatted(
                intent.sender(),
                domain.chainId(),
                tokens.show(owned, token),
                tokens.show(needed, token),
                note,
                tokens.show(needed.minusOrZero(owned), token)));
  }

  private static TokenAmount amountPaidIn(Intent intent) {
    return switch (intent) {
      case Intent.Open open -> open.amount();
      case Intent.TopUp topUp -> topUp.amount();
      case Intent.Redeem redeem -> TokenAmount.ZERO;
      case Intent.Settle settle -> TokenAmount.ZERO;
      case Intent.Collect collect -> TokenAmount.ZERO;
      case Intent.Close close -> TokenAmount.ZERO;
      case Intent.CloseByConsent close -> TokenAmount.ZERO;
      case Intent.Withdraw withdraw -> TokenAmount.ZERO;
    };
  }

  private EvmAddress tokenPaidIn(Intent intent) throws IOException {
    if (intent instanceof Intent.Open open) {
      return open.token();
    }
    if (intent instanceof Intent.TopUp topUp) {
      return views.channel(topUp.channel()).map(Channel::token).orElse(EvmAddress.ZERO);
    }
    return EvmAddress.ZERO;
  }
}
