package io.sluice.protocol.pullsync.bee;

import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.Signature;
import java.nio.ByteBuffer;

/**
 * A postage stamp: the owner of a batch lets a chunk in.
 *
 * <p>Spec: bee v2.8.1, {@code pkg/postage}.
 *
 * @param batch whose stamp it is
 * @param index the place in the batch: a bucket, and a number in it, both of 32 bits
 * @param timestamp when it was made; of two stamps for one place the later one counts
 * @param signature over chunk, batch, index and timestamp
 */
public record Stamp(Bytes32 batch, long index, long timestamp, Signature signature) {
  /** The bytes of a stamp: batch, index, timestamp, signature. */
  public static final int BYTES = Bytes32.LENGTH + 2 * Long.BYTES + Signature.LENGTH;

  /** Why a stamp does not let a chunk in. */
  public enum StampFault {
    /** Its batch is not known here. */
    UNKNOWN_BATCH,
    /** It was made for another part of the addresses. */
    OTHER_BUCKET,
    /** The batch has no such place. */
    NO_SUCH_PLACE,
    /** It is not signed by the owner of the batch. */
    OTHER_OWNER
  }

  /**
   * Reads a stamp.
   *
   * @throws ProtocolException unless there are exactly {@link #BYTES}
   */
  public static Stamp decode(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new ProtocolException(
          DECODE_MALFORMED, "a stamp of %d bytes, not %d".formatted(bytes.length, BYTES));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Bytes32 batch = Bytes32.of(take(in, Bytes32.LENGTH));
    long index = in.getLong();
    long timestamp = in.getLong();
    return new Stamp(batch, index, timestamp, Signature.of(take(in, Signature.LENGTH)));
  }

  private static byte[] take(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /** As it travels. */
  public byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .put(batch.bytes())
        .putLong(index)
        .putLong(timestamp)
        .put(signature.bytes())
        .array();
  }

  /** What tells stamps of one batch for one chunk apart. */
  public Bytes32 hash(BeeCrypto crypto) {
    return crypto.keccak(encode());
  }

  /** What is signed for it. */
  public Bytes32 digest(Bytes32 chunk, BeeCrypto crypto) {
    byte[] place = ByteBuffer.allocate(2 * Long.BYTES).putLong(index).putLong(timestamp).array();
    return crypto.signedMessage(crypto.keccak(chunk.bytes(), batch.bytes(), place));
  }

  /** The bucket of the index. */
  int bucket() {
    return (int) (index >>> Integer.SIZE);
  }

  /** The number in the bucket. */
  long number() {
    return Integer.toUnsignedLong((int) index);
  }
}
