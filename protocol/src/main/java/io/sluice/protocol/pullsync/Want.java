package io.sluice.protocol.pullsync;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.util.function.IntPredicate;

/**
 * Which items of an offer are to be delivered. Item <i>i</i> is bit <i>i</i> mod 8 of byte <i>i</i>
 * div 8, the least significant bit first; there are ⌊n/8⌋ + 1 bytes for n items, and a reader takes
 * those that leave the spare one out. Spec: pullsync 1.0.0, as Swarm's bit vectors.
 *
 * @param bits read-only
 */
public record Want(ByteBuffer bits) implements PullsyncMessage {
  /** Takes a view, which must not change any more. */
  public Want {
    bits = bits.slice().asReadOnlyBuffer();
  }

  /** Wants what it is told of so many items. */
  public static Want of(int items, IntPredicate wanted) {
    byte[] bits = new byte[length(items)];
    for (int i = 0; i < items; i++) {
      if (wanted.test(i)) {
        bits[i / 8] |= (byte) (1 << i % 8);
      }
    }
    return new Want(ByteBuffer.wrap(bits));
  }

  private static int length(int items) {
    return items / 8 + 1;
  }

  /** A view of the bits. */
  @Override
  public ByteBuffer bits() {
    return bits.duplicate();
  }

  /** Whether an item is wanted; of those that there are. */
  public boolean wants(int item) {
    return (bits.get(item / 8) >> item % 8 & 1) != 0;
  }

  /**
   * Refuses bits that are not those of an offer.
   *
   * @throws io.sluice.protocol.ProtocolException {@code BAD_PULLSYNC} if there are too few or too
   *     many, or one is set that stands for no block
   */
  public void requireFor(Offer offer) {
    int items = offer.items().size();
    int bytes = bits.remaining();
    if (bytes * 8 < items || bytes > length(items)) {
      throw BadPullsync.because("a bit vector of %d bytes for %d items".formatted(bytes, items));
    }
    for (int i = 0; i < bytes * 8; i++) {
      if (wants(i) && (i >= items || !offer.items().get(i).isBlock())) {
        throw BadPullsync.because(
            "bit %d of %d items is set, and stands for no block".formatted(i, items));
      }
    }
  }

  ProtobufWriter encode() {
    return new ProtobufWriter().bytes(1, bits);
  }

  static Want decode(ProtobufReader in) {
    ByteBuffer bits = ByteBuffer.allocate(0);
    while (in.next()) {
      if (in.field() == 1) {
        bits = in.bytes();
      } else {
        in.skip();
      }
    }
    return new Want(bits);
  }
}
