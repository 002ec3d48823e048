package io.sluice.payments.token;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tokens that are known here. Symbols mean the same in upper and lower case, and no two tokens
 * may have one.
 *
 * @param coin the ledger's native coin, whose address is zero
 * @param others tokens that have a contract
 * @param paidIn the address of what channels pay in; zero for the coin
 */
public record Tokens(Token coin, List<Token> others, EvmAddress paidIn) {
  /** Throws {@link IllegalArgumentException} if a symbol or an address is there twice. */
  public Tokens {
    others = List.copyOf(others);
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
   * What was written, as base units of what channels pay in.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public TokenAmount read(WrittenAmount written) {
    return read(written, paidIn);
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
  public String name() {
    return name(paidIn);
  }

  /** A token for people: its symbol, or its address where it is not known here. */
  public String name(EvmAddress address) {
    return at(address).map(Token::symbol).orElseGet(() -> "token " + address);
  }

  /** An amount of what channels pay in, as {@link #show(TokenAmount, EvmAddress)}. */
  public String show(TokenAmount amount) {
    return show(amount, paidIn);
  }

  /** An amount of the token of that address; of one that is not known here, its base units. */
  public String show(TokenAmount amount, EvmAddress address) {
    return at(address)
        .map(token -> token.show(amount))
        .orElseGet(() -> "%s base units of %s".formatted(amount, address));
  }
}
