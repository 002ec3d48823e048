package io.sluice.node;

import io.sluice.fsm.CrashPoint;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.ChainSettings;
import io.sluice.node.config.NodeConfig;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.home.Payments;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.WrongLedgerException;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.ledger.evm.EvmLedger;
import io.sluice.payments.ledger.evm.OutboxMoment;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The money of a home: its ledger, and payments in step with it, each opened when it is first asked
 * for. Safe for use from many threads; waits for a chain where one is to be asked, so nobody holds
 * the node's own lock here.
 */
final class HomeMoney {
  private static final Logger LOG = LoggerFactory.getLogger(HomeMoney.class);

  private final SluiceNode node;
  private final NodeConfig config;

  /** Who hears of credit that changed: the provider, once it serves. */
  private volatile Consumer<DealRef> creditChanged = deal -> {};

  /** The tokens as a ledger told of all of them that are paid in. */
  private volatile Optional<Tokens> asked = Optional.empty();

  /** What was paid and taken, between {@link #ledger} and {@link #payments}. */
  private @Nullable List<PaymentRecord> records;

  private @Nullable ChannelLedger ledger;
  private @Nullable Payments payments;

  HomeMoney(SluiceNode node) {
    this.node = node;
    this.config = node.config();
  }

  /** The ledger that channels are on. */
  synchronized ChannelLedger ledger() throws IOException {
    if (ledger == null) {
      Set<Domain> traded = Payments.ledgersOf(records());
      ChannelLedger found =
          config.chain().isPresent() ? chainLedger(config.chain().get()) : fileLedger(traded);
      Payments.requireTheirs(traded, Map.of(found.domain(), found));
      ledger = found;
    }
    return ledger;
  }

  private EmbeddedLedger fileLedger(Set<Domain> traded) throws IOException {
    Optional<Domain> here =
        traded.stream().filter(each -> each.chainId() == EmbeddedLedger.CHAIN_ID).findFirst();
    // Where there is none, a new one is made: not in place of one that has this home's money.
    if (here.isPresent() && !Files.exists(config.ledger())) {
      throw new WrongLedgerException(config.ledger() + " is missing", here.get());
    }
    return node.keep(EmbeddedLedger.open(config.ledger(), node.clock(), node.random()));
  }

  private EvmLedger chainLedger(ChainSettings chain) throws IOException {
    return node.keep(
        EvmLedger.open(
            chain.ledger(node.home().outbox(chain.domain())),
            this::sign,
            node.clock(),
            Ticker.SYSTEM,
            moment -> crashPoint(moment).reached()));
  }

  private static CrashPoint crashPoint(OutboxMoment moment) {
    return switch (moment) {
      case KEPT -> CrashPoint.TRANSACTION_KEPT;
      case SENT -> CrashPoint.TRANSACTION_SENT;
      case INCLUDED -> CrashPoint.TRANSACTION_INCLUDED;
      case FINAL -> CrashPoint.TRANSACTION_FINAL;
    };
  }

  /** A transaction's signature, by a key that was unlocked. */
  Signature sign(EvmAddress account, byte[] transaction) throws IOException {
    AccountSigner signer = node.keys().unlocked().get(account);
    if (signer == null) {
      throw new IOException("the key of " + account + " is locked");
    }
    return signer.signTransaction(transaction);
  }

  /**
   * The ledger in a file, whose time and money anybody may change.
   *
   * @throws ServiceException {@code USAGE} if this home's ledger is a chain
   */
  EmbeddedLedger playLedger() throws IOException, ServiceException {
    if (ledger() instanceof EmbeddedLedger embedded) {
      return embedded;
    }
    throw new ServiceException(
        ErrorCode.USAGE, "only the embedded ledger can do that; this home is on " + ledger());
  }

