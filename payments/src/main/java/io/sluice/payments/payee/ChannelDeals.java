package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The deals that one channel pays for, and which of them run. Not thread-safe: the channel's
 * monitor guards it.
 *
 * <p>Deals that are over stay as long as somebody may ask about them, or pay for them.
 */
final class ChannelDeals {
  private final Map<DealRef, DealAccount> accounts = new LinkedHashMap<>();

  /** The deals that have not ended: what a gate goes through for each block. */
  private final Map<DealRef, DealFigures> live = new LinkedHashMap<>();

  /** The deal's account, as long as it is remembered. */
  @Nullable DealAccount find(DealRef deal) {
    return accounts.get(deal);
  }

  /**
   * What there is to say to an opening without looking at the channel. The same opening again is a
   * client that lost our answer, or a restart: it gets the same.
   *
   * @param elsewhere whether the deal has an account on another channel
   */
  Optional<OpeningDecision> known(OpenRequest request, boolean elsewhere) {
    DealOpening open = request.open();
    DealAccount known = accounts.get(request.deal());
    if (known != null && known.lane() == open.lane() && known.terms().equals(open.terms())) {
      return Optional.of(new OpeningDecision.Admitted(Prepared.unchanged(known)));
    }
    return known != null || elsewhere
        ? Optional.of(
            OpeningRefused.of(
                DealCode.DEAL_ID_TAKEN, request.deal() + " is bound to another opening"))
        : Optional.empty();
  }

  /** A deal has its account from now on, and runs. */
  void add(DealAccount account) {
    accounts.put(account.deal(), account);
    live.put(account.deal(), account.figures());
  }

  /** The deal runs no longer. */
  void ended(DealRef deal) {
    live.remove(deal);
  }

  /** All that are remembered, in the order in which they began. */
  Collection<DealAccount> all() {
    return accounts.values();
  }

  /** Those that run. */
  Set<DealRef> live() {
    return live.keySet();
  }

  /** What those that run have still to pay. */
  TokenAmount owed() {
    TokenAmount sum = TokenAmount.ZERO;
    for (DealFigures deal : live.values()) {
      sum = sum.plus(deal.owed());
    }
    return sum;
  }

  /** Those that run, and those that ended with something that does not count yet. */
  List<DealRef> waiting() {
    return accounts.values().stream()
        .map(DealAccount::figures)
        .filter(deal -> deal.isLive() || !deal.isSettled())
        .map(DealFigures::deal)
        .toList();
  }

  /** Drops accounts that nobody can ask about any more: a channel may pay for years. */
  List<DealRef> forgetOld(Instant now) {
    List<DealRef> forgotten = new ArrayList<>();
    for (DealAccount account : List.copyOf(accounts.values())) {
      if (account.figures().isForgettable(now)) {
        accounts.remove(account.deal());
        forgotten.add(account.deal());
      }
    }
    return forgotten;
  }
}
