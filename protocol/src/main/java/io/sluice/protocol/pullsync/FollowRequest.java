package io.sluice.protocol.pullsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks a node to pull from whoever asks, or to stop doing so. It is all that one side sends on its
 * stream before it ends it; the other sends a {@link FollowAnswer} and ends its own.
 *
 * @param lane what it is to pull
 * @param name what that is to be called there, for people, up to 64 bytes
 * @param addresses where to reach whoever asks, up to {@link #MOST_ADDRESSES}, without its id
 * @param stop whether it is to pull that no more, if it does because it was asked to
 */
public record FollowRequest(Lane lane, String name, List<Multiaddr> addresses, boolean stop) {
  /** Its protocol. */
  public static final String PROTOCOL = "/sluice/pullsync/1.0.0/follow";

  /** Addresses of one node. */
  public static final int MOST_ADDRESSES = 32;

  /** The message, and its answer. */
  public static final int LONGEST = 16 << 10;

  /** What cannot be meant. */
  public static final String CODE = "BAD_FOLLOW";

  private static final int LONGEST_NAME = 64;

  /** Copies the list; refuses what is too long. */
  public FollowRequest {
    addresses = List.copyOf(addresses);
    if (addresses.size() > MOST_ADDRESSES) {
      throw new ProtocolException(CODE, addresses.size() + " addresses");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
      throw new ProtocolException(CODE, "a name of more than " + LONGEST_NAME + " bytes");
    }
  }

  /** Asks to pull. */
  public static FollowRequest begin(Lane lane, String name, List<Multiaddr> addresses) {
    return new FollowRequest(lane, name, addresses, false);
  }

  /** Asks to pull no more. */
  public static FollowRequest stop(Lane lane) {
    return new FollowRequest(lane, "", List.of(), true);
  }

  /** Its bytes, a protobuf. */
  public byte[] encode() {
    ProtobufWriter writer = new ProtobufWriter().text(1, lane.toString()).text(2, name);
    addresses.forEach(each -> writer.text(3, each.toString()));
    if (stop) {
      writer.number(4, 1);
    }
    return writer.toBytes();
  }

  /**
   * Reads what {@link #encode} writes, and what later versions may add to it.
   *
   * @throws ProtocolException if it is anything else
   */
  public static FollowRequest decode(ByteBuffer bytes) {
    ProtobufReader in = new ProtobufReader(bytes, ProtobufReader.Dialect.LIBP2P);
    String lane = "";
    String name = "";
    List<Multiaddr> addresses = new ArrayList<>();
    boolean stop = false;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> lane = in.text();
        case 2 -> name = in.text();
        case 3 -> addresses.add(Multiaddr.parse(in.text()));
        case 4 -> stop = in.number() != 0;
        default -> in.skip();
      }
      if (addresses.size() > MOST_ADDRESSES) {
        throw new ProtocolException(CODE, "more than " + MOST_ADDRESSES + " addresses");
      }
    }
    return new FollowRequest(Lane.parse(lane), name, addresses, stop);
  }
}