  /**
   * One of the tokens that this home pays and is paid in.
   *
   * @param named its address; the first of them where none is named
   * @throws ServiceException {@code USAGE} if it is none of them
   */
  EvmAddress token(Optional<String> named) throws ServiceException {
    try {
      return named.map(config.tokens()::find).orElseGet(config.tokens()::paidIn);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.USAGE, "" + e.getMessage(), e);
    }
  }

  /**
   * The tokens that are known here, held against what their contracts say.
   *
   * @throws ServiceException {@code BAD_CONFIG} if they contradict: amounts would be worth
   *     something else than what is read and shown
   */
  Tokens tokens() throws IOException, ServiceException {
    try {
      Tokens found =
          ledger() instanceof EvmLedger evm ? evm.checked(config.tokens()) : config.tokens();
      asked = Optional.of(found).filter(HomeMoney::isComplete); // else there is more to ask
      return found;
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.BAD_CONFIG, "tokens: " + e.getMessage(), e);
    }
  }

  private static boolean isComplete(Tokens tokens) {
    return tokens.accepted().stream().allMatch(token -> tokens.at(token).isPresent());
  }

  /**
   * The tokens as far as they are known. No ledger is asked where the configuration names all that
   * are paid in; one that cannot be asked is no error.
   */
  Tokens known() {
    if (isComplete(config.tokens())) {
      return config.tokens();
    }
    Optional<Tokens> before = asked;
    try {
      return before.isPresent() ? before.get() : tokens();
    } catch (IOException | ServiceException e) {
      LOG.warn("tokens without a name in the configuration are not known: {}", e.toString());
      return config.tokens();
    }
  }

  private List<PaymentRecord> records() throws IOException {
    if (records == null) {
      records = node.store().payments();
    }
    return records;
  }

  /** All payments, in step with the ledger. */
  synchronized Payments payments() throws IOException, ServiceException {
    if (payments == null) {
      if (config.chain().isPresent()) {
        node.unlock(); // a chain takes nothing that is not signed
      }
      EvmAddress account = node.keys().account();
      Tokens all = tokens();
      NodeConfig.Money limits = config.payments().completed(all);
      Domain domain = ledger().domain();
      List<PaymentRecord> known = records();
      records = null; // from now on more come
      Payments restored =
          Payments.restore(
              new Payments.Setup(
                  Map.of(domain, ledger()),
                  node.keys().unlocked(),
                  new PayerPolicy(
                      account,
                      Map.of(domain, Set.copyOf(all.accepted())),
                      limits.maxDeposit(),
                      limits.maxChallenge(),
                      limits.confirmations(),
                      limits.maxConfirmations(),
                      all::show),
                  payeePolicy(domain, account, all, limits),
                  node.store(),
                  node.clock(),
                  node.random(),
                  deal -> creditChanged.accept(deal),
                  config.autopilot()),
              known);
      restored.start();
      payments = restored;
    }
    return payments;
  }

  private static PayeePolicy payeePolicy(
      Domain domain, EvmAddress account, Tokens tokens, NodeConfig.Money limits) {
    PayeePolicy standard =
        PayeePolicy.of(
            tokens.accepted().stream()
                .map(token -> payee(domain, account, token, tokens, limits))
                .toList());
    return new PayeePolicy(
        standard.payees(),
        standard.payerUnpaidBytes(),
        standard.nodeUnpaidBytes(),
        standard.minimumStep(),
        limits.minimumRedemption(),
        limits.maxUnredeemedAge(),
        limits.maxUnredeemed(),
        standard.staleAfter(),
        standard.maxLanes(),
        standard.maxChannels());
  }

  private static Payee payee(
      Domain domain, EvmAddress account, EvmAddress token, Tokens tokens, NodeConfig.Money limits) {
    Optional<Token> shown = tokens.at(token);
    return new Payee(
        domain.chainId(),
        domain.contract(),
        token,
        account,
        limits.minChallenge().toSeconds(),
        limits.minDeposit().orZero(token),
        limits.confirmations(),
        shown.map(Token::symbol),
        shown.map(each -> (long) each.decimals()));
  }

  /** Who hears of credit that changed. */
  void onCreditChanged(Consumer<DealRef> listener) {
    creditChanged = listener;
  }
}
