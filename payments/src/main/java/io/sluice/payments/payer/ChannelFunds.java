package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The money behind one channel: what lies in it, what is on its way, and which deals wait for more.
 * Not thread-safe: the channel's lock guards it.
 *
 * <p>One intent is on its way at a time: two top-ups at once would both fill the same gap.
 */
final class ChannelFunds {
  /** What each deal waits for; zero for those that wait until {@link #target} is confirmed. */
  private final Map<DealRef, TokenAmount> waiting = new LinkedHashMap<>();

  private final Map<DealRef, PaymentException> failed = new HashMap<>();
  private final LatestView view;

  /** The largest minimum deposit that a payee asked for. */
  private TokenAmount floor = TokenAmount.ZERO;

  /** What the deposit shall be since the payee said it was used up, until it is. */
  private TokenAmount target = TokenAmount.ZERO;

  /** The deposit after our own last top-up: known before the ledger is asked again. */
  private TokenAmount ownDeposit = TokenAmount.ZERO;

  private Optional<IntentId> inFlight;

  /** Why the ledger did not open it, if it did not: there is no such channel then. */
  private Optional<PaymentException> refused = Optional.empty();

  /** Whether its payee was asked for consent to its end: nothing is promised on it meanwhile. */
  private boolean closing;

  /** The money of a channel whose opening is on its way. */
  ChannelFunds(IntentId opening, LatestView view) {
    this.inFlight = Optional.of(opening);
    this.view = view;
  }

  // what lies in it

  /** What the ledger says; only what is confirmed by it may be signed away. */
  LatestView view() {
    return view;
  }

  /** By our own last top-up, as long as the ledger has not been asked since. */
  TokenAmount deposit() {
    return view.deposit().max(ownDeposit);
  }

  /** Whether new deals may use it, now or once it is there. */
  boolean isUsable() {
    return refused.isEmpty() && !view.isEnding() && !closing;
  }

  boolean isClosing() {
    return closing;
  }

  void closing(boolean is) {
    closing = is;
  }

  /** Whether so much may be signed away in all, for a deal to begin now. */
  boolean covers(TokenAmount committed) {
    return view.view().isPresent()
        && isUsable()
        && !floor.exceeds(view.confirmed())
        && !committed.exceeds(view.confirmed());
  }

  /** A payee wants at least so much in the channel. */
  void raiseFloor(TokenAmount to) {
    floor = floor.max(to);
  }

  // what is on its way

  boolean isIdle() {
    return inFlight.isEmpty();
  }

  boolean isOnItsWay(IntentId id) {
    return inFlight.filter(id::equals).isPresent();
  }

  void begun(IntentId id) {
    inFlight = Optional.of(id);
  }

  void ended(IntentId id) {
    inFlight = inFlight.filter(other -> !other.equals(id));
  }

  /**
   * Takes over what became of an intent about the channel.
   *
   * @param refusal the ledger's, if it refused
   */
  void ended(Intent intent, Outcome outcome, Optional<PaymentException> refusal) {
    ended(intent.id());
    if (intent instanceof Intent.CloseByConsent) {
      // Included or not, nobody waits for a consent now: if it was refused, deals may come again.
      closing = false;
    }
    // Without its opening there is nothing to wait for; a refused top-up leaves what is there.
    if (refusal.isPresent() && intent instanceof Intent.Open) {
      refuse(refusal.get());
    } else if (refusal.isPresent() && intent instanceof Intent.TopUp) {
      fail(refusal.get());
    }
    if (outcome instanceof Outcome.Included included) {
      note(included);
    }
  }

  /** What the ledger did is known at once, long before it is confirmed. */
  void note(Outcome.Included included) {
    for (LedgerEvent event : included.events()) {
      if (event instanceof LedgerEvent.ChannelOpened opened) {
        ownDeposit = ownDeposit.max(opened.deposit());
      } else if (event instanceof LedgerEvent.ChannelToppedUp toppedUp) {
        ownDeposit = ownDeposit.max(toppedUp.deposit());
      }
    }
  }

  // who waits

  Map<DealRef, TokenAmount> waiting() {
    return waiting;
  }

  /** What all that wait are waiting for. */
  TokenAmount asked() {
    TokenAmount sum = TokenAmount.ZERO;
    for (TokenAmount amount : waiting.values()) {
      sum = sum.plus(amount);
    }
    return sum;
  }

  /** What is missing for all that wait, once everything on its way is confirmed. */
  TokenAmount gap(TokenAmount committed) {
    return committed.plus(asked()).max(floor).max(target).minusOrZero(deposit());
  }

  /** Whether a top-up would help that is not on its way already. */
  boolean canTopUp(TokenAmount committed) {
    return inFlight.isEmpty() && view.view().isPresent() && !gap(committed).isZero();
  }

  /** The deal waits until the deposit is that large. */
  void aim(DealRef deal, TokenAmount deposit) {
    target = target.max(deposit);
    waiting.putIfAbsent(deal, TokenAmount.ZERO);
  }

  /** It has waited long enough. */
  void aimed(DealRef deal) {
    target = TokenAmount.ZERO;
    waiting.remove(deal, TokenAmount.ZERO);
  }

  // what went wrong

  /** The ledger did not open the channel: nobody will ever get anything here. */
  void refuse(PaymentException cause) {
    refused = Optional.of(cause);
  }

  boolean isRefused() {
    return refused.isPresent();
  }

  /** Nobody who waits now will get anything; each hears it once. */
  void fail(PaymentException cause) {
    for (DealRef deal : waiting.keySet()) {
      failed.put(deal, cause);
    }
    waiting.clear();
  }

  void leave(DealRef deal) {
    waiting.remove(deal);
    failed.remove(deal);
  }

  /** Throws what stands in the way of a deal's money, once. */
  void throwFailure(DealRef deal) {
    PaymentException failure = failed.remove(deal);
    if (failure != null) {
      throw failure;
    }
    if (refused.isPresent()) {
      throw refused.get();
    }
  }
}
