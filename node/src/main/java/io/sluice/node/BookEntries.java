package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ChannelBook;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.EventPage;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The books, deal by deal: what each was paid, on which channel, and by which redemption the ledger
 * paid that out. What a channel's vouchers are worth beyond its deals stands in a row of its own,
 * so that the rows of a channel always add up to what the books say of it.
 */
final class BookEntries {
  private static final int PAGE = 500;

  /** A chain's time is not ours. */
  private static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

  private record LaneOf(String channel, long lane) {}

  private final Map<String, ChannelBook> channels = new TreeMap<>();
  private final Map<LaneOf, NavigableMap<TokenAmount, String>> redemptions = new HashMap<>();

  private final Tokens tokens;

  /** Of those channels; amounts are told of as those tokens are shown. */
  BookEntries(List<ChannelBook> books, Tokens tokens) {
    this.tokens = tokens;
    books.forEach(book -> channels.put(book.id().toString(), book));
  }

  /**
   * Reads what was redeemed on these channels since the first of these deals was paid for; asks the
   * ledger, page by page. What was redeemed before paid for none of them.
   *
   * @param wanted the deals whose redemptions are to be found
   */
  void readRedemptions(ChannelLedger ledger, List<Reports.DealReport> wanted) throws IOException {
    Optional<Instant> first =
        wanted.stream()
            .filter(BookEntries::isPaid)
            .map(deal -> Instant.parse(deal.started()).minus(CLOCKS_DIFFER))
            .min(Comparator.naturalOrder());
    if (first.isEmpty()) {
      return;
    }
    EventPage page = ledger.events(ledger.before(first.get()), PAGE);
    while (!page.events().isEmpty()) {
      page.events().forEach(this::note);
      page = ledger.events(page.next(), PAGE);
    }
  }

  void note(LedgerEvent event) {
    if (event instanceof LedgerEvent.Redeemed redeemed
        && channels.containsKey(redeemed.channel().toString())) {
      redemptions
          .computeIfAbsent(
              new LaneOf(redeemed.channel().toString(), redeemed.lane()), lane -> new TreeMap<>())
          .put(redeemed.cumulative(), redeemed.at().intent().toString());
    }
  }

  /**
   * A row for each deal that was paid, oldest first, and after them those of no deal.
   *
   * @throws ServiceException {@code STORE_CORRUPT} if deals were paid more than their channel
   */
  List<Reports.BookEntryReport> of(List<Reports.DealReport> deals) throws ServiceException {
    Map<String, TokenAmount> left = new HashMap<>();
    channels.forEach((id, book) -> left.put(id, book.vouchered()));
    List<Reports.BookEntryReport> rows = new ArrayList<>();
    for (Reports.DealReport deal : deals) {
      if (!isPaid(deal)) {
        continue;
      }
      String channel = deal.channel().orElseThrow();
      TokenAmount before = left.getOrDefault(channel, TokenAmount.ZERO);
      if (deal.credit().exceeds(before)) {
        throw new ServiceException(
            ErrorCode.STORE_CORRUPT,
            "deal %s was paid %s, more than the vouchers of channel %s are worth"
                .formatted(deal.id(), shown(deal.credit(), channel), channel));
      }
      left.put(channel, before.minus(deal.credit()));
      rows.add(row(deal, channel));
    }
    for (ChannelBook book : channels.values()) {
      TokenAmount rest = left.getOrDefault(book.id().toString(), TokenAmount.ZERO);
      if (!rest.isZero()) {
        rows.add(rest(book, rest));
      }
    }
    return rows;
  }

  private String shown(TokenAmount amount, String channel) {
    ChannelBook book = channels.get(channel);
    return book == null ? tokens.show(amount) : tokens.show(amount, book.token());
  }

  private Reports.BookEntryReport row(Reports.DealReport deal, String channel) {
    return new Reports.BookEntryReport(
        Optional.of(deal.ended().orElse(deal.started())),
        Optional.of(deal.id()),
        deal.role(),
        deal.peer(),
        deal.charged(),
        deal.credit(),
        deal.token(),
        channel,
        deal.lane().flatMap(lane -> redemption(channel, lane, deal.base().plus(deal.credit()))));
  }

  private static boolean isPaid(Reports.DealReport deal) {
    return !deal.credit().isZero() && deal.channel().isPresent();
  }

  /** The first that took the lane so far. */
  private Optional<String> redemption(String channel, long lane, TokenAmount upTo) {
    NavigableMap<TokenAmount, String> of = redemptions.get(new LaneOf(channel, lane));
    return Optional.ofNullable(of).map(all -> all.ceilingEntry(upTo)).map(Map.Entry::getValue);
  }

  private static Reports.BookEntryReport rest(ChannelBook book, TokenAmount amount) {
    return new Reports.BookEntryReport(
        Optional.empty(),
        Optional.empty(),
        book.role() == ChannelBook.Role.PAYER ? "client" : "provider",
        book.counterparty().toString(),
        0,
        amount,
        Optional.of(book.token().toString()),
        book.id().toString(),
        Optional.empty());
  }
}
