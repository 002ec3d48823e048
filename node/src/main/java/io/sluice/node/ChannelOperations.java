package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.ChannelEnds;
import io.sluice.node.config.ChainSettings;
import io.sluice.payments.ChannelBook;
import io.sluice.payments.Shortage;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.evm.ContractDeployment;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The channels of a home, from both ends, and the sums over them. */
final class ChannelOperations {
  /** Longest wait for other commands that use the network. */
  private static final Duration ASKING = Duration.ofSeconds(30);

  private static final Duration DEPLOYMENT_PATIENCE = Duration.ofMinutes(5);

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
            .filter(book -> bare(book.id()).startsWith(wanted.toLowerCase(Locale.ROOT)))
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
                node.money().ledger().redeemed(book.id(), lane.lane()),
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
    funded(outcome, node.keys().account(), payee.token(), deposit);
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
    Outcome outcome = node.payments().payer().topUp(book.id(), amount);
    funded(outcome, node.keys().account(), book.token(), amount);
    included(outcome, "top-up");
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
        actions.add(action("redeem", book, outcome.get()));
      }
    }
    node.payments().poll();
    return actions;
  }

  /** A payee ends its channels as it likes, a payer with its provider's consent. */
  Reports.LedgerActionReport close(String id)
      throws IOException, ServiceException, InterruptedException {
    ChannelBook book = find(id);
    if (isClosed(book)) {
      return closedAlready("close", book);
    }
    if (book.role() == ChannelBook.Role.PAYER) {
      return closeByConsent(book);
    }
    Outcome outcome = node.payments().payee().close(book.id(), false);
    node.payments().poll();
    return action("close", book, outcome);
  }

  private Reports.LedgerActionReport closeByConsent(ChannelBook book)
      throws IOException, ServiceException, InterruptedException {
    node.unlock();
    Outcome outcome;
    try (SharedNetwork.NetworkUse use = node.network().use(Network.Mode.DIAL, ASKING)) {
      outcome =
          new ChannelEnds(use.network().host(), node.store(), node.payments().payer(), node.clock())
              .end(book.id());
    } catch (ServiceException e) {
      throw new ServiceException(
          e.code(),
          "%s; 'sluice channels settle' ends the channel without the provider"
              .formatted(e.getMessage()),
          e);
    }
    node.payments().poll();
    included(outcome, "close");
    return new Reports.LedgerActionReport(
        "close",
        Optional.of(book.id().toString()),
        Optional.of(book.token().toString()),
        refund(outcome),
        note(outcome));
  }

  private static TokenAmount refund(Outcome outcome) {
    return outcome instanceof Outcome.Included done
        ? done.events().stream()
            .filter(LedgerEvent.ChannelClosed.class::isInstance)
            .map(event -> ((LedgerEvent.ChannelClosed) event).refund())
            .reduce(TokenAmount.ZERO, TokenAmount::plus)
        : TokenAmount.ZERO;
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
    return action("collect", book, outcome);
  }

  /** One at a time: what is on its way has a file. */
  synchronized Reports.ContractReport deploy(long minChallenge, long maxChallenge)
      throws IOException, ServiceException {
    ChainSettings chain = node.config().namedChain();
    if (chain.endpoints().isEmpty() || chain.domain().chainId() == 0) {
      throw new ServiceException(
          ErrorCode.BAD_CONFIG, "ledger.rpc and ledger.chain-id have to say which chain");
    }
    node.unlock();
    ContractDeployment deployment =
        new ContractDeployment(
            chain.domain().chainId(),
            chain.endpoints().getFirst(),
            chain.coin(),
            chain.maxFeePerGas().value(),
            node.money()::sign,
            node.home().outbox(new Domain(chain.domain().chainId(), EvmAddress.ZERO)),
            DEPLOYMENT_PATIENCE);
    try {
      EvmAddress contract =
          deployment.deploy(
              node.keys().account(),
              Duration.ofSeconds(minChallenge),
              Duration.ofSeconds(maxChallenge),
              Ticker.SYSTEM);
      return new Reports.ContractReport(chain.domain().chainId(), contract.toString());
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.USAGE, "" + e.getMessage(), e);
    }
  }

  /** Without an amount all there is, of that token or of all. */
  List<Reports.LedgerActionReport> withdraw(Optional<TokenAmount> wanted, Optional<String> named)
      throws IOException, ServiceException {
    List<EvmAddress> tokens =
        wanted.isPresent() || named.isPresent()
            ? List.of(node.money().token(named))
            : node.config().tokens().accepted();
    List<Reports.LedgerActionReport> actions = new ArrayList<>();
    for (EvmAddress token : tokens) {
      EvmAddress account = node.keys().account();
      TokenAmount credit = node.payments().credit(node.money().ledger().domain(), token, account);
      TokenAmount amount = wanted.orElse(credit);
      if (!amount.isZero()) {
        actions.add(withdraw(account, token, credit, amount));
      }
    }
    return actions;
  }

  private Reports.LedgerActionReport withdraw(
      EvmAddress account, EvmAddress token, TokenAmount credit, TokenAmount amount)
      throws IOException, ServiceException {
    Outcome outcome =
        node.payments().withdraw(node.money().ledger().domain(), account, token, account, amount);
    if (outcome instanceof Outcome.Refused refused
        && refused.error() == LedgerError.INSUFFICIENT_CREDIT) {
      Tokens tokens = node.money().known();
      throw new ServiceException(
          DealCode.INSUFFICIENT_FUNDS,
          "account %s has a credit of %s, %s less than %s; 'sluice channels redeem' and 'sluice channels collect' add to it"
              .formatted(
                  account,
                  tokens.show(credit, token),
                  tokens.show(amount.minusOrZero(credit), token),
                  tokens.show(amount, token)));
    }
    included(outcome, "withdraw");
    return new Reports.LedgerActionReport(
        "withdraw", Optional.empty(), Optional.of(token.toString()), amount, note(outcome));
  }

  List<Reports.PlanReport> plans() throws IOException, ServiceException {
    node.payments().poll(); // what it is time for is not planned any more
    return node.payments().plans().stream()
        .map(
            plan ->
                new Reports.PlanReport(
                    plan.kind().name().toLowerCase(Locale.ROOT),
                    plan.channel().map(Bytes32::toString),
                    Optional.of(plan.token().toString()),
                    plan.amount(),
                    plan.at().map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString()),
                    plan.reason()))
        .toList();
  }

  private static boolean isClosed(ChannelBook book) {
    return book.state().equals("closed");
  }

  private static Reports.LedgerActionReport closedAlready(String name, ChannelBook book) {
    return new Reports.LedgerActionReport(
        name,
        Optional.of(book.id().toString()),
        Optional.of(book.token().toString()),
        TokenAmount.ZERO,
        Optional.of("the channel is closed already"));
  }

  private static Reports.LedgerActionReport action(String name, ChannelBook book, Outcome outcome)
      throws ServiceException {
    included(outcome, name);
    TokenAmount paid = outcome instanceof Outcome.Included done ? done.paid() : TokenAmount.ZERO;
    return new Reports.LedgerActionReport(
        name,
        Optional.of(book.id().toString()),
        Optional.of(book.token().toString()),
        paid,
        note(outcome));
  }

  private static Optional<String> note(Outcome outcome) {
    return outcome instanceof Outcome.Included
        ? Optional.empty()
        : Optional.of("on its way; the ledger has not confirmed it");
  }

  /** Whose account does not hold what is to go into a channel, is told how much is missing. */
  private void funded(Outcome outcome, EvmAddress account, EvmAddress token, TokenAmount needed)
      throws IOException, ServiceException {
    if (outcome instanceof Outcome.Refused refused
        && refused.error() == LedgerError.INSUFFICIENT_BALANCE) {
      throw new ServiceException(
          DealCode.INSUFFICIENT_FUNDS,
          Shortage.on(node.money().ledger(), account, token, needed).message());
    }
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

  /**
   * Sums over all channels, by this home's own books: those of each token that is paid in, in the
   * order of the configuration, and of others that channels pay in still.
   */
  List<Reports.SumsReport> sums(Amounts owed) throws IOException, ServiceException {
    return sums(node.payments().books(), owed);
  }

  private List<Reports.SumsReport> sums(List<ChannelBook> books, Amounts owed) {
    Amounts earned = Amounts.NONE;
    Amounts spent = Amounts.NONE;
    Amounts redeemed = Amounts.NONE;
    Amounts outstanding = Amounts.NONE;
    Set<EvmAddress> tokens = new LinkedHashSet<>(node.config().tokens().accepted());
    for (ChannelBook book : books) {
      tokens.add(book.token());
      if (book.role() == ChannelBook.Role.PAYEE) {
        earned = earned.plus(book.token(), book.vouchered());
        redeemed = redeemed.plus(book.token(), book.redeemed());
        outstanding = outstanding.plus(book.token(), book.vouchered().minusOrZero(book.redeemed()));
      } else {
        spent = spent.plus(book.token(), book.vouchered());
      }
    }
    tokens.addAll(owed.tokens());
    List<Reports.SumsReport> sums = new ArrayList<>();
    for (EvmAddress token : tokens) {
      sums.add(
          new Reports.SumsReport(
              token.toString(),
              earned.orZero(token),
              spent.orZero(token),
              owed.orZero(token),
              redeemed.orZero(token),
              outstanding.orZero(token)));
    }
    return sums;
  }

  /** Whether no channel contradicts itself. */
  private static boolean isSound(List<ChannelBook> books) {
    return books.stream()
        .allMatch(
            book ->
                vouchered(book).equals(book.vouchered())
                    && !book.vouchered().exceeds(book.deposit())
                    && !book.redeemed().exceeds(book.vouchered()));
  }

  private static TokenAmount vouchered(ChannelBook book) {
    return book.lanes().stream()
        .map(ChannelBook.LaneBook::amount)
        .reduce(TokenAmount.ZERO, TokenAmount::plus);
  }

  Reports.BooksReport books(Amounts owed) throws IOException, ServiceException {
    List<ChannelBook> books = node.payments().books(); // once: sums and verdict are of one moment
    List<Reports.SumsReport> sums = sums(books, owed);
    Reports.SumsReport first = sums.getFirst();
    return new Reports.BooksReport(
        first.earned(),
        first.spent(),
        first.owed(),
        first.redeemed(),
        first.outstanding(),
        isSound(books),
        sums,
        all(true));
  }
}
