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
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.ledger.evm.contract.ContractCode.Bounds;
import io.sluice.payments.ledger.evm.contract.Reverts;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.InterruptedIOException;
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
  /** Short beside a block of any chain that answers within the patience. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final EvmSettings settings;
  private final HttpClient client;
  private final Endpoints endpoints;
  private final Chain chain;
  private final ChainViews views;
  private final Outbox outbox;
  private final EventFeed feed;
  private final Submissions submissions;
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
            new Deadlines(views),
            settings::needsTwo,
            this::isReached,
            moments);
    this.feed =
        new EventFeed(endpoints, chain, settings.firstBlock(), limits.logBlocks(), outbox::keyOf);
    this.redemptionCost = new RedemptionCost(endpoints, outbox, domain());
    // The contract's bounds never change, so they are asked once and kept with the outbox: a home
    // can say what it needs to know of them when no endpoint is within reach.
    this.facts =
        new LedgerFacts(
            "evm",
            settings.symbol(),
            settings.decimals(),
            Duration.ofSeconds(bounds.minChallengeSeconds()),
            Duration.ofSeconds(bounds.maxChallengeSeconds()));
    this.submissions = new Submissions(endpoints, outbox, views, facts, domain());
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
      // After the outbox, which is locked by then: of two processes only one gets as far as asking.
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
      // Events are what this lives by, and some endpoints answer everything else but those.
      List<ChainLog> unused = endpoints.ask(node -> node.logs(height, height));
      Bounds found = endpoints.bounds().orElseThrow();
      file.keep(domain, found);
      return found;
    } catch (IOException e) {
      // Out of reach is no reason not to open: vouchers are taken without a chain, and are worth
      // what was confirmed. The wrong chain, or another contract, is one.
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
      // Submitted again, as after a restart: whatever was signed then is what goes on, and nothing
      // is signed beside it. That is why an id may never stand for two things.
      outbox.step();
      return told(intent.id());
    }
    Optional<Outcome> early = submissions.begin(intent);
    // Another thread may have begun the same meanwhile. What stood in the way of this one is then
    // what that one has done: the approval is used up, the money spent, the channel there.
    if (early.isPresent() && outbox.find(key).isEmpty()) {
      return early.get();
    }
    submissions.begun(intent.id());
    return awaited(intent.id());
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
      // Reverted in a block that may yet go away: by another order of things it would succeed.
      case INCLUDED ->
          row.get().mined().orElseThrow().succeeded()
              ? included(id, row.get().mined().orElseThrow())
              : new Outcome.Pending(id);
      case FINAL -> included(id, row.get().mined().orElseThrow());
      case FAILED -> failed(id, row.get());
      // As if it had never been: whoever still wants it submits it again, under another nonce.
      case REPLACED, FORGOTTEN -> new Outcome.Unknown(id);
    };
  }

  private Outcome included(IntentId id, OutboxRow.Mined mined) throws IOException {
    if (!mined.succeeded()) {
      // Somebody else has done it, so there are no events of ours to tell of.
      return new Outcome.Included(id, mined.block(), List.of());
    }
    record Found(Receipt receipt, Block block) {}
    // Of one endpoint both: a receipt of one chain's end with the block of another is no event.
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
    // At the end of its block, which is the nearest to its own moment that can be asked for.
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
      // Nothing tells these from what others did, and trying once more does no harm.
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
    // Before the chain began: whoever asks how deep a deposit lies comes here on a young one.
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

  // events

  @Override
  public EventPage events(Cursor after, int max) throws IOException {
    // Events are asked for all the time, so the outbox needs no clock of its own; and first, so
    // that
    // what it finds included is in the page.
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
    // Nothing of it asks anybody or takes the outbox's monitor: it is wanted most just when a node
    // hangs, and somebody waits for it there.
    return new LedgerStanding(
        endpoints.standings(),
        outbox.waiting(),
        outbox.gasSpent(),
        feed.reorganisations(),
        endpoints.disagreements());
  }

  @Override
  public void close() throws IOException {
    // Who waits for an endpoint is let go first: it may hold the outbox, which is closed next.
    client.shutdownNow();
    outbox.close();
  }

  /** Chain and contract. */
  @Override
  public String toString() {
    return "EVM ledger " + domain();
  }
}
