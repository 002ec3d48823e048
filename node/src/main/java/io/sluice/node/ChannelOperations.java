package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ChannelBook;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The channels of a home, from both ends, and the sums over them. */
final class ChannelOperations {
  private final SluiceNode node;

  ChannelOperations(SluiceNode node) {
    this.node = node;
  }

  List<Reports.ChannelReport> all(boolean lanes) throws IOException, ServiceException {
    List<Reports.ChannelReport> channels = new ArrayList<>();
    for (ChannelBook book : node.payments().books()) {
      channels.add(report(book, lanes));
    }
    return channels;
  }

  Reports.ChannelReport one(String id) throws IOException, ServiceException {
    return report(find(id), true);
  }

  private ChannelBook find(String id) throws IOException, ServiceException {
    String wanted = id.startsWith("0x") ? id.substring(2) : id;
    List<ChannelBook> found =
        node.payments().books().stream()
            .filter(book -> bare(book.id()).startsWith(wanted.toLowerCase(java.util.Locale.ROOT)))
            .toList();
    if (wanted.length() < 6 || found.size() != 1) {
      throw new ServiceException(
          ErrorCode.NO_SUCH_CHANNEL,
          "%s channel begins with '%s'; 'sluice channels ls' lists them"
              .formatted(found.size() > 1 ? "more than one" : "no", id));
    }
    return found.getFirst();
  }

  private static String bare(Bytes32 id) {
    String text = id.toString();
    return text.startsWith("0x") ? text.substring(2) : text;
  }

  private ChannelBook of(String id, ChannelBook.Role role) throws IOException, ServiceException {
    ChannelBook book = find(id);
    if (book.role() != role) {
      throw new ServiceException(
          ErrorCode.USAGE,
          "only the %s can do that; here this home is the %s"
              .formatted(word(role), word(book.role())));
    }
    return book;
  }

  private static String word(ChannelBook.Role role) {
    return role == ChannelBook.Role.PAYER ? "payer" : "payee";
  }

  private Reports.ChannelReport report(ChannelBook book, boolean lanes) throws IOException {
    List<Reports.LaneReport> all = new ArrayList<>();
    if (lanes) {
      for (ChannelBook.LaneBook lane : book.lanes()) {
        all.add(
            new Reports.LaneReport(
                lane.lane(),
                lane.nonce(),
                lane.amount(),
                node.ledger().redeemed(book.id(), lane.lane()),
                lane.deal().map(Object::toString)));
      }
    }
    return new Reports.ChannelReport(
        book.id().toString(),
        word(book.role()),
        book.counterparty().toString(),
        book.token().toString(),
        book.deposit(),
        book.vouchered(),
        book.redeemed(),
        book.state(),
        book.settleAt().filter(at -> !isClosed(book)).map(Instant::toString),
        all);
  }

  Reports.ChannelReport open(Payee payee, TokenAmount deposit)
      throws IOException, ServiceException {
    Outcome outcome = node.payments().payer().open(payee, deposit);
    included(outcome, "open");
    node.payments().poll();
    return outcome instanceof Outcome.Included done
        ? one(
            done.events().stream()
                .filter(LedgerEvent.OfChannel.class::isInstance)
                .map(event -> ((LedgerEvent.OfChannel) event).channel().toString())
                .findFirst()
                .orElseThrow())
        : all(false).getLast();
  }

  Reports.ChannelReport topUp(String id, TokenAmount amount) throws IOException, ServiceException {
    ChannelBook book = of(id, ChannelBook.Role.PAYER);
    included(node.payments().payer().topUp(book.id(), amount), "top-up");
    node.payments().poll();
    return one(book.id().toString());
  }

  List<Reports.LedgerActionReport> redeem(Optional<String> id)
      throws IOException, ServiceException {
    List<ChannelBook> books = new ArrayList<>();
    if (id.isPresent()) {
      books.add(of(id.get(), ChannelBook.Role.PAYEE));
    } else {
      for (ChannelBook book : node.payments().books()) {
        if (book.role() == ChannelBook.Role.PAYEE && !isClosed(book)) {
          books.add(book);
        }
      }
    }
    List<Reports.LedgerActionReport> actions = new ArrayList<>();
    for (ChannelBook book : books) {
      Optional<Outcome> outcome = node.payments().payee().redeem(book.id());
      if (outcome.isPresent()) {
        actions.add(action("redeem", book.id(), outcome.get()));
      }
    }
    node.payments().poll();
    return actions;
  }

  Reports.LedgerActionReport close(String id) throws IOException, ServiceException {
    ChannelBook book = of(id, ChannelBook.Role.PAYEE);
    if (isClosed(book)) {
      return closedAlready("close", book);
    }
    Outcome outcome = node.payments().payee().close(book.id(), false);
    node.payments().poll();
    return action("close", book.id(), outcome);
  }

