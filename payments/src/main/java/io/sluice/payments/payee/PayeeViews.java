package io.sluice.payments.payee;

import io.sluice.payments.ChannelQuery;
import io.sluice.payments.ChannelView;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.Payee;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the ledgers say about the channels that pay this home. Blocks on ledgers, without a lock.
 */
final class PayeeViews {
  private static final Logger LOG = LoggerFactory.getLogger(PayeeViews.class);

  private final Map<Domain, ChannelLedger> ledgers;
  private final PayeeContext context;
  private final PayeeBook book;

  PayeeViews(Map<Domain, ChannelLedger> ledgers, PayeeContext context, PayeeBook book) {
    this.ledgers = ledgers;
    this.context = context;
    this.book = book;
  }

  /**
   * The channel as the ledger has it now; null if there is none for us. It is remembered once an
   * opening proves to be its signer's, not for being asked about.
   */
  @Nullable PayeeChannel look(Domain domain, Bytes32 id, Payee payee, long lane)
      throws IOException {
    ChannelLedger ledger = ledgers.get(domain);
    if (ledger == null) {
      return null;
    }
    PayeeChannel known = book.find(id);
    ChannelQuery query =
        known == null
            ? new ChannelQuery(id, payee.confirmations(), Set.of(lane), 0)
            : known.nextQuery(Set.of(lane)).confirmedBy(payee.confirmations());
    Optional<ChannelView> seen = ChannelView.read(ledger, query);
    if (seen.isEmpty() || !seen.get().channel().payee().equals(payee.address())) {
      return null;
    }
    Channel facts = seen.get().channel();
    PayeeChannel channel =
        known == null
            ? new PayeeChannel(
                domain, id, facts.payer(), facts.signer(), payee.confirmations(), context)
            : known;
    channel.see(seen.get());
    return channel;
  }

  void refresh(PayeeChannel channel) {
    ChannelLedger ledger = ledgers.get(channel.domain);
    if (ledger == null) {
      return;
    }
    try {
      ChannelView.read(ledger, channel.nextQuery(Set.of()))
          .ifPresentOrElse(channel::see, channel::gone);
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", channel.domain, e.toString());
      channel.unanswered();
    }
  }
}
