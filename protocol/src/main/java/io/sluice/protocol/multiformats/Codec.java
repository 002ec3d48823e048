package io.sluice.protocol.multiformats;

/**
 * The numbers of the codecs a CID can name, as far as this project speaks of them. Spec:
 * multiformats/multicodec.
 */
public final class Codec {
  /** Bytes as they are. */
  public static final long RAW = 0x55;

  /** The protobuf format of files and directories. */
  public static final long DAG_PB = 0x70;

  /** CBOR with links. */
  public static final long DAG_CBOR = 0x71;

  /** A libp2p public key; peer ids as CIDs. */
  public static final long LIBP2P_KEY = 0x72;

  /** An object of git: commit, tree, tag or blob. */
  public static final long GIT_RAW = 0x78;

  /** CBOR that is signed or encrypted. */
  public static final long DAG_JOSE = 0x85;

  /** JSON with links. */
  public static final long DAG_JSON = 0x129;

  private Codec() {}

  /** A name for messages: the codec's own where it is known here, else its number. */
  public static String name(long codec) {
    if (codec == RAW) {
      return "raw";
    } else if (codec == DAG_PB) {
      return "dag-pb";
    } else if (codec == DAG_CBOR) {
      return "dag-cbor";
    } else if (codec == LIBP2P_KEY) {
      return "libp2p-key";
    } else if (codec == GIT_RAW) {
      return "git-raw";
    } else if (codec == DAG_JOSE) {
      return "dag-jose";
    } else if (codec == DAG_JSON) {
      return "dag-json";
    }
    return "0x" + Long.toHexString(codec);
  }
}
