package io.sluice.protocol.pullsync;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The bytes of messages: a protobuf with one field, whose number says which message it holds. Data
 * is not copied, neither way.
 */
final class PullsyncMessages {
  private static final List<MessageReader> READERS =
      List.of(
          Syn::decode,
          Ack::decode,
          Get::decode,
          Offer::decode,
          Want::decode,
          Delivery::decode,
          PullsyncError::decode);

  @FunctionalInterface
  private interface MessageReader {
    PullsyncMessage read(ProtobufReader in);
  }

  private PullsyncMessages() {}

  /** A message, without a length before it. */
  static byte[] encode(PullsyncMessage message) {
    return writer(message).toBytes();
  }

  static ProtobufWriter writer(PullsyncMessage message) {
    return switch (message) {
      case Syn syn -> wrap(1, syn.encode());
      case Ack ack -> wrap(2, ack.encode());
      case Get get -> wrap(3, get.encode());
      case Offer offer -> wrap(4, offer.encode());
      case Want want -> wrap(5, want.encode());
      case Delivery delivery -> wrap(6, delivery.encode());
      case PullsyncError error -> wrap(7, error.encode());
    };
  }

  private static ProtobufWriter wrap(int field, ProtobufWriter message) {
    return new ProtobufWriter().message(field, message);
  }

  /**
   * Reads what remains. Fields that are not known are passed over within a message, not in its
   * place.
   *
   * @throws io.sluice.protocol.ProtocolException {@code BAD_PULLSYNC}, {@code BAD_CID}, those of
   *     protobuf
   */
  static PullsyncMessage decode(ByteBuffer bytes) {
    ProtobufReader in = new ProtobufReader(bytes, ProtobufReader.Dialect.LIBP2P);
    if (!in.next()) {
      throw BadPullsync.because("an empty message");
    }
    int field = in.field();
    if (field > READERS.size()) {
      throw BadPullsync.because("a message of kind " + field);
    }
    PullsyncMessage message = READERS.get(field - 1).read(in.message());
    if (in.next()) {
      throw BadPullsync.because("more than one message, the second of kind " + in.field());
    }
    return message;
  }
}
