package io.sluice.protocol.pullsync.bee;

import io.sluice.protocol.pullsync.bee.Stamp.StampFault;
import io.sluice.protocol.retrieval.Bytes32;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which stamps let a chunk in: those of the batches that are known. */
public final class Postage {
  private final BeeCrypto crypto;
  private final Map<Bytes32, Batch> batches;

  /** Takes stamps of those batches; of two with one id the last counts. */
  public Postage(BeeCrypto crypto, Collection<Batch> batches) {
    this.crypto = crypto;
    this.batches =
        batches.stream()
            .collect(Collectors.toUnmodifiableMap(Batch::id, each -> each, (one, two) -> two));
  }

  /** Whether there is a batch of that id. */
  public boolean knows(Bytes32 batch) {
    return batches.containsKey(batch);
  }

  /** What is wrong with a stamp for a chunk; empty for nothing. */
  public Optional<StampFault> fault(Bytes32 chunk, Stamp stamp) {
    Batch batch = batches.get(stamp.batch());
    if (batch == null) {
      return Optional.of(StampFault.UNKNOWN_BATCH);
    }
    if (stamp.bucket() != bucket(chunk)) {
      return Optional.of(StampFault.OTHER_BUCKET);
    }
    if (stamp.number() >>> (batch.depth() - Batch.BUCKET_DEPTH) != 0) {
      return Optional.of(StampFault.NO_SUCH_PLACE);
    }
    return crypto.signer(stamp.signature(), stamp.digest(chunk, crypto)).stream()
            .anyMatch(batch.owner()::equals)
        ? Optional.empty()
        : Optional.of(StampFault.OTHER_OWNER);
  }

  /** Of an address the first bits. */
  private static int bucket(Bytes32 chunk) {
    return ByteBuffer.wrap(chunk.bytes()).getInt() >>> (Integer.SIZE - Batch.BUCKET_DEPTH);
  }
}
