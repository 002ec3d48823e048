package io.sluice.payments.voucher;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;

/**
 * One payment channel contract on one chain: the EIP-712 domain that every signature is bound to,
 * so that none can be played again elsewhere.
 *
 * @param chainId the chain's number, not negative
 * @param contract the contract's address
 */
public record Domain(long chainId, EvmAddress contract) {
  /** The stored form: two fields among those of what it is about. */
  public static final MapCodec<Domain> CODEC =
      MapCodec.of(
          f ->
              new Domain(
                  f.get("ChainID", LONG, Domain::chainId),
                  f.get("Contract", ADDRESS, Domain::contract)));

  static final Bytes32 TYPE_HASH =
      Keccak.hash(
          "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

  /** The contract's name in every signature. */
  public static final String NAME = "PaymentChannels";

  /** The contract's version in every signature. */
  public static final String VERSION = "1";

  private static final Bytes32 NAME_HASH = Keccak.hash(NAME);
  private static final Bytes32 VERSION_HASH = Keccak.hash(VERSION);

  /** Throws {@link IllegalArgumentException} if the chain id is negative. */
  public Domain {
    if (chainId < 0) {
      throw new IllegalArgumentException("negative chain id: " + chainId);
    }
  }

  /** The domain separator of EIP-712. */
  public Bytes32 separator() {
    return new AbiWords(5)
        .put(TYPE_HASH)
        .put(NAME_HASH)
        .put(VERSION_HASH)
        .put(chainId)
        .put(contract)
        .hash();
  }

  /** The digest to sign for a struct of that hash. */
  Bytes32 digest(Bytes32 structHash) {
    return Keccak.hash(new byte[] {0x19, 0x01}, separator().bytes(), structHash.bytes());
  }

  /**
   * The id of the channel with these parameters. Both ends can recompute it, so an id proves what
   * it stands for; the salt, chosen by the payer, keeps a closed id from being used again.
   */
  public Bytes32 channelId(
      EvmAddress payer,
      EvmAddress payee,
      EvmAddress signer,
      EvmAddress token,
      long challengeSeconds,
      Bytes32 salt) {
    return new AbiWords(8)
        .put(chainId)
        .put(contract)
        .put(payer)
        .put(payee)
        .put(signer)
        .put(token)
        .put(challengeSeconds)
        .put(salt)
        .hash();
  }

  /** {@code CHAIN:CONTRACT}. */
  @Override
  public String toString() {
    return chainId + ":" + contract;
  }
}
