package io.sluice.payments.token;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tokens that are known here. Symbols mean the same in upper and lower case, and no two tokens
 * may have one.
 *
 * @param coin the ledger's native coin, whose address is zero
 * @param others tokens that have a contract
 * @param accepted the addresses of what channels pay in, at least one; zero for the coin. The first
 *     is meant where none is named
 */
public record Tokens(Token coin, List<Token> others, List<EvmAddress> accepted) {
  /** How the ledger's native coin is named where tokens are named by address. */
  public static final String NATIVE = "native";

  /** More no amount has. */
  private static final int MOST_BITS = 128;

  /** Throws {@link IllegalArgumentException} if a symbol or an address is there twice. */
  public Tokens {
    others = List.copyOf(others);
    accepted = List.copyOf(accepted);
    if (accepted.isEmpty()) {
      throw new IllegalArgumentException("channels pay in something");
    }
    if (Set.copyOf(accepted).size() < accepted.size()) {
      throw new IllegalArgumentException("a token to be paid in is there twice");
    }
    Set<Object> seen = new HashSet<>();
    for (Token token : all(coin, others)) {
      if (!seen.add(token.symbol().toUpperCase(Locale.ROOT)) || !seen.add(token.address())) {
        throw new IllegalArgumentException(
            "symbol or address of %s is another token's already".formatted(token.symbol()));
      }
    }
  }

  /** Where channels pay in the coin. */
  public Tokens(Token coin, List<Token> others) {
    this(coin, others, coin.address());
  }

  /** Where channels pay in one token; zero for the coin. */
  public Tokens(Token coin, List<Token> others, EvmAddress paidIn) {
    this(coin, others, List.of(paidIn));
  }

  /** What channels pay in where none is named: the first of those that they may. */
  public EvmAddress paidIn() {
    return accepted.getFirst();
  }

  /** Whether channels pay in the token of that address. */
  public boolean accepts(EvmAddress address) {
    return accepted.contains(address);
  }

  private static List<Token> all(Token coin, List<Token> others) {
    List<Token> all = new ArrayList<>(List.of(coin));
    all.addAll(others);
    return all;
  }

  /** All of them, the coin first. */
  public List<Token> all() {
    return all(coin, others);
  }

  /** The token of that address, if it is known here. */
  public Optional<Token> at(EvmAddress address) {
    return all().stream().filter(token -> token.address().equals(address)).findFirst();
  }

  /**
   * What was written, as base units of the first that channels pay in.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public TokenAmount read(WrittenAmount written) {
    return read(written, paidIn());
  }

  /**
   * What was written, as base units of the token of that address, in which something is paid. An
   * amount of another token is refused: it is worth something else.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public TokenAmount read(WrittenAmount written, EvmAddress address) {
    if (written.symbol().isEmpty()) {
      return written.units();
    }
    Token token = named(written.symbol().get());
    if (!token.address().equals(address)) {
      throw new IllegalArgumentException(
          "%s is not what this is paid in; expected %s or base units"
              .formatted(token.symbol(), name(address)));
    }
    return token.units(written.whole(), written.fraction());
  }

  /**
   * What was written: of the token that its symbol names, which has to be one that channels pay in,
   * or base units of the first of these.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public TokenSum sum(WrittenAmount written) {
    EvmAddress address = written.symbol().map(symbol -> named(symbol).address()).orElse(paidIn());
    requireAccepted(address);
    return new TokenSum(address, read(written, address));
  }

  /**
   * What was written, each amount of another token that channels pay in.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public Amounts amounts(List<WrittenAmount> written) {
    Map<EvmAddress, TokenAmount> all = new HashMap<>();
    for (WrittenAmount each : written) {
      TokenSum sum = sum(each);
      if (all.put(sum.token(), sum.amount()) != null) {
        throw new IllegalArgumentException(
            "there are two amounts of " + name(sum.token()) + "; give one of each token");
      }
    }
    return new Amounts(all);
  }

  /**
   * A token that channels pay in, by its symbol, its address, or {@code native}.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public EvmAddress find(String symbolOrAddress) {
    EvmAddress address =
        symbolOrAddress.equals(NATIVE)
            ? coin.address()
            : symbolOrAddress.startsWith("0x")
                ? Token.address(symbolOrAddress)
                : named(symbolOrAddress).address();
    requireAccepted(address);
    return address;
  }

  private void requireAccepted(EvmAddress address) {
    if (!accepts(address)) {
      throw new IllegalArgumentException(
          "%s is not what channels pay in here; expected %s"
              .formatted(name(address), acceptedNames()));
    }
  }

  /** That many whole tokens of each that channels pay in and whose decimals are known. */
  public Amounts whole(long count) {
    Map<EvmAddress, TokenAmount> all = new HashMap<>();
    for (EvmAddress address : accepted) {
      at(address)
          .map(token -> BigInteger.valueOf(count).multiply(BigInteger.TEN.pow(token.decimals())))
          .filter(units -> units.bitLength() <= MOST_BITS)
          .ifPresent(units -> all.put(address, new TokenAmount(units)));
    }
    return new Amounts(all);
  }

  private Token named(String symbol) {
    return all().stream()
        .filter(token -> token.symbol().equalsIgnoreCase(symbol))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no token '%s' is known here; known: %s"
                        .formatted(
                            symbol,
                            all().stream().map(Token::symbol).collect(Collectors.joining(", ")))));
  }

  /** What channels pay in, for people. */
  public String acceptedNames() {
    return accepted.stream().map(this::name).collect(Collectors.joining(", "));
  }

  /** A token for people: its symbol, or its address where it is not known here. */
  public String name(EvmAddress address) {
    return at(address).map(Token::symbol).orElseGet(() -> "token " + address);
  }

  /** An amount of the first that channels pay in, as {@link #show(TokenAmount, EvmAddress)}. */
  public String show(TokenAmount amount) {
    return show(amount, paidIn());
  }

  /** An amount of the token of that address; of one that is not known here, its base units. */
  public String show(TokenAmount amount, EvmAddress address) {
    return at(address)
        .map(token -> token.show(amount))
        .orElseGet(() -> "%s base units of %s".formatted(amount, address));
  }
}
