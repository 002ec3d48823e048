package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.BAD_PEER_ID;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Who a libp2p peer is: the multihash of its public key, or the key itself if that is short.
 *
 * <p>Immutable; compared by its bytes. Spec: libp2p/specs, peer-ids.
 */
public final class PeerId implements Comparable<PeerId> {
  /** Keys up to this length stand in the id themselves. */
  private static final int MAX_INLINE_KEY = 42;

  private final Multihash multihash;
  private final String text;

  private PeerId(Multihash multihash) {
    this.multihash = multihash;
    this.text = Multibase.BASE58_BTC.encodeBare(multihash.bytes());
  }

  /**
   * Reads the binary form.
   *
   * @throws ProtocolException {@code BAD_PEER_ID} if it is not one
   */
  public static PeerId of(byte[] bytes) {
    Multihash multihash;
    try {
      multihash = Multihash.of(bytes);
    } catch (ProtocolException e) {
      throw new ProtocolException(BAD_PEER_ID, "no peer id: " + e.getMessage(), e);
    }
    return of(multihash);
  }

  private static PeerId of(Multihash multihash) {
    int length = multihash.digestLength();
    boolean key = multihash.code() == Multihash.IDENTITY && length > 0 && length <= MAX_INLINE_KEY;
    boolean hash = multihash.code() == Multihash.SHA2_256 && length == 32;
    if (!key && !hash) {
      throw new ProtocolException(BAD_PEER_ID, "no hash of a public key: " + multihash);
    }
    return new PeerId(multihash);
  }

  /**
   * Reads the text form: bare base58, or a CID with the codec libp2p-key.
   *
   * @throws ProtocolException {@code BAD_PEER_ID} if it is not one
   */
  public static PeerId parse(String text) {
    try {
      if (text.startsWith("Qm") || text.startsWith("1")) {
        return of(Multibase.BASE58_BTC.decodeBare(text));
      }
      Cid cid = Cid.parse(text);
      if (cid.codec() != Codec.LIBP2P_KEY) {
        throw new ProtocolException(
            BAD_PEER_ID, "a CID of " + Codec.name(cid.codec()) + " is not a peer id");
      }
      return of(cid.hash());
    } catch (ProtocolException e) {
      if (e.code().equals(BAD_PEER_ID)) {
        throw e;
      }
      throw new ProtocolException(BAD_PEER_ID, "no peer id: " + e.getMessage(), e);
    }
  }

  /** The id of the peer with a public key, given in libp2p's protobuf form. */
  public static PeerId ofPublicKey(byte[] libp2pKeyProtobuf) {
    long function =
        libp2pKeyProtobuf.length <= MAX_INLINE_KEY ? Multihash.IDENTITY : Multihash.SHA2_256;
    return new PeerId(Multihash.hash(function, ByteBuffer.wrap(libp2pKeyProtobuf)));
  }

  /** The multihash that the id is. */
  public Multihash multihash() {
    return multihash;
  }

  /** A copy of the binary form. */
  public byte[] bytes() {
    return multihash.bytes();
  }

  @Override
  public int compareTo(PeerId other) {
    return multihash.compareTo(other.multihash);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerId that && multihash.equals(that.multihash);
  }

  @Override
  public int hashCode() {
    return multihash.hashCode();
  }

  /** The id in bare base58. */
  @Override
  public String toString() {
    return text;
  }
}
