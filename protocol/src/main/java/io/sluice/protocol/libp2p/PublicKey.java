package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.crypto.NativeCrypto;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * A peer's public key, as it travels in handshakes and identify. All four kinds are verified; only
 * Ed25519 is made.
 *
 * <p>Spec: libp2p peer-ids, "Keys".
 *
 * @param type the number of the kind on the wire
 * @param data the key in the form of its kind
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content, and nobody writes into it
record PublicKey(long type, byte[] data) {
  static final int RSA = 0;
  static final int ED25519 = 1;
  static final int SECP256K1 = 2;
  static final int ECDSA = 3;

  /** RSA 8192 needs a little over 1 KiB. */
  private static final int MAX_ENCODED = 2048;

  static PublicKey ed25519(byte[] raw) {
    return new PublicKey(ED25519, raw);
  }

  /** Reads an encoded key; whether its data are a key shows when it verifies something. */
  static PublicKey decode(byte[] encoded) {
    if (encoded.length > MAX_ENCODED) {
      throw new ProtocolException(
          "MESSAGE_TOO_LARGE", "public key of " + encoded.length + " bytes");
    }
    ProtobufReader in = new ProtobufReader(ByteBuffer.wrap(encoded), ProtobufReader.Dialect.LIBP2P);
    long type = -1;
    byte[] data = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = in.number();
        case 2 -> data = in.byteArray();
        default -> in.skip();
      }
    }
    if (type < 0 || data == null) {
      throw new ProtocolException("DECODE_MALFORMED", "public key without type or data");
    }
    return new PublicKey(type, data);
  }

  byte[] encoded() {
    return new ProtobufWriter().number(1, type).bytes(2, data).toBytes();
  }

  /** Hashed from the canonical encoding, whatever encoding came in. */
  PeerId peerId() {
    return PeerId.ofPublicKey(encoded());
  }

  /**
   * Whether the signature is this key's over the message; false as well for data that are not a
   * key.
   */
  boolean verifies(byte[] message, byte[] signature) {
    try {
      return switch ((int) type) {
        case ED25519 -> verifyEd25519(message, signature);
        case SECP256K1 -> verifySecp256k1(message, signature);
        case RSA -> verifyByProvider("RSA", "SHA256withRSA", message, signature);
        case ECDSA -> verifyByProvider("EC", "SHA256withECDSA", message, signature);
        default -> false;
      };
    } catch (GeneralSecurityException | IllegalArgumentException noKeyOrNoSignature) {
      return false;
    }
  }

  private boolean verifyEd25519(byte[] message, byte[] signature) {
    if (data.length != 32 || signature.length != 64) {
      return false;
    }
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(false, new Ed25519PublicKeyParameters(data, 0));
    signer.update(message, 0, message.length);
    return signer.verifySignature(signature);
  }

  private boolean verifySecp256k1(byte[] message, byte[] signature) {
    X9ECParameters curve = CustomNamedCurves.getByName("secp256k1");
    ECDomainParameters domain =
        new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
    DSADigestSigner signer = new DSADigestSigner(new ECDSASigner(), new SHA256Digest());
    signer.init(false, new ECPublicKeyParameters(curve.getCurve().decodePoint(data), domain));
    signer.update(message, 0, message.length);
    return signer.verifySignature(signature);
  }

  private boolean verifyByProvider(String kind, String algorithm, byte[] message, byte[] signature)
      throws GeneralSecurityException {
    Signature verifier = NativeCrypto.signatures(algorithm);
    verifier.initVerify(NativeCrypto.keys(kind).generatePublic(new X509EncodedKeySpec(data)));
    verifier.update(message);
    return verifier.verify(signature);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && type == that.type && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "PublicKey[type " + type + ", " + data.length + " bytes]";
  }
}
