package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Cursor;
import io.sluice.payments.ledger.EventPage;
import io.sluice.payments.ledger.Head;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.LedgerFacts;
import io.sluice.payments.ledger.LedgerStanding;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.evm.ChainNode.CallResult;
import io.sluice.payments.ledger.evm.contract.ContractCalls;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.ledger.evm.contract.ContractCode.Bounds;
import io.sluice.payments.ledger.evm.contract.Reverts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The payment channel contract on an EVM chain, seen through nodes that are not believed more than
 * necessary. Spec: PAYMENT CHANNELS, 8.5 and 8.6.
 *
 * <p>Intents become transactions in an {@link Outbox}, which is durable and outlives the process:
 * opened again over the same file, this ledger goes on where it was. What is {@link
 * Outcome.Included} is in a block; the outbox looks after it until the block lies deep enough. It
 * is looked after whenever events are asked for or something is submitted.
 */
public final class EvmLedger implements ChannelLedger {
  private static final long MAX_CHALLENGE = 0xffff_ffffL;
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final EvmSettings settings;
  private final HttpClient client;
  private final Endpoints endpoints;
  private final Chain chain;
  private final ChainViews views;
  private final Outbox outbox;
  private final EventFeed feed;
  private final Approvals approvals;
  private final RedemptionCost redemptionCost;
  private final LedgerFacts facts;
  private final Ticker ticker;

  private EvmLedger(
      EvmSettings settings,
      HttpClient client,
      Endpoints endpoints,
      OutboxFile file,
      Bounds bounds,
      TransactionSigner signer,
      Ticker ticker,
      Consumer<OutboxMoment> moments) {
    this.settings = settings;
    this.client = client;
    this.endpoints = endpoints;
    this.ticker = ticker;
    EvmSettings.RpcLimits limits = settings.limits();
    this.chain = new Chain(endpoints, settings.finality(), limits.headAge().toNanos(), ticker);
    this.views = new ChainViews(endpoints, settings);
    this.outbox =
        new Outbox(
            file,
            endpoints,
            chain,
            new TransactionForm(domain().chainId(), signer),
            new OutboxPlan(limits.stuckAfter(), limits.watched()),
            settings.maxFeePerGas(),
            settings::needsTwo,
            this::isReached,
            moments);
    this.feed =
        new EventFeed(endpoints, chain, settings.firstBlock(), limits.logBlocks(), outbox::keyOf);
    this.approvals = new Approvals(endpoints, outbox, domain());
    this.redemptionCost = new RedemptionCost(endpoints, outbox, domain());
    this.facts =
        new LedgerFacts(
            "evm",
            settings.symbol(),
            settings.decimals(),
            Duration.ofSeconds(bounds.minChallengeSeconds()),
            Duration.ofSeconds(bounds.maxChallengeSeconds()));
  }

  /**
   * Opens the ledger. The first time, an endpoint has to answer and to be the right chain with the
   * contract on it; later it is opened all the same, and endpoints are checked before they are
   * asked.
   *
   * @param signer the keys of the accounts that intents are sent by
   * @param moments hears of what becomes of transactions, with the outbox's monitor held
   * @throws IOException if no endpoint answers, saying what is wrong with each, or the outbox is
   *     damaged or of another contract
   */
  public static EvmLedger open(
      EvmSettings settings,
      TransactionSigner signer,
      Clock clock,
      Ticker ticker,
      Consumer<OutboxMoment> moments)
      throws IOException {
    EvmSettings.RpcLimits limits = settings.limits();
    HttpClient client = HttpRpc.client(limits.timeout());
    List<Endpoint> nodes =
        settings.endpoints().stream().map(uri -> endpoint(settings, client, uri, ticker)).toList();
    Endpoints endpoints =
        new Endpoints(nodes, settings.domain(), ContractCode.carried(), limits.staleAfter(), clock);
    OutboxFile file = OutboxFile.open(settings.outbox(), settings.domain());
    try {
      Bounds bounds = bounds(endpoints, file, settings.domain());
      return new EvmLedger(settings, client, endpoints, file, bounds, signer, ticker, moments);
    } catch (IOException | RuntimeException e) {
      file.close();
      client.close();
      throw e;
    }
  }

