package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * The Ed25519 key pair that a host proves itself with. The peer id is made from its public half, so
 * this is to be kept and kept secret.
 */
public final class Identity {
  private static final int SEED = 32;

  private final Ed25519PrivateKeyParameters secret;
  private final PublicKey publicKey;
  private final PeerId peerId;

  private Identity(Ed25519PrivateKeyParameters secret) {
    this.secret = secret;
    this.publicKey = PublicKey.ed25519(secret.generatePublicKey().getEncoded());
    this.peerId = publicKey.peerId();
  }

  /** A new one from the system's source of randomness. */
  public static Identity generate() {
    return generate(new SecureRandom());
  }

  /** A new one from the given randomness. */
  public static Identity generate(SecureRandom random) {
    return new Identity(new Ed25519PrivateKeyParameters(random));
  }

  /** The one that this seed of 32 bytes always gives. */
  public static Identity ofSeed(byte[] seed) {
    if (seed.length != SEED) {
      throw new IllegalArgumentException("seed of " + seed.length + " bytes instead of " + SEED);
    }
    return new Identity(new Ed25519PrivateKeyParameters(seed, 0));
  }

  /**
   * Reads a private key in libp2p's protobuf form, as other implementations store it too; the older
   * form with the public key twice included.
   *
   * @throws ProtocolException if it is no Ed25519 key, or its halves do not belong together
   */
  public static Identity decode(byte[] encoded) {
    PublicKey envelope = PublicKey.decode(encoded); // the private message has the same two fields
    byte[] data = envelope.data();
    if (envelope.type() != PublicKey.ED25519 || (data.length != 64 && data.length != 96)) {
      throw new ProtocolException(
          "DECODE_MALFORMED", "private key of type " + envelope.type() + " is no Ed25519 key");
    }
    Identity identity = ofSeed(Arrays.copyOf(data, SEED));
    for (int at = SEED; at < data.length; at += SEED) {
      if (!Arrays.equals(data, at, at + SEED, identity.publicKey.data(), 0, SEED)) {
        throw new ProtocolException(
            "DECODE_MALFORMED", "private key does not belong to its public key");
      }
    }
    return identity;
  }

  /** The private key in libp2p's protobuf form: secret. */
  public byte[] encoded() {
    byte[] pair = Arrays.copyOf(secret.getEncoded(), 2 * SEED);
    System.arraycopy(publicKey.data(), 0, pair, SEED, SEED);
    return new ProtobufWriter().number(1, PublicKey.ED25519).bytes(2, pair).toBytes();
  }

  /** The seed that {@link #ofSeed} makes it from: secret. */
  public byte[] seed() {
    return secret.getEncoded();
  }

  /** The name that follows from the public key. */
  public PeerId peerId() {
    return peerId;
  }

  PublicKey publicKey() {
    return publicKey;
  }

  /** Signs as RFC 8032 says; 64 bytes. */
  public byte[] sign(byte[] message) {
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, secret);
    signer.update(message, 0, message.length);
    return signer.generateSignature();
  }

  /** Names the peer, never the key. */
  @Override
  public String toString() {
    return "Identity[" + peerId + "]";
  }
}
