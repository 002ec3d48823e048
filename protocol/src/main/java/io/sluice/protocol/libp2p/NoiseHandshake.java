package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.jspecify.annotations.Nullable;

/**
 * {@code Noise_XX_25519_ChaChaPoly_SHA256}: three messages after which both ends know each other's
 * static key and share two ciphers. Pure computation: bytes in, bytes out.
 *
 * <pre>
 *   → e
 *   ← e, ee, s, es
 *   → s, se
 * </pre>
 *
 * <p>Spec: the Noise protocol framework, revision 34, sections 5 and 7.5.
 */
final class NoiseHandshake {
  static final int KEY = 32;

  /** Exactly 32 bytes, so that it is the first hash itself. */
  private static final byte[] NAME =
      "Noise_XX_25519_ChaChaPoly_SHA256".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] NOTHING = {};

  private enum Token {
    E,
    S,
    EE,
    ES,
    SE
  }

  private static final List<List<Token>> MESSAGES =
      List.of(
          List.of(Token.E),
          List.of(Token.E, Token.EE, Token.S, Token.ES),
          List.of(Token.S, Token.SE));

  private final boolean initiator;
  private final byte[] staticSecret;
  private final byte[] ephemeralSecret;
  private byte @Nullable [] remoteStatic;
  private byte @Nullable [] remoteEphemeral;
  private byte[] hash = NAME;
  private byte[] chainingKey = NAME;
  private @Nullable NoiseCipher cipher;
  private int message;

  /**
   * Starts one.
   *
   * @param initiator whether this end dialled
   * @param staticSecret X25519 private key that stays the same for the host
   * @param ephemeralSecret X25519 private key for this handshake only
   */
  NoiseHandshake(boolean initiator, byte[] staticSecret, byte[] ephemeralSecret) {
    this.initiator = initiator;
    this.staticSecret = staticSecret;
    this.ephemeralSecret = ephemeralSecret;
    mixHash(NOTHING); // the prologue
  }

  static byte[] publicOf(byte[] secret) {
    byte[] result = new byte[KEY];
    X25519.scalarMultBase(secret, 0, result, 0);
    return result;
  }

  /** Whether it is this end's turn to write. */
  boolean writesNext() {
    return !done() && (message % 2 == 0) == initiator;
  }

  boolean done() {
    return message == MESSAGES.size();
  }

  /** The next message of this end, with the payload in it. */
  byte[] write(byte[] payload) {
    if (!writesNext()) {
      throw new IllegalStateException("it is the peer's turn at message " + (message + 1));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Token token : MESSAGES.get(message)) {
      switch (token) {
        case E -> {
          byte[] ephemeral = publicOf(ephemeralSecret);
          mixHash(ephemeral);
          out.writeBytes(ephemeral);
        }
        case S -> out.writeBytes(encryptAndHash(publicOf(staticSecret)));
        default -> mixSecret(token);
      }
    }
    out.writeBytes(encryptAndHash(payload));
    message++;
    return out.toByteArray();
  }

  /**
   * Takes the peer's next message and returns the payload in it.
   *
   * @throws ProtocolException if it is too short or not authentic
   */
  byte[] read(byte[] in) {
    if (done() || writesNext()) {
      throw new ProtocolException("HANDSHAKE_INVALID", "noise message out of turn");
    }
    int at = 0;
    for (Token token : MESSAGES.get(message)) {
      switch (token) {
        case E -> {
          byte[] ephemeral = take(in, at, KEY);
          at += KEY;
          mixHash(ephemeral);
          remoteEphemeral = ephemeral;
        }
        case S -> {
          byte[] sealed = take(in, at, KEY + NoiseCipher.TAG);
          at += sealed.length;
          remoteStatic = decryptAndHash(sealed);
        }
        default -> mixSecret(token);
      }
    }
    byte[] payload = decryptAndHash(Arrays.copyOfRange(in, at, in.length));
    message++;
    return payload;
  }

  /** Whether the peer's static key, and with it a payload worth reading, has come. */
  boolean knowsPeer() {
    return remoteStatic != null;
  }

  byte[] remoteStatic() {
    return known(remoteStatic);
  }

  /** Binds whatever is agreed later to this handshake; the same at both ends. */
  byte[] hash() {
    return hash.clone();
  }

  /** The two ciphers of a finished handshake. */
  CipherPair transport() {
    if (!done()) {
      throw new IllegalStateException("handshake not done");
    }
    byte[][] keys = derive(NOTHING);
    NoiseCipher toResponder = new NoiseCipher(keys[0]);
    NoiseCipher toInitiator = new NoiseCipher(keys[1]);
    return initiator
        ? new CipherPair(toResponder, toInitiator)
        : new CipherPair(toInitiator, toResponder);
  }

  /** The keys behind {@link #transport}: towards the responder, towards the initiator. */
  byte[][] transportKeys() {
    return derive(NOTHING);
  }

  /**
   * What encrypts a connection.
   *
   * @param out for what this end sends
   * @param in for what it receives
   */
  record CipherPair(NoiseCipher out, NoiseCipher in) {}

  private void mixSecret(Token token) {
    byte[] shared =
        switch (token) {
          case EE -> agree(ephemeralSecret, known(remoteEphemeral));
          case ES ->
              initiator
                  ? agree(ephemeralSecret, known(remoteStatic))
                  : agree(staticSecret, known(remoteEphemeral));
          case SE ->
              initiator
                  ? agree(staticSecret, known(remoteEphemeral))
                  : agree(ephemeralSecret, known(remoteStatic));
          case E, S -> throw new IllegalStateException("no secret in " + token);
        };
    byte[][] keys = derive(shared);
    chainingKey = keys[0];
    cipher = new NoiseCipher(keys[1]);
  }

  private static byte[] agree(byte[] secret, byte[] remote) {
    byte[] shared = new byte[KEY];
    if (!X25519.calculateAgreement(secret, 0, remote, 0, shared, 0)) {
      throw new ProtocolException("HANDSHAKE_INVALID", "noise key of small order");
    }
    return shared;
  }

  private byte[] encryptAndHash(byte[] plain) {
    byte[] sealed = cipher == null ? plain : cipher.seal(hash, plain);
    mixHash(sealed);
    return sealed;
  }

  private byte[] decryptAndHash(byte[] sealed) {
    byte[] plain = cipher == null ? sealed : cipher.open(hash, sealed);
    mixHash(sealed);
    return plain;
  }

  private void mixHash(byte[] data) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(hash);
      hash = sha256.digest(data);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has SHA-256", missing);
    }
  }

  /** HKDF with two outputs, as Noise spells it. */
  private byte[][] derive(byte[] input) {
    byte[] temporary = hmac(chainingKey, input);
    byte[] first = hmac(temporary, new byte[] {1});
    byte[] again = Arrays.copyOf(first, first.length + 1);
    again[first.length] = 2;
    return new byte[][] {first, hmac(temporary, again)};
  }

  private static byte[] hmac(byte[] key, byte[] data) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(data);
    } catch (InvalidKeyException | NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has HMAC-SHA256", missing);
    }
  }

  private static byte[] take(byte[] in, int at, int length) {
    if (in.length - at < length) {
      throw new ProtocolException(
          "DECODE_TRUNCATED", "noise message of " + in.length + " bytes is too short");
    }
    return Arrays.copyOfRange(in, at, at + length);
  }

  private static byte[] known(byte @Nullable [] key) {
    if (key == null) {
      throw new IllegalStateException("the peer's key has not come yet");
    }
    return key;
  }
}