  private static Endpoint endpoint(
      EvmSettings settings, HttpClient client, URI uri, Ticker ticker) {
    EvmSettings.RpcLimits limits = settings.limits();
    RpcTally tally = new RpcTally(ticker);
    HttpRpc rpc = new HttpRpc(client, uri, limits.timeout(), limits.maxAnswer(), tally);
    return new Endpoint(uri, new ChainNode(rpc, settings.domain().contract()), tally);
  }

  /** The self-test, and what it finds out. Who could be asked once may be out of reach today. */
  private static Bounds bounds(Endpoints endpoints, OutboxFile file, Domain domain)
      throws IOException {
    try {
      long height = endpoints.latest().number();
      List<ChainLog> unused = endpoints.ask(node -> node.logs(height, height));
      Bounds found = endpoints.bounds().orElseThrow();
      file.keep(domain, found);
      return found;
    } catch (IOException e) {
      if (file.bounds().isPresent() && !endpoints.isAnyWrong()) {
        return file.bounds().get();
      }
      throw e;
    }
  }

  @Override
  public Domain domain() {
    return settings.domain();
  }

  @Override
  public LedgerFacts facts() {
    return facts;
  }

  /** It may: the end of a chain changes. */
  @Override
  public boolean mayTakeBack() {
    return true;
  }

  @Override
  public Head head() throws IOException {
    return chain.head();
  }

  // intents

  @Override
  public Outcome submit(Intent intent) throws IOException {
    String key = intent.id().value();
    Optional<OutboxRow> known = outbox.find(key);
    if (known.isPresent()) {
      if (!known.get().intent().equals(Optional.of(intent))) {
        throw new IllegalArgumentException("id used before: " + intent.id());
      }
      outbox.step();
      return told(intent.id());
    }
    Optional<Outcome> early = begin(intent);
    if (early.isPresent() && early.get() instanceof Outcome.Pending) {
      return early.get();
    }
    approvals.done(intent.id());
    return early.isPresent() ? early.get() : awaited(intent.id());
  }

