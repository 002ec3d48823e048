package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.CODEC_UNKNOWN;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Codec;
import java.nio.ByteBuffer;

/**
 * The codecs of blocks, by the number in a CID: raw, dag-pb, dag-cbor and dag-json; to be read
 * only, git-raw and dag-jose. What is signed or encrypted in dag-jose is for whoever has the keys:
 * here such a block is bytes, as it is.
 */
final class Codecs {
  private Codecs() {}

  /**
   * Reads a block; bytes in the result are views of it. What remains of {@code data} is the block;
   * the position stays.
   *
   * @throws ProtocolException if the codec is unknown ({@code CODEC_UNKNOWN}), or the block is not
   *     of it
   */
  public static Node decode(long codec, ByteBuffer data) {
    ByteBuffer in = data.duplicate();
    if (codec == Codec.RAW) {
      return Node.of(in);
    } else if (codec == Codec.DAG_PB) {
      return DagPb.decode(in).toNode();
    } else if (codec == Codec.DAG_CBOR) {
      return DagCbor.decode(in, Limits.BLOCK);
    } else if (codec == Codec.DAG_JSON) {
      return DagJson.decode(in, Limits.BLOCK);
    } else if (codec == Codec.GIT_RAW) {
      return GitRaw.decode(in);
    } else if (codec == Codec.DAG_JOSE) {
      return Node.of(in);
    }
    throw unknown(codec);
  }

  /**
   * Writes a block.
   *
   * @throws ProtocolException if the codec is unknown or read only ({@code CODEC_UNKNOWN}), or
   *     cannot hold the value
   */
  public static byte[] encode(long codec, Node node) {
    if (codec == Codec.RAW) {
      return node.asByteArray();
    } else if (codec == Codec.DAG_PB) {
      return DagPb.encode(PbNode.of(node));
    } else if (codec == Codec.DAG_CBOR) {
      return DagCbor.encode(node);
    } else if (codec == Codec.DAG_JSON) {
      return DagJson.encode(node);
    }
    throw unknown(codec);
  }

  /** Whether blocks of a codec can be read here. */
  public static boolean isKnown(long codec) {
    return codec == Codec.RAW
        || codec == Codec.DAG_PB
        || codec == Codec.DAG_CBOR
        || codec == Codec.DAG_JSON
        || codec == Codec.GIT_RAW
        || codec == Codec.DAG_JOSE;
  }

  private static ProtocolException unknown(long codec) {
    return new ProtocolException(
        CODEC_UNKNOWN, "no block of codec " + Codec.name(codec) + " can be read or written here");
  }
}
