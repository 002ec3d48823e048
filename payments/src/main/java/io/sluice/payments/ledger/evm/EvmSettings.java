package io.sluice.payments.ledger.evm;

import io.sluice.payments.token.Amounts;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a ledger on an EVM chain is reached, and what it may cost.
 *
 * @param domain chain and contract; both are checked at every endpoint
 * @param endpoints where JSON-RPC is answered, the preferred first; at least one
 * @param finality what is taken for settled
 * @param maxFeePerGas most that a unit of gas may cost, in the native coin's base units
 * @param symbol what the native coin is called
 * @param decimals how many decimals the native coin is shown with
 * @param firstBlock events before it are of no interest: the contract's own block, or 0
 * @param outbox the file of what was sent
 * @param limits patience and sizes
 * @param agreeAbove of more than so much of a token two endpoints have to say the same before it is
 *     believed; empty where one is believed in everything
 */
public record EvmSettings(
    Domain domain,
    List<URI> endpoints,
    Finality finality,
    BigInteger maxFeePerGas,
    String symbol,
    int decimals,
    long firstBlock,
    Path outbox,
    RpcLimits limits,
    Optional<Amounts> agreeAbove) {

  /** Copies the list; throws {@link IllegalArgumentException} if it is empty. */
  public EvmSettings {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint of chain " + domain.chainId());
    }
  }

  /** Where one endpoint is believed in everything. */
  public EvmSettings(
      Domain domain,
      List<URI> endpoints,
      Finality finality,
      BigInteger maxFeePerGas,
      String symbol,
      int decimals,
      long firstBlock,
      Path outbox,
      RpcLimits limits) {
    this(
        domain,
        endpoints,
        finality,
        maxFeePerGas,
        symbol,
        decimals,
        firstBlock,
        outbox,
        limits,
        Optional.empty());
  }

  /** The same, but of more than that two endpoints have to say the same. */
  public EvmSettings agreeingAbove(Amounts amounts) {
    return new EvmSettings(
        domain,
        endpoints,
        finality,
        maxFeePerGas,
        symbol,
        decimals,
        firstBlock,
        outbox,
        limits,
        Optional.of(amounts));
  }

  /**
   * Whether one endpoint's word is not enough for so much. Of which token that is, it is the same
   * endpoint that says so: one that lies could choose the bound that holds. So two are asked for
   * whatever is above any of them, and believed when they agree.
   */
  boolean needsTwo(TokenAmount amount) {
    return agreeAbove.stream()
        .flatMap(above -> above.byToken().values().stream())
        .anyMatch(amount::exceeds);
  }

  /**
   * Patience and sizes.
   *
   * @param timeout for one answer, until its last byte
   * @param maxAnswer most bytes of one answer
   * @param headAge how old the newest block that was seen may be before it is asked for again
   * @param staleAfter a newest block older than this makes other endpoints be asked, too
   * @param patience how long a submission waits for its block before it is left pending
   * @param logBlocks most blocks in one question for logs
   * @param stuckAfter blocks after which a transaction is replaced by one with higher fees
   * @param watched blocks for which a transaction that was included is looked after
   */
  public record RpcLimits(
      Duration timeout,
      long maxAnswer,
      Duration headAge,
      Duration staleAfter,
      Duration patience,
      long logBlocks,
      long stuckAfter,
      long watched) {

    /** What suits nodes that are used by many. */
    public static final RpcLimits DEFAULT =
        new RpcLimits(
            Duration.ofSeconds(15),
            8L << 20,
            Duration.ofSeconds(1),
            Duration.ofMinutes(10),
            Duration.ofSeconds(2),
            2_000,
            6,
            128);
  }
}
