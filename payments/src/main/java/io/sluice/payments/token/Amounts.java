package io.sluice.payments.token;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * At most one amount of each token: a limit where more than one may be paid in. Amounts of
 * different tokens are never held against each other, so whoever has one asks for the limit of its
 * token, and says what holds where there is none.
 *
 * @param byToken base units, by the token's address; zero is the native coin
 */
public record Amounts(Map<EvmAddress, TokenAmount> byToken) {
  /** Of no token. */
  public static final Amounts NONE = new Amounts(Map.of());

  /** Copies the map. */
  public Amounts {
    byToken = Map.copyOf(byToken);
  }

  /** Of one token. */
  public static Amounts of(EvmAddress token, TokenAmount amount) {
    return new Amounts(Map.of(token, amount));
  }

  /** As many base units of each of those tokens. */
  public static Amounts ofEach(Collection<EvmAddress> tokens, TokenAmount amount) {
    Map<EvmAddress, TokenAmount> all = new HashMap<>();
    tokens.forEach(token -> all.put(token, amount));
    return new Amounts(all);
  }

  /** That of a token, if there is one. */
  public Optional<TokenAmount> of(EvmAddress token) {
    return Optional.ofNullable(byToken.get(token));
  }

  /** That of a token; zero without one. */
  public TokenAmount orZero(EvmAddress token) {
    return of(token).orElse(TokenAmount.ZERO);
  }

  /** The same, and of tokens that it lacks those of {@code others}. */
  public Amounts or(Amounts others) {
    Map<EvmAddress, TokenAmount> all = new HashMap<>(others.byToken);
    all.putAll(byToken);
    return new Amounts(all);
  }

  /** The same without those that are zero. */
  public Amounts withoutZeros() {
    Map<EvmAddress, TokenAmount> left = new HashMap<>(byToken);
    left.values().removeIf(TokenAmount::isZero);
    return new Amounts(left);
  }

  /** The same with so much more of a token. */
  public Amounts plus(EvmAddress token, TokenAmount more) {
    Map<EvmAddress, TokenAmount> all = new HashMap<>(byToken);
    all.merge(token, more, TokenAmount::plus);
    return new Amounts(all);
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return byToken.isEmpty();
  }

  /** Of which tokens. */
  public Set<EvmAddress> tokens() {
    return byToken.keySet();
  }
}
