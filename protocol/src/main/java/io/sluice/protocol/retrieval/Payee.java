package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import java.util.Objects;
import java.util.Optional;

/**
 * Where and how a provider wants to be paid.
 *
 * @param chainId EIP-155 id of the chain
 * @param contract the payment channel contract
 * @param token ERC-20 token, or zero for the chain's native coin
 * @param address the account that channels must pay
 * @param minChallenge shortest challenge period accepted, in seconds
 * @param minDeposit smallest deposit accepted
 * @param confirmations after how many blocks a deposit counts
 * @param symbol the token's symbol, to show to people
 * @param decimals the token's decimals, to show to people
 */
public record Payee(
    long chainId,
    EvmAddress contract,
    EvmAddress token,
    EvmAddress address,
    long minChallenge,
    TokenAmount minDeposit,
    long confirmations,
    Optional<String> symbol,
    Optional<Long> decimals) {

  /** Throws {@link ProtocolException} {@code BAD_PAYEE} when a figure is out of range. */
  public Payee {
    Objects.requireNonNull(contract, "contract");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(minDeposit, "minDeposit");
    Objects.requireNonNull(symbol, "symbol");
    Objects.requireNonNull(decimals, "decimals");
    if (chainId < 0 || minChallenge < 0 || confirmations < 0 || address.isZero()) {
      throw new ProtocolException("BAD_PAYEE", "payee figures out of range");
    }
  }

  /** The wire form; absent fields are left out. */
  public Node toNode() {
    Node.MapBuilder map =
        Node.map()
            .put("ChainID", Node.of(chainId))
            .put("Contract", Node.of(contract.bytes()))
            .put("Token", Node.of(token.bytes()))
            .put("Address", Node.of(address.bytes()))
            .put("MinChallenge", Node.of(minChallenge))
            .put("MinDeposit", Node.of(minDeposit.bytes()))
            .put("Confirmations", Node.of(confirmations));
    symbol.ifPresent(text -> map.put("Symbol", Node.of(text)));
    decimals.ifPresent(count -> map.put("Decimals", Node.of(count)));
    return map.build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static Payee of(Node node) {
    return new Payee(
        Fields.count(node, "ChainID"),
        Fields.address(node, "Contract"),
        Fields.address(node, "Token"),
        Fields.address(node, "Address"),
        Fields.count(node, "MinChallenge"),
        Fields.amount(node, "MinDeposit"),
        Fields.count(node, "Confirmations"),
        Fields.optional(node, "Symbol", Fields::text),
        Fields.optional(node, "Decimals", Fields::count));
  }
}
