package io.sluice.protocol.pullsync;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;

/**
 * What a node says that was asked to pull.
 *
 * @param refusal why it does not, for people; empty if it does
 */
public record FollowAnswer(String refusal) {
  /** It does. */
  public static final FollowAnswer YES = new FollowAnswer("");

  private static final int LONGEST_TEXT = 1024;

  /** Cuts the text: others write it. */
  public FollowAnswer {
    refusal = refusal.substring(0, Math.min(refusal.length(), LONGEST_TEXT));
  }

  /** Its bytes, a protobuf; there are some in any case, so that nothing is no answer. */
  public byte[] encode() {
    return new ProtobufWriter().number(1, refusal.isEmpty() ? 1 : 2).text(2, refusal).toBytes();
  }

  /**
   * Reads what {@link #encode} writes.
   *
   * @throws io.sluice.protocol.ProtocolException if it is anything else
   */
  public static FollowAnswer decode(ByteBuffer bytes) {
    ProtobufReader in = new ProtobufReader(bytes, ProtobufReader.Dialect.LIBP2P);
    long code = 0;
    String refusal = "";
    while (in.next()) {
      switch (in.field()) {
        case 1 -> code = in.number();
        case 2 -> refusal = in.text();
        default -> in.skip();
      }
    }
    return code == 1 ? YES : new FollowAnswer(refusal.isEmpty() ? "it says no" : refusal);
  }
}
