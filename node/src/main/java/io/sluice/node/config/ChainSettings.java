package io.sluice.node.config;

import io.sluice.payments.ledger.evm.EvmSettings;
import io.sluice.payments.ledger.evm.Finality;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The contract on an EVM chain that this node's channels are on.
 *
 * @param isUsed whether channels are on it; else it is only where a contract would be put
 * @param domain chain and contract; the contract is zero as long as there is none
 * @param endpoints where JSON-RPC is answered, the preferred first
 * @param finality what is taken for settled
 * @param maxFeePerGas most that a unit of gas may cost
 * @param symbol what the chain's own coin is called
 * @param firstBlock where the contract's events begin
 * @param stuckAfter blocks after which more is paid for a transaction
 * @param timeout for one answer
 * @param agreeAbove of more than that two endpoints have to say the same; it has an amount of each
 *     token that is paid in
 */
public record ChainSettings(
    boolean isUsed,
    Domain domain,
    List<URI> endpoints,
    Finality finality,
    TokenAmount maxFeePerGas,
    String symbol,
    long firstBlock,
    long stuckAfter,
    Duration timeout,
    Optional<Amounts> agreeAbove) {

  /** Those of the chain's own coin, on every chain of this kind. */
  private static final int DECIMALS = 18;

  private static final String FINALIZED = "finalized";

  /** What "finalized" means on a chain that does not know the word. */
  private static final long OTHERWISE = 30;

  private static final long MOST_CONFIRMATIONS = 1000;
  private static final long MOST_BLOCKS = 1_000_000_000_000L;

  /** Copies the list. */
  public ChainSettings {
    endpoints = List.copyOf(endpoints);
  }

  /** The chain that is named; the ledger need not be on it. */
  static ChainSettings read(Values values) throws ConfigException {
    String kind = values.text("ledger.kind", text -> text.equals("embedded") || text.equals("evm"));
    // Checked in any case: a key that is wrong now would be found out when it is needed.
    List<URI> endpoints =
        values.list("ledger.rpc", ChainSettings::isHttp).stream().map(URI::create).toList();
    long chainId = values.number("ledger.chain-id", n -> n >= 0);
    String contract = values.text("ledger.contract", text -> text.isBlank() || isAddress(text));
    Finality finality = finality(values.text("ledger.confirmations", ChainSettings::isFinality));
    Token coin =
        coin(values.text("ledger.symbol", text -> text.matches("[A-Za-z][A-Za-z0-9.-]{0,15}")));
    ChainSettings settings =
        new ChainSettings(
            kind.equals("evm"),
            new Domain(chainId, contract.isBlank() ? EvmAddress.ZERO : EvmAddress.parse(contract)),
            endpoints,
            finality,
            values.amount("ledger.max-fee-per-gas", new Tokens(coin, List.of())),
            coin.symbol(),
            values.number("ledger.first-block", n -> n >= 0 && n <= MOST_BLOCKS),
            values.number("ledger.stuck-after", n -> n >= 1 && n <= MOST_CONFIRMATIONS),
            values.duration("ledger.timeout", Duration.ofSeconds(1), Duration.ofMinutes(2)),
            Optional.empty());
    if (settings.isUsed()) {
      require(!endpoints.isEmpty(), "ledger.rpc");
      require(chainId > 0, "ledger.chain-id");
      require(!contract.isBlank(), "ledger.contract");
    }
    return settings;
  }

  /** With what is written in tokens, which are known only now. */
  ChainSettings completed(Values values, Tokens tokens) throws ConfigException {
    Amounts named = values.amounts("ledger.agree-above", tokens);
    // Who wants one token looked at closely does not want another to be believed blindly.
    Optional<Amounts> above =
        named.isEmpty()
            ? Optional.empty()
            : Optional.of(named.or(Amounts.ofEach(tokens.accepted(), TokenAmount.ZERO)));
    if (isUsed && above.isPresent() && endpoints.stream().distinct().count() < 2) {
      throw values.bad("ledger.agree-above", "it needs two different endpoints in ledger.rpc");
    }
    return new ChainSettings(
        isUsed,
        domain,
        endpoints,
        finality,
        maxFeePerGas,
        symbol,
        firstBlock,
        stuckAfter,
        timeout,
        above);
  }

  private static Token coin(String symbol) {
    return new Token(symbol, EvmAddress.ZERO, DECIMALS);
  }

  /** The chain's own coin, in which transactions are paid. */
  public Token coin() {
    return coin(symbol);
  }

  private static void require(boolean isGiven, String key) throws ConfigException {
    if (!isGiven) {
      throw new ConfigException(key + ": needed where ledger.kind is evm");
    }
  }

  private static boolean isHttp(String text) {
    URI uri = URI.create(text);
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    return uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"));
  }

  /** What is paid in, the first where none is named; zero for the ledger's own coin. */
  static List<EvmAddress> accepted(Values values) throws ConfigException {
    List<EvmAddress> tokens =
        values.list("ledger.token", text -> text.equals(Tokens.NATIVE) || isAddress(text)).stream()
            .map(text -> text.equals(Tokens.NATIVE) ? EvmAddress.ZERO : EvmAddress.parse(text))
            .toList();
    if (tokens.isEmpty()) {
      throw values.bad("ledger.token", "something has to be paid in");
    }
    return tokens;
  }

  private static boolean isAddress(String text) {
    try {
      return !EvmAddress.parse(text).isZero();
    } catch (ProtocolException e) {
      return false;
    }
  }

  private static boolean isFinality(String text) {
    if (text.equals(FINALIZED)) {
      return true;
    }
    long blocks = Long.parseLong(text);
    return blocks >= 1 && blocks <= MOST_CONFIRMATIONS;
  }

  private static Finality finality(String text) {
    return text.equals(FINALIZED)
        ? new Finality.Finalized(OTHERWISE)
        : new Finality.Depth(Long.parseLong(text));
  }

  /** The same for the ledger, which keeps what it sends in that file. */
  public EvmSettings ledger(Path outbox) {
    EvmSettings.RpcLimits standard = EvmSettings.RpcLimits.DEFAULT;
    EvmSettings settings =
        new EvmSettings(
            domain,
            endpoints,
            finality,
            maxFeePerGas.value(),
            symbol,
            DECIMALS,
            firstBlock,
            outbox,
            new EvmSettings.RpcLimits(
                timeout,
                standard.maxAnswer(),
                standard.headAge(),
                standard.staleAfter(),
                standard.patience(),
                standard.logBlocks(),
                stuckAfter,
                standard.watched()));
    return agreeAbove.map(settings::agreeingAbove).orElse(settings);
  }
}
