package io.sluice.protocol.graphsync.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** The two protocols, which differ in the encoding of messages alone. */
public enum WireVersion {
  /** 2.0.0: dag-cbor. */
  V2("/ipfs/graphsync/2.0.0"),
  /** 1.0.0: protobuf. */
  V1("/ipfs/graphsync/1.0.0");

  /** Bytes of a frame behind its length; a longer one is refused by every peer. */
  public static final int MAX_FRAME = 1 << 22;

  private final String protocol;

  WireVersion(String protocol) {
    this.protocol = protocol;
  }

  /** Its name in a negotiation. */
  public String protocol() {
    return protocol;
  }

  /** Both names, the preferred one first. */
  public static List<String> protocols() {
    return Arrays.stream(values()).map(WireVersion::protocol).toList();
  }

  /** The protocol of a stream that was opened for one of the two. */
  public static WireVersion ofProtocol(String protocol) {
    return protocol.equals(V1.protocol) ? V1 : V2;
  }

  /** The encoding in pieces, in which blocks stand uncopied. */
  public List<ByteBuffer> encode(GraphsyncMessage message, RequestNumbers numbers) {
    return this == V2 ? CborMessages.encode(message) : ProtobufMessages.encode(message, numbers);
  }

  /**
   * Reads one message that fills the buffer; its blocks are views of the buffer.
   *
   * @throws io.sluice.protocol.ProtocolException if it does not hold a message
   */
  public GraphsyncMessage decode(ByteBuffer frame, RequestNumbers numbers) {
    return this == V2 ? CborMessages.decode(frame) : ProtobufMessages.decode(frame, numbers);
  }
}
