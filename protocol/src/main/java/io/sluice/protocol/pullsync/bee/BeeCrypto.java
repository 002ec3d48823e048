package io.sluice.protocol.pullsync.bee;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What chunks and stamps are checked with, provided by whoever has the curve. Safe for any number
 * of threads.
 */
public interface BeeCrypto {
  /** Keccak-256 of the parts, one after another. */
  Bytes32 keccak(byte[]... parts);

  /** The account whose key signed a digest; empty if the signature is not a valid one. */
  Optional<EvmAddress> signer(Signature signature, Bytes32 digest);

  /** What is signed for a hash by programs that sign messages for Ethereum. */
  default Bytes32 signedMessage(Bytes32 hash) {
    return keccak(
        "\u0019Ethereum Signed Message:\n32".getBytes(StandardCharsets.US_ASCII), hash.bytes());
  }
}
