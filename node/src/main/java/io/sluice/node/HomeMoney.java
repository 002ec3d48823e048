package io.sluice.node;

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
import io.sluice.payments.ledger.evm.TokenFacts;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payer.PayerPolicy;
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
            Ticker.SYSTEM));
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

  /** What this home pays and is paid in. */
  EvmAddress token() {
    return config.chain().map(ChainSettings::token).orElse(EvmAddress.ZERO);
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
                      Map.of(domain, Set.of(token())),
                      config.payments().maxDeposit(),
                      config.payments().maxChallenge(),
                      config.payments().confirmations(),
                      config.payments().maxConfirmations()),
                  payeePolicy(domain, account),
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

  /** How what is paid in is shown; empty if the token cannot be asked now. */
  private Optional<TokenFacts> unit() throws IOException {
    if (!token().isZero() && ledger() instanceof EvmLedger evm) {
      try {
        return Optional.of(evm.token(token()));
      } catch (IOException e) {
        LOG.warn("the token {} cannot be asked: {}", token(), e.toString());
        return Optional.empty();
      }
    }
    return Optional.of(new TokenFacts(ledger().facts().symbol(), ledger().facts().decimals()));
  }

  private PayeePolicy payeePolicy(Domain domain, EvmAddress account) throws IOException {
    Optional<TokenFacts> unit = unit();
    PayeePolicy standard =
        PayeePolicy.of(
            List.of(
                new Payee(
                    domain.chainId(),
                    domain.contract(),
                    token(),
                    account,
                    config.payments().minChallenge().toSeconds(),
                    config.payments().minDeposit(),
                    config.payments().confirmations(),
                    unit.map(TokenFacts::symbol),
                    unit.map(facts -> (long) facts.decimals()))));
    return new PayeePolicy(
        standard.payees(),
        standard.payerUnpaidBytes(),
        standard.nodeUnpaidBytes(),
        standard.minimumStep(),
        config.payments().minimumRedemption(),
        config.payments().maxUnredeemedAge(),
        config.payments().maxUnredeemed(),
        standard.staleAfter(),
        standard.maxLanes(),
        standard.maxChannels());
  }

  /** Who hears of credit that changed. */
  void onCreditChanged(Consumer<DealRef> listener) {
    creditChanged = listener;
  }
}
