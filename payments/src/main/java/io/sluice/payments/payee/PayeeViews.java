package io.sluice.payments.payee;

import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.Payee;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the ledgers say about the channels that pay this home. Whoever has a live deal on a channel
 * hears when that changes. Blocks on ledgers, without a lock.
 */
final class PayeeViews {
  private static final Logger LOG = LoggerFactory.getLogger(PayeeViews.class);

  private final PayeePolicy policy;
  private final Map<Domain, ChannelLedger> ledgers;
  private final Clock clock;
  private final PayeeListener listener;
  private final PayeeBook book;

  PayeeViews(
      PayeePolicy policy,
      Map<Domain, ChannelLedger> ledgers,
      Clock clock,
      PayeeListener listener,
      PayeeBook book) {
    this.policy = policy;
    this.ledgers = ledgers;
    this.clock = clock;
    this.listener = listener;
    this.book = book;
  }

  /** The channel as the ledger has it now; null if there is none for us. */
  @Nullable PayeeChannel look(Domain domain, Bytes32 id, Payee payee, Collection<Long> lanes)
      throws IOException {
    ChannelLedger ledger = ledgers.get(domain);
    if (ledger == null) {
      return null;
    }
    PayeeChannel known = book.find(id);
    long turn = 0;
    if (known != null) {
      turn = turn(known);
      lanes = new LinkedHashSet<>(lanes);
      lanes.addAll(laneNumbers(known));
    }
    Optional<ChannelView> seen = ChannelView.read(ledger, id, payee.confirmations(), lanes, turn);
    if (seen.isEmpty() || !seen.get().channel().payee().equals(payee.address())) {
      return null;
    }
    Channel facts = seen.get().channel();
    PayeeChannel channel =
        known == null
            ? new PayeeChannel(
                domain, id, facts.payer(), facts.signer(), policy, payee.confirmations())
            : known;
    // It is remembered once an opening proves to be its signer's, not for being asked about.
    see(channel, seen.get());
    return channel;
  }

  private static long turn(PayeeChannel channel) {
    channel.lock.lock();
    try {
      return ++channel.turns;
    } finally {
      channel.lock.unlock();
    }
  }

  private static Collection<Long> laneNumbers(PayeeChannel channel) {
    channel.lock.lock();
    try {
      return new ArrayList<>(channel.lanes.keySet());
    } finally {
      channel.lock.unlock();
    }
  }

  /** Whether it is time to look at a channel again. */
  boolean due(PayeeChannel channel) {
    channel.lock.lock();
    try {
      return !channel.fresh
          || channel.view.filter(ChannelView::unconfirmed).isPresent()
          || channel.view.filter(this::aging).isPresent();
    } finally {
      channel.lock.unlock();
    }
  }

  /** Quiet channels are looked at now and then too, long before their view is stale. */
  private boolean aging(ChannelView seen) {
    Duration age = Duration.between(seen.head().time(), clock.instant());
    return age.compareTo(policy.staleAfter().dividedBy(4)) > 0;
  }

  void refreshAll() {
    for (PayeeChannel channel : book.all()) {
      refresh(channel);
    }
  }

  void refresh(PayeeChannel channel) {
    ChannelLedger ledger = ledgers.get(channel.domain);
    if (ledger == null) {
      return;
    }
    long turn = turn(channel);
    try {
      ChannelView.read(ledger, channel.id, channel.confirmations, laneNumbers(channel), turn)
          .ifPresent(seen -> see(channel, seen));
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", channel.domain, e.toString());
      channel.locked(() -> outdated(channel));
    }
  }

  private void outdated(PayeeChannel channel) {
    boolean stale =
        channel
            .view
            .filter(
                seen ->
                    Duration.between(seen.head().time(), clock.instant())
                            .compareTo(policy.staleAfter())
                        > 0)
            .isPresent();
    if (stale) {
      channel.fresh = false;
    }
  }

  private void see(PayeeChannel channel, ChannelView seen) {
    List<DealRef> live;
    boolean same;
    channel.lock.lock();
    try {
      Optional<ChannelView> before = channel.view;
      channel.see(seen, book.now());
      same =
          before
              .filter(
                  old ->
                      old.channel().equals(seen.channel())
                          && old.confirmed().equals(seen.confirmed()))
              .isPresent();
      live = channel.liveDeals();
    } finally {
      channel.lock.unlock();
    }
    if (!same) {
      live.forEach(listener::changed);
    }
  }

  /** The other deals on the channel have to know. */
  void tellOthers(PayeeChannel channel, DealRef but) {
    List<DealRef> live;
    channel.lock.lock();
    try {
      live = channel.liveDeals();
    } finally {
      channel.lock.unlock();
    }
    live.stream().filter(deal -> !deal.equals(but)).forEach(listener::changed);
  }
}
