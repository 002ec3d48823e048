package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Until when what waits in the outbox has to be in a block to be of use: vouchers until the end of
 * their channel's challenge period, a consent until its own deadline.
 */
final class Deadlines {
  private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);

  private final ChainViews views;

  /** By what those views say of channels. */
  Deadlines(ChainViews views) {
    this.views = views;
  }

  /**
   * The earliest deadline of a transaction and of those of its account behind it: none of them can
   * be included before it is, so what presses them presses it.
   *
   * @param rows all that is on its way
   */
  Optional<Instant> of(OutboxRow row, List<OutboxRow> rows) {
    return rows.stream()
        .filter(it -> it.transaction().from().equals(row.transaction().from()))
        .filter(it -> it.nonce() >= row.nonce() && it.state() != OutboxState.INCLUDED)
        .flatMap(it -> it.intent().flatMap(this::of).stream())
        .min(Comparator.naturalOrder());
  }

  private Optional<Instant> of(Intent intent) {
    return switch (intent) {
      case Intent.Redeem redeem -> settleEnd(redeem.vouchers());
      case Intent.Close close -> settleEnd(close.vouchers());
      case Intent.CloseByConsent close ->
          Optional.of(Instant.ofEpochSecond(close.consent().deadline()));
      // Later is as good: nobody else can do these, or it is the same when somebody has.
      case Intent.Open open -> Optional.empty();
      case Intent.TopUp topUp -> Optional.empty();
      case Intent.Settle settle -> Optional.empty();
      case Intent.Collect collect -> Optional.empty();
      case Intent.Withdraw withdraw -> Optional.empty();
    };
  }

  private Optional<Instant> settleEnd(List<SignedVoucher> vouchers) {
    return vouchers.stream()
        .map(voucher -> voucher.voucher().channel())
        .distinct()
        .flatMap(id -> settleEnd(id).stream())
        .min(Comparator.naturalOrder());
  }

  /** A silent chain takes no transactions either: as long as it is, nothing is known to press. */
  private Optional<Instant> settleEnd(Bytes32 channel) {
    try {
      return views.channel(channel).filter(it -> !it.closed()).flatMap(Channel::settleAt);
    } catch (IOException e) {
      LOG.debug("nobody says how long channel {} can be redeemed: {}", channel, e.toString());
      return Optional.empty();
    }
  }
}
