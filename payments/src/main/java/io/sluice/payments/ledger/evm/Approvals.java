package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.evm.ChainNode.CallResult;
import io.sluice.payments.ledger.evm.contract.ContractCalls;
import io.sluice.payments.ledger.evm.contract.ContractViews;
import io.sluice.payments.ledger.evm.contract.ContractViews.View;
import io.sluice.payments.ledger.evm.contract.Reverts;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Lets the contract take tokens of an account: so many as are on their way into channels, and not
 * one more. An approval is a transaction of its own, which has to be included first.
 *
 * <p>A token knows one sum for each owner, and a new approval takes the place of the last. So each
 * is for all intents that wait, and those whose transaction is not in a block. Which wait is
 * forgotten with the process: each says so again when it is submitted again. Safe for many threads;
 * one at a time gets in, and may wait there for nodes and for the signer.
 */
final class Approvals {
  /** How far the approval for an intent has come. */
  sealed interface Progress {
    /** The contract may take what the intent needs. */
    record Done() implements Progress {}

    /** The approval is on its way. */
    record OnItsWay() implements Progress {}

    /** The token does not do it. */
    record Refused(LedgerError error, String message) implements Progress {}
  }

  private final Endpoints endpoints;
  private final Outbox outbox;
  private final Domain domain;

  /** What intents need whose transactions are not begun, by intent. */
  private final Map<String, Claim> waiting = new HashMap<>();

  private record Claim(EvmAddress account, EvmAddress token, TokenAmount amount) {}

  Approvals(Endpoints endpoints, Outbox outbox, Domain domain) {
    this.endpoints = endpoints;
    this.outbox = outbox;
    this.domain = domain;
  }

  /** Brings the approval for that intent on its way, unless there is no need. */
  synchronized Progress ensure(Intent intent, EvmAddress token, TokenAmount amount)
      throws IOException {
    waiting.put(intent.id().value(), new Claim(intent.sender(), token, amount));
    TokenAmount underWay = onTheirWay(intent.sender(), token);
    TokenAmount allowed = allowance(intent.sender(), token);
    if (!amount.plus(underWay).exceeds(allowed)) {
      return new Progress.Done();
    }
    String key = intent.id() + ":approve";
    if (!allowed.isZero()) {
      // Some tokens take no new sum in place of one that is not used up. First nothing, then.
      Progress cleared = send(key + "0", intent.sender(), token, TokenAmount.ZERO);
      if (!(cleared instanceof Progress.Done)) {
        return cleared;
      }
    }
    TokenAmount all = underWay.plus(waitingFor(intent.sender(), token));
    Progress sent = send(key, intent.sender(), token, all);
    if (!(sent instanceof Progress.Done)
        || !amount.plus(underWay).exceeds(allowance(intent.sender(), token))) {
      return sent;
    }
    // Another's approval may have taken the place of ours; it is for this one, too, once it counts.
    return waiting.size() > 1
        ? new Progress.OnItsWay()
        : new Progress.Refused(
            LedgerError.TRANSFER_FAILED, "token %s does not keep approvals".formatted(token));
  }

  /** The intent waits for no approval any more: its transaction is begun, or never will be. */
  synchronized void done(IntentId intent) {
    waiting.remove(intent.value());
  }

  private TokenAmount waitingFor(EvmAddress account, EvmAddress token) {
    TokenAmount sum = TokenAmount.ZERO;
    for (Claim claim : waiting.values()) {
      if (claim.account().equals(account) && claim.token().equals(token)) {
        sum = sum.plus(claim.amount());
      }
    }
    return sum;
  }

  private Progress send(String key, EvmAddress from, EvmAddress token, TokenAmount amount)
      throws IOException {
    Optional<OutboxRow> row = outbox.find(key);
    if (row.isEmpty()) {
      Transaction approval =
          new Transaction(
              from,
              token,
              TokenAmount.ZERO,
              RawBytes.of(ContractCalls.approve(domain.contract(), amount)));
      switch (endpoints.ask(node -> node.estimate(approval))) {
        case ChainNode.Estimate.Reverted reverted -> {
          Reverts.Reason reason = Reverts.reason(reverted.data().bytes());
          return new Progress.Refused(reason.error(), "approval: " + reason.message());
        }
        case ChainNode.Estimate.Gas gas ->
            outbox.begin(key, Optional.empty(), approval, Fees.padded(gas.units()), outbox.fees());
      }
    } else {
      outbox.advance(key);
    }
    return outbox
        .find(key)
        .filter(
            found -> found.state() == OutboxState.INCLUDED || found.state() == OutboxState.FINAL)
        .<Progress>map(found -> new Progress.Done())
        .orElseGet(Progress.OnItsWay::new);
  }

  private TokenAmount allowance(EvmAddress owner, EvmAddress token) throws IOException {
    View<TokenAmount> view = ContractViews.allowance(owner, domain.contract());
    return endpoints.ask(
        node ->
            node.call(token, view.call(), ChainNode.LATEST) instanceof CallResult.Returned returned
                ? amount(view, returned)
                : TokenAmount.ZERO);
  }

  /** A token that answers with something else keeps no approvals; it is no node's fault. */
  private static TokenAmount amount(View<TokenAmount> view, CallResult.Returned returned) {
    try {
      return view.read(returned.data().bytes());
    } catch (IllegalArgumentException e) {
      return TokenAmount.ZERO;
    }
  }

  /** What the contract has yet to take, by transactions that are not in a block. */
  private TokenAmount onTheirWay(EvmAddress account, EvmAddress token) throws IOException {
    TokenAmount sum = TokenAmount.ZERO;
    for (OutboxRow row : outbox.live()) {
      if (row.state() != OutboxState.INCLUDED && row.transaction().from().equals(account)) {
        if (row.intent().orElse(null) instanceof Intent.Open open && open.token().equals(token)) {
          sum = sum.plus(open.amount());
        } else if (row.intent().orElse(null) instanceof Intent.TopUp topUp) {
          sum =
              sum.plus(topUp.amount()); // perhaps of another token: too much is allowed for a while
        }
      }
    }
    return sum;
  }
}
