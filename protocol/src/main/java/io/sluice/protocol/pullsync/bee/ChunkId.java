package io.sluice.protocol.pullsync.bee;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import io.sluice.protocol.retrieval.Bytes32;
import java.util.Arrays;

/**
 * What tells chunks apart in 1.4.0: one may be there with several stamps.
 *
 * @param address of its bytes
 * @param batch of its stamp
 * @param stampHash of its stamp
 */
public record ChunkId(Bytes32 address, Bytes32 batch, Bytes32 stampHash) {
  private static final Bytes32 ZERO = Bytes32.of(new byte[Bytes32.LENGTH]);

  /** The id of a chunk with that stamp. */
  public static ChunkId of(Bytes32 address, Stamp stamp, BeeCrypto crypto) {
    return new ChunkId(address, stamp.batch(), stamp.hash(crypto));
  }

  /** Whether an address is nobody's. */
  public static boolean isZero(Bytes32 address) {
    return address.equals(ZERO);
  }

  static ChunkId decode(ProtobufReader in) {
    byte[][] parts = new byte[4][];
    Arrays.fill(parts, new byte[0]);
    while (in.next()) {
      if (in.field() < parts.length) {
        parts[in.field()] = in.byteArray();
      } else {
        in.skip();
      }
    }
    return new ChunkId(hash(parts[1]), hash(parts[2]), hash(parts[3]));
  }

  private static Bytes32 hash(byte[] bytes) {
    if (bytes.length != Bytes32.LENGTH) {
      throw BadPullsync.because("a chunk is offered by %d bytes".formatted(bytes.length));
    }
    return Bytes32.of(bytes);
  }

  ProtobufWriter fields() {
    return new ProtobufWriter()
        .bytes(1, address.bytes())
        .bytes(2, batch.bytes())
        .bytes(3, stampHash.bytes());
  }
}
