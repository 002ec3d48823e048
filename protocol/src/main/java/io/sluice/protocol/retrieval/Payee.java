package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.TEXT_FOR_PEOPLE;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.MapCodec;
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

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<Payee> CODEC =
      MapCodec.of(
          f ->
              new Payee(
                  f.get("ChainID", COUNT, Payee::chainId),
                  f.get("Contract", ADDRESS, Payee::contract),
                  f.get("Token", ADDRESS, Payee::token),
                  f.get("Address", ADDRESS, Payee::address),
                  f.get("MinChallenge", COUNT, Payee::minChallenge),
                  f.get("MinDeposit", AMOUNT, Payee::minDeposit),
                  f.get("Confirmations", COUNT, Payee::confirmations),
                  f.find("Symbol", TEXT_FOR_PEOPLE, Payee::symbol),
                  f.find("Decimals", COUNT, Payee::decimals)));

  /** Throws {@link ProtocolException} {@code BAD_PAYEE} when a figure is out of range. */
  public Payee {
    if (chainId < 0 || minChallenge < 0 || confirmations < 0 || address.isZero()) {
      throw new ProtocolException("BAD_PAYEE", "payee figures out of range");
    }
  }
}
