package io.sluice.node.pullsync.bee;

import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.Signatures;
import io.sluice.protocol.pullsync.bee.BeeCrypto;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.util.Optional;

/** Swarm signs as contracts do: by what vouchers are signed with. */
final class EvmCrypto implements BeeCrypto {
  @Override
  public Bytes32 keccak(byte[]... parts) {
    return Keccak.hash(parts);
  }

  @Override
  public Optional<EvmAddress> signer(Signature signature, Bytes32 digest) {
    return Signatures.signer(signature, digest);
  }
}