  /** Brings an intent on its way; else says what stands in the way. */
  private Optional<Outcome> begin(Intent intent) throws IOException {
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
            intent.sender(), domain().contract(), value, RawBytes.of(ContractCalls.of(intent)));
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
    TokenAmount owned = balance(EvmAddress.ZERO, intent.sender());
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
      TokenAmount owned = balance(token, intent.sender());
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
                domain().chainId(),
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
      return channel(topUp.channel()).map(Channel::token).orElse(EvmAddress.ZERO);
    }
    return EvmAddress.ZERO;
  }

  /** Chains that take a block for each transaction answer at once; others are left to go on. */
  private Outcome awaited(IntentId id) throws IOException {
    long until = ticker.nanos() + settings.limits().patience().toNanos();
    Outcome outcome = told(id);
    while (outcome instanceof Outcome.Pending && until - ticker.nanos() > 0) {
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while " + id + " is on its way");
      }
      outbox.step();
      outcome = told(id);
    }
    return outcome;
  }

  /** What became of it, to whoever submits it: who hears that it was reverted may try it anew. */
  private Outcome told(IntentId id) throws IOException {
    Outcome outcome = outcome(id);
    if (outcome instanceof Outcome.Refused) {
      outbox.forget(id.value());
    }
    return outcome;
  }

  @Override
  public Outcome outcome(IntentId id) throws IOException {
    Optional<OutboxRow> row = outbox.find(id.value());
    if (row.isEmpty() || row.get().intent().isEmpty()) {
      return new Outcome.Unknown(id);
    }
    return switch (row.get().state()) {
      case SIGNED, BROADCAST -> new Outcome.Pending(id);
      case INCLUDED ->
          row.get().mined().orElseThrow().succeeded()
              ? included(id, row.get().mined().orElseThrow())
              : new Outcome.Pending(id);
      case FINAL -> included(id, row.get().mined().orElseThrow());
      case FAILED -> failed(id, row.get());
      case REPLACED, FORGOTTEN -> new Outcome.Unknown(id);
    };
  }

  private Outcome included(IntentId id, OutboxRow.Mined mined) throws IOException {
    if (!mined.succeeded()) {
      // Somebody else has done it.
      return new Outcome.Included(id, mined.block(), List.of());
    }
    record Found(Receipt receipt, Block block) {}
    Optional<Found> found =
        endpoints.ask(
            node -> {
              Optional<Receipt> receipt = node.receipt(mined.transaction());
              Optional<Block> block =
                  receipt.isPresent() ? node.block(receipt.get().block()) : Optional.empty();
              return block.map(b -> new Found(receipt.orElseThrow(), b));
            });
    if (found.isEmpty()) {
      throw new IOException("no endpoint has the receipt of " + mined.transaction());
    }
    Receipt receipt = found.get().receipt();
    redemptionCost.learn(receipt);
    return new Outcome.Included(id, receipt.block(), feed.of(receipt, found.get().block()));
  }

  /** Tried once more where it was reverted: the block does not say why. */
  private Outcome failed(IntentId id, OutboxRow row) throws IOException {
    String at = Hex.of(row.mined().orElseThrow().block());
    Reverts.Reason reason =
        new Reverts.Reason(LedgerError.REVERTED, "reverted; it may have run out of gas");
    try {
      if (endpoints.ask(node -> node.call(row.transaction(), at))
          instanceof CallResult.Reverted reverted) {
        reason = Reverts.reason(reverted.data().bytes());
      }
    } catch (RpcErrorException e) { // a node that does not know the past
      reason = new Reverts.Reason(LedgerError.REVERTED, "reverted, who knows why: " + e);
    }
    return new Outcome.Refused(id, reason.error(), reason.message());
  }

  /** Whether what a reverted intent was for is so all the same. */
  private boolean isReached(Intent intent) throws IOException {
    return switch (intent) {
      case Intent.Open open -> channel(open.channel(domain())).isPresent();
      case Intent.Settle settle -> channel(settle.channel()).filter(Channel::ending).isPresent();
      case Intent.Collect collect -> isClosed(collect.channel());
      case Intent.Close close -> isClosed(close.channel());
      case Intent.CloseByConsent close -> isClosed(close.consent().channel());
      case Intent.TopUp topUp -> false;
      case Intent.Redeem redeem -> false;
      case Intent.Withdraw withdraw -> false;
    };
  }

  private boolean isClosed(Bytes32 id) throws IOException {
    return channel(id).filter(Channel::closed).isPresent();
  }

  // views

  @Override
  public Optional<Channel> channel(Bytes32 id) throws IOException {
    return views.channel(id);
  }

  @Override
  public Optional<Channel> channel(Bytes32 id, long height) throws IOException {
    if (height < 0) {
      return Optional.empty();
    }
    return height >= head().height() ? views.channel(id) : views.channel(id, height);
  }

  @Override
  public TokenAmount redeemed(Bytes32 channel, long lane) throws IOException {
    return views.redeemed(channel, lane);
  }

  @Override
  public TokenAmount credit(EvmAddress token, EvmAddress account) throws IOException {
    return views.credit(token, account);
  }

  @Override
  public TokenAmount balance(EvmAddress token, EvmAddress account) throws IOException {
    return views.balance(token, account);
  }

  /**
   * What a token calls itself and how it is shown. It is the token's word: ask for tokens that are
   * known to be what they are.
   *
   * @throws IOException also if it says neither, or more decimals than anybody needs
   */
  public TokenFacts token(EvmAddress token) throws IOException {
    return views.token(token);
  }

  /**
   * The tokens that are known, held against what their contracts say, and the one that is paid in
   * with them even if nobody named it. Those that cannot be asked now are as they were.
   *
   * @throws IllegalArgumentException if one has other decimals than it was said to have
   */
  public Tokens checked(Tokens known) {
    return views.checked(known);
  }

  /**
   * How often endpoints contradicted each other, since this was opened, about more than one is
   * believed in.
   */
  public long disagreements() {
    return endpoints.disagreements();
  }

  // events

  @Override
  public EventPage events(Cursor after, int max) throws IOException {
    outbox.step();
    return feed.page(after, max);
  }

  @Override
  public Cursor end() throws IOException {
    return feed.end();
  }

  @Override
  public Cursor before(Instant time) throws IOException {
    return feed.before(time);
  }

  @Override
  public TokenAmount redemptionCost() throws IOException {
    return redemptionCost.now(chain.block().baseFee());
  }

  @Override
  public LedgerStanding standing() {
    return new LedgerStanding(
        endpoints.standings(), outbox.waiting(), outbox.gasSpent(), feed.reorganisations());
  }

  @Override
  public void close() throws IOException {
    client.shutdownNow();
    outbox.close();
  }

  /** Chain and contract. */
  @Override
  public String toString() {
    return "EVM ledger " + domain();
  }
}
