package io.sluice.protocol.graphsync;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** The two protocols, which differ in the encoding of messages alone. */
enum WireVersion {
  V2("/ipfs/graphsync/2.0.0"),
  V1("/ipfs/graphsync/1.0.0");

  /** Bytes of a frame behind its length; a longer one is refused by every peer. */
  static final int MAX_FRAME = 1 << 22;

  private final String protocol;

  WireVersion(String protocol) {
    this.protocol = protocol;
  }

  String protocol() {
    return protocol;
  }

  static List<String> protocols() {
    return Arrays.stream(values()).map(WireVersion::protocol).toList();
  }

  static WireVersion ofProtocol(String protocol) {
    return protocol.equals(V1.protocol) ? V1 : V2;
  }

  List<ByteBuffer> encode(GraphsyncMessage message, RequestNumbers numbers) {
    return this == V2 ? CborMessages.encode(message) : ProtobufMessages.encode(message, numbers);
  }

  GraphsyncMessage decode(ByteBuffer frame, RequestNumbers numbers) {
    return this == V2 ? CborMessages.decode(frame) : ProtobufMessages.decode(frame, numbers);
  }
}