  Reports.ChannelReport settle(String id) throws IOException, ServiceException {
    ChannelBook book = of(id, ChannelBook.Role.PAYER);
    included(node.payments().payer().settle(book.id(), false), "settle");
    node.payments().poll();
    return one(book.id().toString());
  }

  Reports.LedgerActionReport collect(String id) throws IOException, ServiceException {
    node.payments().poll(); // what is due is collected without being told to
    ChannelBook book = of(id, ChannelBook.Role.PAYER);
    if (isClosed(book)) {
      return closedAlready("collect", book);
    }
    Outcome outcome = node.payments().payer().collect(book.id());
    node.payments().poll();
    return action("collect", book.id(), outcome);
  }

  List<Reports.LedgerActionReport> withdraw(Optional<TokenAmount> wanted)
      throws IOException, ServiceException {
    EvmAddress account = node.keys().account();
    TokenAmount credit = node.payments().credit(node.ledger().domain(), EvmAddress.ZERO, account);
    TokenAmount amount = wanted.orElse(credit);
    if (amount.isZero()) {
      return List.of();
    }
    Outcome outcome =
        node.payments().withdraw(node.ledger().domain(), account, EvmAddress.ZERO, account, amount);
    included(outcome, "withdraw");
    return List.of(
        new Reports.LedgerActionReport("withdraw", Optional.empty(), amount, note(outcome)));
  }

  private static boolean isClosed(ChannelBook book) {
    return book.state().equals("closed");
  }

  private static Reports.LedgerActionReport closedAlready(String name, ChannelBook book) {
    return new Reports.LedgerActionReport(
        name,
        Optional.of(book.id().toString()),
        TokenAmount.ZERO,
        Optional.of("the channel is closed already"));
  }

  private static Reports.LedgerActionReport action(String name, Bytes32 channel, Outcome outcome)
      throws ServiceException {
    included(outcome, name);
    TokenAmount paid = outcome instanceof Outcome.Included done ? done.paid() : TokenAmount.ZERO;
    return new Reports.LedgerActionReport(
        name, Optional.of(channel.toString()), paid, note(outcome));
  }

  private static Optional<String> note(Outcome outcome) {
    return outcome instanceof Outcome.Included
        ? Optional.empty()
        : Optional.of("on its way; the ledger has not confirmed it");
  }

  private static void included(Outcome outcome, String name) throws ServiceException {
    if (outcome instanceof Outcome.Refused refused) {
      throw new ServiceException(
          switch (refused.error()) {
            case INSUFFICIENT_BALANCE, INSUFFICIENT_CREDIT -> DealCode.INSUFFICIENT_FUNDS;
            default -> DealCode.LEDGER_REFUSED;
          },
          "the ledger refuses to %s: %s (%s)"
              .formatted(name, refused.message(), refused.error().contractName()));
    }
  }

  /** Sums over all channels, by this home's own books. */
  record Sums(
      TokenAmount earned,
      TokenAmount spent,
      TokenAmount redeemed,
      TokenAmount outstanding,
      boolean sound) {}

  Sums sums() throws IOException, ServiceException {
    TokenAmount earned = TokenAmount.ZERO;
    TokenAmount spent = TokenAmount.ZERO;
    TokenAmount redeemed = TokenAmount.ZERO;
    TokenAmount outstanding = TokenAmount.ZERO;
    boolean sound = true;
    for (ChannelBook book : node.payments().books()) {
      TokenAmount lanes = TokenAmount.ZERO;
      for (ChannelBook.LaneBook lane : book.lanes()) {
        lanes = lanes.plus(lane.amount());
      }
      sound &=
          lanes.equals(book.vouchered())
              && !book.vouchered().exceeds(book.deposit())
              && !book.redeemed().exceeds(book.vouchered());
      if (book.role() == ChannelBook.Role.PAYEE) {
        earned = earned.plus(book.vouchered());
        redeemed = redeemed.plus(book.redeemed());
        outstanding = outstanding.plus(book.vouchered().minusOrZero(book.redeemed()));
      } else {
        spent = spent.plus(book.vouchered());
      }
    }
    return new Sums(earned, spent, redeemed, outstanding, sound);
  }

  Reports.BooksReport books(TokenAmount owed) throws IOException, ServiceException {
    Sums sums = sums();
    return new Reports.BooksReport(
        sums.earned(),
        sums.spent(),
        owed,
        sums.redeemed(),
        sums.outstanding(),
        sums.sound(),
        all(true));
  }
}
